//! A strict decoder of chunked bodies (RFC 9112, section 7.1), which shares nothing with the proxy's.

/// What comes of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// It ends behind so many bytes.
    Whole { body: Vec<u8>, length: usize },
    /// So far it is one.
    Unfinished { last_chunk_seen: bool },
    /// A line of a size is malformed.
    BadLine,
    /// The line end behind a chunk's data is none.
    BadData,
}

pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let mut body = Vec::new();
    let mut rest = bytes;
    loop {
        let Some(feed) = rest.iter().position(|byte| *byte == b'\n') else {
            return if begins_line(rest) {
                Decoded::Unfinished {
                    last_chunk_seen: false,
                }
            } else {
                Decoded::BadLine
            };
        };
        let Some(size) = rest[..feed].strip_suffix(b"\r").and_then(size) else {
            return Decoded::BadLine;
        };
        if size == 0 {
            // The trailer ends with the first line that is empty: that of the last chunk, with its end,
            // may stand right in front of it.
            let trailer = &rest[feed - 1..];
            return match trailer.windows(4).position(|end| end == b"\r\n\r\n") {
                Some(at) => Decoded::Whole {
                    body,
                    length: bytes.len() - trailer.len() + at + 4,
                },
                None => Decoded::Unfinished {
                    last_chunk_seen: true,
                },
            };
        }
        rest = &rest[feed + 1..];
        let here = usize::try_from(size).map_or(rest.len(), |size| size.min(rest.len()));
        body.extend_from_slice(&rest[..here]);
        rest = &rest[here..];
        if (here as u64) < size || rest.len() < 2 {
            return match rest {
                [] | [b'\r'] => Decoded::Unfinished {
                    last_chunk_seen: false,
                },
                _ => Decoded::BadData,
            };
        }
        match rest.strip_prefix(b"\r\n") {
            Some(next) => rest = next,
            None => return Decoded::BadData,
        }
    }
}

/// The size that a line says, without its end.
fn size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let digits = digits.count();
    let (digits, extension) = line.split_at(digits);
    let has_end = matches!(extension, [] | [b' ' | b'\t' | b';', ..]);
    let is_text = |byte: &u8| *byte == b'\t' || !byte.is_ascii_control();
    if !has_end || !extension.iter().all(is_text) || digits.len() > 16 {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Whether a line of a size may begin so.
fn begins_line(line: &[u8]) -> bool {
    match line.strip_suffix(b"\r") {
        Some(line) => size(line).is_some(),
        None => line.is_empty() || size(line).is_some(),
    }
}
