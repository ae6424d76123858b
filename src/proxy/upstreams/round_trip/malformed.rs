//! Finding the malformed line of an answer's header.

use http::header::CONTENT_LENGTH;
use pingora::Error;
use pingora::protocols::http::v1::client::HttpSession as Http1;

use super::expects_tls;

/// The most lines that pingora accepts.
pub(in crate::proxy) const MAX_LINES: usize = 256;

/// The most of a line that is quoted, in bytes.
const QUOTED: usize = 80;

/// A parser that accepts what pingora's does.
pub(in crate::proxy) fn parser() -> httparse::ParserConfig {
    let mut parser = httparse::ParserConfig::default();
    parser.allow_spaces_after_header_name_in_responses(true);
    parser.allow_obsolete_multiline_headers_in_responses(true);
    parser
}

/// Where an answer's header is malformed, and how. It quotes that line only, because the others may
/// contain what must not be logged.
pub(in crate::proxy) fn place(error: &Error, session: &Http1) -> String {
    let context = error
        .context
        .as_ref()
        .map_or("", |context| context.as_str());
    if let Some(escaped) = context.strip_prefix("buf: ") {
        let header = unescaped(escaped);
        if expects_tls::is_alert(&header) {
            return format!("a TLS alert, so {}", expects_tls::WORDS);
        }
        return line(&header);
    }
    let is_length = context.contains("Content-Length");
    let header = session.resp_header().filter(|_| is_length);
    let lengths = header
        .into_iter()
        .flat_map(|header| header.headers.get_all(CONTENT_LENGTH));
    let lengths: Vec<String> = lengths.map(|length| quoted(length.as_bytes())).collect();
    if lengths.is_empty() {
        // Lengths and names of limits.
        quoted(context.as_bytes())
    } else {
        format!("Content-Length {}", lengths.join(", "))
    }
}

/// The first line that no parser could accept as part of a header.
fn line(header: &[u8]) -> String {
    let ends = header
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(at, _)| at.saturating_add(1));
    let ends: Vec<usize> = ends.collect();
    // What is malformed stays malformed with more lines after it.
    let good =
        ends.partition_point(|end| problem(header.get(..*end).unwrap_or_default()).is_none());
    let from = good.checked_sub(1).and_then(|last| ends.get(last)).copied();
    let rest = header.get(from.unwrap_or(0)..).unwrap_or_default();
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let problem = problem(header).map_or_else(String::new, |problem| format!(": {problem}"));
    format!("line {}, {}{problem}", good.saturating_add(1), quoted(line))
}

fn problem(header: &[u8]) -> Option<httparse::Error> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut answer = httparse::Response::new(&mut lines);
    parser().parse_response(&mut answer, header).err()
}

/// Bytes in quotation marks, escaped for a log line and truncated.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let short = bytes.get(..QUOTED).unwrap_or(bytes);
    let more = if short.len() < bytes.len() { "..." } else { "" };
    format!("\"{}\"{more}", short.escape_ascii())
}

/// Undoes [`slice::escape_ascii`].
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b'n') => bytes.push(b'\n'),
            Some(b'x') => {
                let digits = [rest.next(), rest.next()].map(Option::unwrap_or_default);
                let digits = std::str::from_utf8(&digits).ok();
                bytes.extend(digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()));
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_is_reversible() {
        let all: Vec<u8> = (0..=255).chain(*b"\\n\\x41").collect();
        assert_eq!(unescaped(&all.escape_ascii().to_string()), all);
    }

    #[test]
    fn the_line_is_found_and_quoted() {
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(300));
        let long = format!(
            "HTTP/1.1 200 OK\r\nSet-Cookie: secret\r\n{}\r\n",
            "x".repeat(200)
        );
        for (header, expected) in [
            (
                "GARBAGE\r\n\r\n",
                "line 1, \"GARBAGE\": invalid HTTP version",
            ),
            (
                "HTTP/1.1 200 OK\r\nSet-Cookie: secret\r\nWarning no colon\r\nA: b\r\n\r\n",
                "line 3, \"Warning no colon\": invalid header name",
            ),
            (
                "HTTP/1.1 200 OK\nA: b\nX\u{e9}: c\n\n",
                "line 3, \"X\\xc3\\xa9: c\": invalid header name",
            ),
            (
                "HTTP/1.1 200 OK\r\nA: b\u{1}c\r\n",
                "line 2, \"A: b\\x01c\": invalid header value",
            ),
            (
                "HTTP/1.1 200 OK\r\n: empty",
                "line 2, \": empty\": invalid header name",
            ),
            (&many, "line 259, \"A: b\": too many headers"),
            (
                &long,
                &format!("line 3, \"{}\"...: invalid header name", "x".repeat(80)),
            ),
        ] {
            assert_eq!(line(header.as_bytes()), expected, "{header:?}");
        }
    }
}
