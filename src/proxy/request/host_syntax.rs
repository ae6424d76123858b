//! What a Host may be.

use crate::config::backend::MAX_HOST;

/// Whether it is a host name or address with or without a port. It may be empty, and may contain
/// underscores, which machine names have; real names use nothing else that RFC 3986 allows.
pub(super) fn is_host(host: &[u8]) -> bool {
    let is_v6 = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let rest = match host.strip_prefix(b"[") {
        Some(address) => match address.iter().position(|byte| !is_v6(byte)) {
            Some(end) if end > 0 => address.get(end..).unwrap_or_default().strip_prefix(b"]"),
            _ => None,
        },
        None => {
            let end = host
                .iter()
                .position(|byte| *byte == b':')
                .unwrap_or(host.len());
            let (name, rest) = host.split_at(end);
            (name.len() <= MAX_HOST && name.iter().all(is_name)).then_some(rest)
        }
    };
    match rest {
        Some([]) => true,
        Some([b':', port @ ..]) => port.len() <= 5 && port.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for host in [
            "",
            "a",
            "a.example",
            "A.example.",
            "a_b-c.example:8080",
            "a:",
            "127.0.0.1:80",
            "[::1]",
            "[::ffff:1.2.3.4]:443",
            "xn--bcher-kva.example",
            &"a".repeat(MAX_HOST),
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in [
            "a.example/x",
            "a.example, b",
            "a.example,b",
            "a.example b",
            "a@b",
            "a.example:x",
            "a:1:2",
            "a?b",
            "a#b",
            "a\\b",
            "a%2eb",
            "::1",
            "[]",
            "[::1",
            "[::1]x",
            "[a.example]",
            "a\u{e9}",
            "[::1%25lo]",
            "a:000080",
            &".".repeat(MAX_HOST + 1),
        ] {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
    }
}
