//! Percent-encoding.

use super::{Filter, ParameterKind, Run, needs, takes};
use crate::hex::decode_hex;
use crate::hex::hex_digits;
use crate::language::value_fault::ValueFault;

pub(super) const FILTERS: &[Filter] = &[
    Filter {
        name: "urlencode",
        parameters: &[needs("STYLE", ParameterKind::Word(&["form", "rfc3986"]))],
        run: Run::Encode(|bytes, given, out| {
            let is_form = given.first() == "form";
            for &byte in bytes {
                match byte {
                    b' ' if is_form => out.put(b"+"),
                    b'~' if is_form => out.put(b"%7E"),
                    b'-' | b'.' | b'_' | b'~' => out.put(&[byte]),
                    plain if plain.is_ascii_alphanumeric() => out.put(&[plain]),
                    other => {
                        out.put(b"%");
                        out.put(&hex_digits(other, true));
                    }
                }
            }
        }),
        meaning: "Percent-encoded with upper-case digits: `form` as PHP's `urlencode` (a space is `+`), `rfc3986` as its `rawurlencode`.",
        examples: &[
            ("urlencode:form", "a b~é-._*", Some("a+b%7E%C3%A9-._%2A")),
            ("urlencode:rfc3986", "a b~é-._*", Some("a%20b~%C3%A9-._%2A")),
        ],
    },
    Filter {
        name: "urldecode",
        parameters: &[takes("CHARACTERS", ParameterKind::Text)],
        run: Run::Text(|text, given| {
            if !text.contains('%') {
                return Ok(text.into());
            }
            decoded(text, given.text(0)).map(Into::into)
        }),
        meaning: "Percent codes decoded; with an argument, only those of these ASCII characters. `+` stays.",
        examples: &[
            ("urldecode", "a%2Fb%c3%a9+", Some("a/bé+")),
            ("urldecode", "a%2", None),
            ("urldecode", "%ff", None),
            ("urldecode:'/:'", "a%2Fb%20%3a", Some("a/b%20:")),
        ],
    },
];

fn decoded(text: &str, only: Option<&str>) -> Result<String, ValueFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, code)) = rest.split_once('%') {
        bytes.extend_from_slice(plain.as_bytes());
        let (digits, after) = code.split_at_checked(2).ok_or(ValueFault::Malformed)?;
        let byte = decode_hex(digits).ok_or(ValueFault::Malformed)?;
        let stays =
            only.is_some_and(|only| !byte.iter().any(|byte| only.as_bytes().contains(byte)));
        if stays {
            bytes.push(b'%');
            bytes.extend_from_slice(digits.as_bytes());
        } else {
            bytes.extend_from_slice(&byte);
        }
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| ValueFault::Malformed)
}
