//! Forms, and percent codes, as other programs would write them.

/// A text with its percent codes decoded; plus signs are spaces if `plus` says so. `None` if nothing changes.
pub(super) fn decoded(text: &[u8], plus: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (first, behind) {
            (b'%', [high, low, behind @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push((high << 4) | low);
                    rest = behind;
                }
                _ => out.push(b'%'),
            },
            (b'+', _) if plus => out.push(b' '),
            (other, _) => out.push(*other),
        }
    }
    (out != text).then_some(out)
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// Which characters a program leaves as they are.
#[derive(Clone, Copy)]
pub(super) struct FormStyle {
    pub(super) name: &'static str,
    kept: &'static [u8],
    space: &'static [u8],
    upper: bool,
}

/// `application/x-www-form-urlencoded` as the URL standard writes it, then as RFC 3986 does, and others.
pub(super) const FORM_STYLES: &[FormStyle] = &[
    FormStyle {
        name: "with plus signs for spaces",
        kept: b"*-._",
        space: b"+",
        upper: true,
    },
    FormStyle {
        name: "with `%20` for spaces",
        kept: b"-._~",
        space: b"%20",
        upper: true,
    },
    FormStyle {
        name: "with plus signs for spaces, and tildes as they are",
        kept: b"-._~",
        space: b"+",
        upper: true,
    },
    FormStyle {
        name: "as JavaScript's `encodeURIComponent` writes it",
        kept: b"-._~!*'()",
        space: b"%20",
        upper: true,
    },
    FormStyle {
        name: "with plus signs for spaces, and digits in lower case",
        kept: b"*-._",
        space: b"+",
        upper: false,
    },
    FormStyle {
        name: "with `%20` for spaces, and digits in lower case",
        kept: b"-._~",
        space: b"%20",
        upper: false,
    },
];

impl FormStyle {
    pub(super) fn encoded(self, text: &[u8], also_kept: &[u8]) -> Vec<u8> {
        const UPPER: &[u8; 16] = b"0123456789ABCDEF";
        const LOWER: &[u8; 16] = b"0123456789abcdef";
        let digits = if self.upper { UPPER } else { LOWER };
        let digit = |four: u8| digits.get(usize::from(four)).copied().unwrap_or(b'0');
        let mut out = Vec::with_capacity(text.len());
        for byte in text {
            let is_kept = byte.is_ascii_alphanumeric()
                || self.kept.contains(byte)
                || also_kept.contains(byte);
            match byte {
                _ if is_kept => out.push(*byte),
                b' ' => out.extend_from_slice(self.space),
                _ => out.extend([b'%', digit(byte >> 4), digit(byte & 15)]),
            }
        }
        out
    }

    /// A form of these pairs.
    pub(super) fn form(self, pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let pairs = pairs.iter().map(|(name, value)| {
            [
                &self.encoded(name, b"")[..],
                b"=",
                &self.encoded(value, b""),
            ]
            .concat()
        });
        let pairs: Vec<_> = pairs.collect();
        pairs.join(&b'&')
    }
}

/// The pairs of a form or a query, decoded. `None` if it is none.
pub(super) fn pairs(form: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let parts = form.split(|byte| *byte == b'&');
    let pairs = parts.map(|part| {
        let at = part.iter().position(|byte| *byte == b'=')?;
        let (name, value) = part.split_at_checked(at)?;
        let plain = |text: &[u8]| decoded(text, true).unwrap_or_else(|| text.to_vec());
        Some((plain(name), plain(value.get(1..)?)))
    });
    let pairs: Option<Vec<_>> = pairs.collect();
    pairs.filter(|pairs| pairs.iter().all(|(name, _)| !name.is_empty()))
}
