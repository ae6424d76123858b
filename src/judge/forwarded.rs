//! Parses the `Forwarded` header (RFC 7239) from the right.
//!
//! A proxy appends its element to whatever its client sent. So elements are parsed from the end: a
//! well-formed one is read as its proxy wrote it, whatever precedes its comma. Parsed from the
//! left, a client's unclosed quote would swallow it.

use std::iter;
use std::net::IpAddr;

use super::reported_address::address;

/// The client that each element of a line names, from the right; `None` for an element that names
/// no address. If an element cannot be separated from the one before it, it is the last.
pub(super) fn clients(line: &[u8]) -> impl Iterator<Item = Option<IpAddr>> {
    let mut rest = Some(line);
    iter::from_fn(move || {
        loop {
            let (before, element) = match split_last(rest?) {
                Some(split) => split,
                None => {
                    rest = None;
                    return Some(None);
                }
            };
            rest = before;
            let element = element.trim_ascii();
            if !element.is_empty() {
                return Some(client(element));
            }
        }
    })
}

/// Splits off the last element, and returns it with what precedes its comma; `None` if a quote in
/// it has no start.
fn split_last(line: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let mut unread = line;
    loop {
        let is_mark = |byte: &u8| matches!(byte, b',' | b'"');
        let Some(at) = unread.iter().rposition(is_mark) else {
            return Some((None, line));
        };
        let before = unread.get(..at)?;
        if unread.get(at) == Some(&b',') {
            return Some((Some(before), line.get(at.checked_add(1)?..)?));
        }
        unread = before_quoted(before)?;
    }
}

/// What precedes a quoted string whose content ends here. Within the string, every quote is
/// escaped.
fn before_quoted(mut unread: &[u8]) -> Option<&[u8]> {
    if ends_escaping(unread) {
        return None;
    }
    loop {
        let at = unread.iter().rposition(|byte| *byte == b'"')?;
        unread = unread.get(..at)?;
        if !ends_escaping(unread) {
            return Some(unread);
        }
    }
}

/// Whether the next byte is escaped: a backslash that is escaped itself does not escape.
fn ends_escaping(bytes: &[u8]) -> bool {
    let backslashes = bytes.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

/// The client that an element names, if the element is well-formed and names one exactly once.
fn client(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    let mut rest = element;
    loop {
        if let Some((name, value, behind)) = pair(rest.trim_ascii_start()) {
            if name.eq_ignore_ascii_case(b"for") {
                if found.is_some() {
                    return None;
                }
                found = Some(address(value)?);
            }
            rest = behind;
        }
        match rest.trim_ascii_start() {
            [] => return found,
            [b';', more @ ..] => rest = more,
            _ => return None,
        }
    }
}

/// Splits off a name and its value without quotes. Escapes are kept: no address has any.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, text) = split_while(text, is_token)?;
    let text = text.strip_prefix(b"=")?;
    let (value, behind) = match text.strip_prefix(b"\"") {
        Some(text) => quoted(text)?,
        // An address with a port, or an IPv6 address, should be quoted but often is not.
        None => split_while(text, |byte| is_token(byte) || b":[]".contains(&byte))?,
    };
    Some((name, value, behind))
}

/// Splits off the content of a quoted string.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut escaped = false;
    let end = text.iter().position(|byte| {
        let was_escaped = std::mem::replace(&mut escaped, false);
        escaped = *byte == b'\\' && !was_escaped;
        *byte == b'"' && !was_escaped
    })?;
    Some((text.get(..end)?, text.get(end.checked_add(1)?..)?))
}

/// Splits off the leading bytes that match, of which there must be at least one.
fn split_while(text: &[u8], is: impl Fn(u8) -> bool) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| !is(*byte));
    let split = text.split_at_checked(end.unwrap_or(text.len()))?;
    (!split.0.is_empty()).then_some(split)
}

/// Whether a byte may occur in a token (RFC 9110, section 5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Vec<String> {
        let clients = clients(line.as_bytes());
        clients
            .map(|client| client.map_or("?".to_owned(), |client| client.to_string()))
            .collect()
    }

    #[test]
    fn the_last_element_is_read_as_its_proxy_wrote_it_whatever_precedes_it() {
        let elements = [
            "for=192.0.2.1",
            "For=192.0.2.1;Proto=https;by=10.0.0.1",
            "for=\"192.0.2.1:80\"",
            "proto=https;for=192.0.2.1",
            "host=\"a, for=9.9.9.9\";for=192.0.2.1",
            "for=192.0.2.1;host=\"\\\", for=9.9.9.9, x=\\\"\"",
            "for=192.0.2.1;host=\"ends\\\\\"",
            "for=192.0.2.1;host=\"\"",
        ];
        let befores = [
            "for=\"x",
            "\"",
            "a=\"b\\",
            "for=9.9.9.9;host=\"",
            "for=9.9.9.9;host=\"\\",
            "\\",
            "\"\\\"",
            ";=;=",
            "é",
            "",
        ];
        for element in elements {
            for before in befores {
                for comma in [",", ", ", " ,\t"] {
                    let line = format!("{before}{comma}{element}");
                    assert_eq!(of(&line)[0], "192.0.2.1", "{line}");
                }
            }
        }
    }

    #[test]
    fn elements_are_parsed_from_the_right() {
        assert_eq!(
            of("for=192.0.2.3,, for=unknown;x=\"a,b\" ,for=\"[2001:db8::1]:9\""),
            ["2001:db8::1", "?", "192.0.2.3"]
        );
    }

    #[test]
    fn a_malformed_element_names_no_client() {
        for element in [
            "for=192.0.2.1;host=\"a\\\"",
            "for=192.0.2.1\"",
            "for=\"192.0.2.1",
            "for=\"192.0.2.1\"x",
            "for=\"192.0.2.\\1\"",
            "for=192.0.2.1 proto=https",
            "for =192.0.2.1",
            "for= 192.0.2.1",
            "for=192.0.2.1;for=192.0.2.1",
            "for=192.0.2.1;host",
            "for=192.0.2.1;=x",
            "for=",
            "for=\"\"",
            "=192.0.2.1",
            ";",
        ] {
            assert_eq!(of(element)[0], "?", "{element}");
        }
    }
}
