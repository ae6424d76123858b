//! Header names as the least careful backend reads them.

use http::{HeaderMap, HeaderName};

use super::reason::{At, Reason, Rejection};

/// A byte of a header name as such a backend sees it: case never matters; CGI and WSGI turn `-`
/// into `_`; PHP also turns `.` into `_`; old Apache every byte that is not a letter or digit.
#[must_use]
pub const fn folded(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() {
        byte.to_ascii_lowercase()
    } else {
        b'-'
    }
}

/// Whether such a backend takes two names for the same.
#[must_use]
pub fn is_same_header(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().map(folded).eq(b.bytes().map(folded))
}

/// Refuses a header that such a backend takes for one that the verification read: it could read
/// another signature, timestamp or value than was verified. `even_alone`: also where the one that is
/// read is missing, because the scheme may do without it.
pub(super) fn check<'h, I: Iterator<Item = &'h HeaderName>>(
    read: impl Fn() -> I,
    headers: &HeaderMap,
    even_alone: bool,
) -> Result<(), Rejection> {
    for header in headers.keys() {
        let is_beside = |read: &HeaderName| {
            read != header
                && is_same_header(read.as_str(), header.as_str())
                && (even_alone || headers.contains_key(read))
        };
        if read().any(is_beside) {
            return Err(Rejection::at(
                Reason::HeaderRepeated,
                At::Header(header.clone()),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_some_backend_confuses_are_the_same_spelling() {
        for other in ["v-api-key", "V_API_KEY", "v.api-key", "V!Api~Key"] {
            assert!(is_same_header("V-Api-Key", other), "{other}");
        }
        for other in ["v-api-keys", "vapikey", "v-api-kex", "v-api-"] {
            assert!(!is_same_header("V-Api-Key", other), "{other}");
        }
    }
}
