//! Header names as the least careful backend reads them.

use http::{HeaderMap, HeaderName};

use super::reason::{At, Reason, Rejection};
use super::verified::Policy;

/// A byte of a header's name as such a backend sees it: case never counts; CGI and WSGI turn `-` into `_`,
/// PHP `.` too, old Apache everything that is no letter or digit.
#[must_use]
pub const fn folded(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() {
        byte.to_ascii_lowercase()
    } else {
        b'-'
    }
}

/// Whether two names are one to such a backend.
#[must_use]
pub fn is_same_header(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().map(folded).eq(b.bytes().map(folded))
}

/// Refuses a header that such a backend takes for one that was read here, beside that one: it could read
/// another signature, time or value than was verified.
pub(super) fn check(policy: &Policy, headers: &HeaderMap) -> Result<(), Rejection> {
    for header in headers.keys() {
        let is_beside = |read: &HeaderName| {
            read != header
                && is_same_header(read.as_str(), header.as_str())
                && headers.contains_key(read)
        };
        if policy.headers().any(is_beside) {
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
    fn spellings_of_a_name() {
        for other in ["v-api-key", "V_API_KEY", "v.api-key", "V!Api~Key"] {
            assert!(is_same_header("V-Api-Key", other), "{other}");
        }
        for other in ["v-api-keys", "vapikey", "v-api-kex", "v-api-"] {
            assert!(!is_same_header("V-Api-Key", other), "{other}");
        }
    }
}
