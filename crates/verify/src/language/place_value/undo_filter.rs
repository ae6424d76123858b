//! What a filter was applied to, if this came of it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::place_error::PlaceError;
use crate::hex::hex_digits;

/// What gives this value behind the filter; `None` if nothing says that. `old` is what stands there: what the
/// filter reads of it is replaced, and the rest of it stays.
pub(super) fn undo(
    filter: &str,
    argument: &str,
    value: &[u8],
    old: impl FnOnce() -> Result<String, PlaceError>,
) -> Result<Option<Vec<u8>>, PlaceError> {
    let joined = |before: &str, after: &str| [before.as_bytes(), value, after.as_bytes()].concat();
    Ok(Some(match filter {
        "unhex" => hex(value),
        "unbase64" => STANDARD.encode(value).into_bytes(),
        "unbase64url" => URL_SAFE_NO_PAD.encode(value).into_bytes(),
        // They read the value as it is. Where one would change it, the finished request does not verify.
        "text" | "trim" | "max" | "nonempty" | "default" | "split" | "words" | "lower"
        | "upper" => value.to_vec(),
        "urldecode" => percent_encoded(value),
        "prefix" | "prefix?" => joined(argument, ""),
        "before" => {
            let old = old()?;
            let rest = old.split_once(argument).map_or("", |(_, rest)| rest);
            joined("", &format!("{argument}{rest}"))
        }
        "after" => {
            let old = old()?;
            let start = old.split_once(argument).map_or("", |(start, _)| start);
            joined(&format!("{start}{argument}"), "")
        }
        "after-last" => {
            let old = old()?;
            let start = old.rsplit_once(argument).map_or("", |(start, _)| start);
            joined(&format!("{start}{argument}"), "")
        }
        _ => return Ok(None),
    }))
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|byte| hex_digits(*byte, false))
        .collect()
}

/// With percent codes for all but letters, digits and `-._~` (RFC 3986, section 2.3): every reader decodes them.
pub(super) fn percent_encoded(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.push(b'%');
            encoded.extend(hex_digits(*byte, true));
        }
    }
    encoded
}
