//! What a request must look like before anything else is checked.
//!
//! pingora has already refused what it considers malformed. These are the things that it accepts
//! and that two servers in a row could read differently (each was tried on pingora 0.9.1).

use http::{HeaderMap, HeaderValue, Method, Version, header};
use pingora::protocols::http::ServerSession;

use super::host_syntax::is_host;
use super::{absolute_form, request_head};
use crate::judge::{Fault, is_token};

/// The most header lines of a request, as pingora limits HTTP/1. Backends accept no more than some
/// limit, and Node silently drops those above 2,000: the last ones are the proxy's.
const MAX_HEADER_LINES: usize = 256;

/// The most options of `Connection`, including empty ones: many times what anybody sends, and too
/// few to cost much work.
const MAX_CONNECTION_OPTIONS: usize = 100;

/// Refuses an HTTP/1 header, before pingora parses it, whose target other servers would end
/// elsewhere: pingora percent-encodes a space, tab or control byte in it, and cuts a fragment off.
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

/// Whether a raw header has a line that can mean that the body is chunked. Malformed lines are
/// refused later.
pub(in crate::proxy) fn may_be_chunked(header: &[u8]) -> bool {
    let mut lines = header.split(|byte| *byte == b'\n');
    lines.any(|line| has_name(line, b"transfer-encoding"))
}

/// Refuses requests that a backend could read differently.
pub(in crate::proxy) fn check(session: &mut ServerSession) -> Result<(), Fault> {
    // An offer to switch protocols may be ignored (RFC 9110, section 7.8), and every one is: nobody
    // behind this, pingora included, learns of it. A client that made one waits for 101 before it
    // switches, which no answer here is.
    if session.req_header().headers.contains_key(header::UPGRADE) {
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
        // A server that reads less of it than we do would take it for another host.
        Some(host) if !is_host(host.as_bytes()) => return Err(Fault::RequestMalformed),
        _ => {}
    }
    if let Some(authority) = request.uri.authority()
        && !is_host(authority.as_str().as_bytes())
    {
        return Err(Fault::RequestMalformed);
    }
    if request.method == Method::CONNECT {
        return Err(Fault::UpgradeRefused);
    }
    if http1.is_some() {
        return absolute_form::to_origin_form(session.req_header_mut());
    }
    if !request_head::target(request).starts_with(b"/") {
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

/// Checks what the parser no longer shows.
fn check_raw(raw: &[u8], headers: &HeaderMap) -> Result<(), Fault> {
    let mut lines = raw.split(|byte| *byte == b'\n');
    // Nothing follows the last line feed.
    lines.next_back();
    for line in lines {
        if !line.ends_with(b"\r") {
            return Err(Fault::RequestMalformed);
        }
        // If there is a Transfer-Encoding, the parser has dropped Content-Length.
        if headers.contains_key(header::TRANSFER_ENCODING) && has_name(line, b"content-length") {
            return Err(Fault::LengthAmbiguous);
        }
    }
    Ok(())
}

/// Whether a line is a header of this name, well-formed or not: nothing that belongs to a name
/// follows.
fn has_name(line: &[u8], name: &[u8]) -> bool {
    let Some((start, rest)) = line.split_at_checked(name.len()) else {
        return false;
    };
    start.eq_ignore_ascii_case(name) && !rest.first().copied().is_some_and(is_token)
}

fn check_transfer(headers: &HeaderMap, version: Version) -> Result<(), Fault> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    if let Some(length) = lengths.next() {
        // pingora merges equal ones, including `5, 5`.
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
