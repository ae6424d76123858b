//! What a request must be like before anything else is looked at.
//!
//! pingora has already refused what it finds malformed. These are the things it lets through and
//! that two servers in a row could understand differently (each was tried on pingora 0.9.1).

use http::{HeaderMap, HeaderValue, Method, Version, header};
use pingora::http::RequestHeader;
use pingora::protocols::http::ServerSession;

use crate::config::backend::MAX_HOST;
use crate::judge::Fault;

/// The most header lines that a request may have, as pingora limits HTTP/1. Backends take no more than
/// so many, and Node drops those above 2,000 without a word: the last ones are the proxy's.
const MAX_HEADER_LINES: usize = 256;

/// The most options that `Connection` may have, empty ones included: many times what anybody sends, and too
/// few to make work of.
const MAX_CONNECTION_OPTIONS: usize = 100;

/// Refuses an HTTP/1 header, before pingora reads it, whose target others would end elsewhere:
/// pingora encodes a space, tab or control byte in it, and cuts a fragment off.
pub(in crate::proxy) fn check_request_line(header: &[u8]) -> Result<(), Fault> {
    let line = header.split(|byte| *byte == b'\n').next();
    let line = line.unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let spaces = line.iter().filter(|byte| **byte == b' ').count();
    let odd = |byte: &u8| byte.is_ascii_control() || *byte == b'#';
    if spaces != 2 || line.iter().any(odd) {
        return Err(Fault::RequestMalformed);
    }
    Ok(())
}

/// Whether a raw header has a line that can say that the body is chunked. Lines that are none are
/// refused later.
pub(in crate::proxy) fn may_be_chunked(header: &[u8]) -> bool {
    let mut lines = header.split(|byte| *byte == b'\n');
    lines.any(|line| begins_with(line, b"transfer-encoding"))
}

/// Refuses requests that a backend could read differently.
pub(in crate::proxy) fn check(session: &mut ServerSession) -> Result<(), Fault> {
    if offers_h2c(session.req_header()) {
        session.req_header_mut().remove_header(&header::UPGRADE);
    }

    let request = session.req_header();
    let http1 = session.as_http1();
    if let Some(http1) = http1 {
        check_raw(&http1.get_headers_raw_bytes(), &request.headers)?;
    }
    check_transfer(&request.headers, request.version)?;
    let headers = &request.headers;
    if headers.len() > MAX_HEADER_LINES || connection_options(headers) > MAX_CONNECTION_OPTIONS {
        return Err(Fault::RequestMalformed);
    }
    // HTTP/2 has `:authority`, which pingora has checked.
    match headers.get(header::HOST) {
        None if request.version == Version::HTTP_11 => return Err(Fault::HostMissing),
        // A server that reads less of it than we do would take it for another host's.
        Some(host) if !is_host(host.as_bytes()) => return Err(Fault::RequestMalformed),
        _ => {}
    }
    if let Some(authority) = request.uri.authority()
        && !is_host(authority.as_str().as_bytes())
    {
        return Err(Fault::RequestMalformed);
    }
    if request.method == Method::CONNECT || headers.contains_key(header::UPGRADE) {
        return Err(Fault::UpgradeRefused);
    }
    if !request.raw_path().starts_with(b"/") {
        return Err(Fault::TargetForm);
    }
    Ok(())
}

fn connection_options(headers: &HeaderMap) -> usize {
    let lines = headers.get_all(header::CONNECTION).iter();
    let commas = |line: &HeaderValue| line.as_bytes().iter().filter(|byte| **byte == b',').count();
    lines.fold(0, |options: usize, line| {
        options.saturating_add(commas(line)).saturating_add(1)
    })
}

/// Whether HTTP/2 is offered in place of HTTP/1.1, and nothing else. Java's client does that on each new
/// connection in clear text, and goes on as before with who takes no notice (RFC 9110, section 7.8).
fn offers_h2c(request: &RequestHeader) -> bool {
    let mut offers = request.headers.get_all(header::UPGRADE).iter();
    let (first, second) = (offers.next(), offers.next());
    let is_h2c = first.is_some_and(|offer| offer.as_bytes().eq_ignore_ascii_case(b"h2c"));
    is_h2c && second.is_none() && request.version == Version::HTTP_11
}

/// Whether it is a host name or address with or without a port. It may be empty, and may have the
/// underscores that names of machines have; nothing else that RFC 3986 allows in names is used in any.
fn is_host(host: &[u8]) -> bool {
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

/// Checks what the parser no longer shows.
fn check_raw(raw: &[u8], headers: &HeaderMap) -> Result<(), Fault> {
    let mut lines = raw.split(|byte| *byte == b'\n');
    // Behind the last line feed there is nothing.
    lines.next_back();
    for line in lines {
        if !line.ends_with(b"\r") {
            return Err(Fault::RequestMalformed);
        }
        // With Transfer-Encoding there, the parser has dropped Content-Length.
        if headers.contains_key(header::TRANSFER_ENCODING) && begins_with(line, b"content-length") {
            return Err(Fault::LengthAmbiguous);
        }
    }
    Ok(())
}

/// Whether the line begins with a name, which is in small letters.
fn begins_with(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn check_transfer(headers: &HeaderMap, version: Version) -> Result<(), Fault> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    if let Some(length) = lengths.next() {
        // pingora collapses equal ones, `5, 5` included.
        if lengths.next().is_some() || length.as_bytes().contains(&b',') {
            return Err(Fault::LengthAmbiguous);
        }
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let Some(coding) = codings.next() else {
        return Ok(());
    };
    let chunked = coding
        .as_bytes()
        .trim_ascii()
        .eq_ignore_ascii_case(b"chunked");
    if codings.next().is_some() || !chunked || version != Version::HTTP_11 {
        return Err(Fault::EncodingUnsupported);
    }
    Ok(())
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
