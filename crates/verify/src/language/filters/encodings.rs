//! Filters between bytes and text: hexadecimal, base64, UTF-8.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

use super::{Filter, ParameterKind, Run, takes};
use crate::hex::decode_hex;
use crate::hex::hex_digits;
use crate::language::value_fault::ValueFault;

pub(super) const FILTERS: &[Filter] = &[
    Filter {
        name: "unhex",
        parameters: &[],
        run: Run::Decode(|text, _| {
            let bytes = decode_hex(text).filter(|bytes| !bytes.is_empty());
            bytes.ok_or(ValueFault::Malformed)
        }),
        meaning: "The bytes that hexadecimal digits of either case stand for.",
        examples: &[
            ("unhex", "0aFf", Some("0aff")),
            ("unhex", "0", None),
            ("unhex", "", None),
        ],
    },
    Filter {
        name: "hex",
        parameters: &[],
        run: Run::Encode(|bytes, _, out| {
            for block in bytes.chunks(64) {
                let mut digits = [0; 128];
                let (pairs, _) = digits.as_chunks_mut::<2>();
                for (pair, byte) in pairs.iter_mut().zip(block) {
                    *pair = hex_digits(*byte, false);
                }
                let length = block.len().saturating_mul(2);
                out.put(digits.get(..length).unwrap_or_default());
            }
        }),
        meaning: "Lower-case hexadecimal digits; `|upper` makes them upper case.",
        examples: &[
            ("hex", "aÿ", Some("61c3bf")),
            ("hex|upper", "ÿ", Some("C3BF")),
        ],
    },
    Filter {
        name: "unbase64",
        parameters: &[takes("lenient", ParameterKind::Word(&["lenient"]))],
        run: Run::Decode(|text, given| {
            let decoded = match given.text(0) {
                None => STANDARD.decode(text),
                Some(_) => {
                    let mut text = text.replace(['\r', '\n'], "");
                    text.truncate(text.trim_end_matches('=').len());
                    while !text.len().is_multiple_of(4) {
                        text.push('=');
                    }
                    STANDARD.decode(text)
                }
            };
            decoded.map_err(|_| ValueFault::Malformed)
        }),
        meaning: "The bytes that base64 stands for, with its padding and no other character; `lenient` forgives line ends and padding that is missing.",
        examples: &[
            ("unbase64", "YWI=", Some("6162")),
            ("unbase64", "YWI", None),
            ("unbase64", "YWJ=", None),
            ("unbase64", "YW\nI=", None),
            ("unbase64:lenient", "YW\r\nI", Some("6162")),
            ("unbase64:lenient", "YW I=", None),
        ],
    },
    Filter {
        name: "base64",
        parameters: &[],
        run: Run::Encode(|bytes, _, out| {
            // A multiple of three bytes leaves no padding between blocks.
            for block in bytes.chunks(3 << 10) {
                out.put(STANDARD.encode(block).as_bytes());
            }
        }),
        meaning: "Base64 with padding.",
        examples: &[("base64", "ab", Some("YWI="))],
    },
    Filter {
        name: "unbase64url",
        parameters: &[],
        run: Run::Decode(|text, _| {
            let engine = if text.ends_with('=') {
                &URL_SAFE
            } else {
                &URL_SAFE_NO_PAD
            };
            engine.decode(text).map_err(|_| ValueFault::Malformed)
        }),
        meaning: "The bytes that base64url stands for, with or without padding.",
        examples: &[
            ("unbase64url", "-_8", Some("fbff")),
            ("unbase64url", "-_8=", Some("fbff")),
            ("unbase64url", "+/8=", None),
            ("unbase64url", "-_9", None),
        ],
    },
    Filter {
        name: "base64url",
        parameters: &[],
        run: Run::Encode(|bytes, _, out| {
            for block in bytes.chunks(3 << 10) {
                out.put(URL_SAFE_NO_PAD.encode(block).as_bytes());
            }
        }),
        meaning: "Base64url without padding.",
        examples: &[("base64url", "a?>", Some("YT8-"))],
    },
    Filter {
        name: "text",
        parameters: &[],
        run: Run::Characters,
        meaning: "The characters that the bytes are in UTF-8.",
        examples: &[
            ("unhex|text", "c3bf", Some("ÿ")),
            ("unhex|text", "ff", None),
        ],
    },
];
