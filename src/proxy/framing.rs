//! What a request must be like before anything else is looked at.
//!
//! pingora has already refused what it finds malformed. These are the things it lets through and
//! that two servers in a row could understand differently (each was tried on pingora 0.9.1).

use http::{HeaderMap, Method, Version, header};
use pingora::protocols::http::ServerSession;

use super::refusal::Fault;

/// Refuses requests that a backend could read differently.
pub(super) fn check(session: &ServerSession) -> Result<(), Fault> {
    let request = session.req_header();
    let http1 = session.as_http1();
    if let Some(http1) = http1 {
        check_raw(&http1.get_headers_raw_bytes(), &request.headers)?;
    }
    check_transfer(&request.headers, request.version)?;
    let headers = &request.headers;
    // HTTP/2 has `:authority`, which pingora has checked.
    match headers.get(header::HOST) {
        None if request.version == Version::HTTP_11 => return Err(Fault::HostMissing),
        // Routes would not see it, and the backend would get none.
        Some(host) if host.to_str().is_err() => return Err(Fault::RequestMalformed),
        _ => {}
    }
    if request.method == Method::CONNECT || headers.contains_key(header::UPGRADE) {
        return Err(Fault::UpgradeRefused);
    }
    if !request.raw_path().starts_with(b"/") {
        return Err(Fault::TargetForm);
    }
    Ok(())
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
        if headers.contains_key(header::TRANSFER_ENCODING) && names_content_length(line) {
            return Err(Fault::LengthAmbiguous);
        }
    }
    Ok(())
}

fn names_content_length(line: &[u8]) -> bool {
    const NAME: &[u8] = b"content-length";
    line.get(..NAME.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(NAME))
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
