//! Targets in absolute form, which a server must accept (RFC 9112, section 3.2.2).

use bytes::Bytes;
use http::{Method, Version, header};
use pingora::http::RequestHeader;
use pingora::protocols::http::authority::{RawTargetAuthority, raw_target_authority};

use super::host_syntax::is_host;
use super::request_head;
use crate::judge::Fault;

/// Puts a target of HTTP/1 in absolute form into origin form, in which it is routed, verified,
/// logged and forwarded. Its authority must be the Host, byte for byte: two servers that prefer
/// different ones of them would otherwise see two hosts.
///
/// What is authority and what is path is said by the function with which pingora has compared the
/// authority, so the two cannot disagree.
pub(super) fn to_origin_form(request: &mut RequestHeader) -> Result<(), Fault> {
    let target = request_head::target(request);
    if target.starts_with(b"/") {
        return Ok(());
    }
    let RawTargetAuthority::Absolute {
        scheme,
        authority,
        path_and_query,
    } = raw_target_authority(target)
    else {
        return Err(Fault::TargetForm);
    };
    let mut known = [b"http".as_slice(), b"https"].into_iter();
    if !known.any(|known| known.eq_ignore_ascii_case(scheme)) {
        return Err(Fault::TargetForm);
    }
    if authority.is_empty() || !is_host(authority) {
        return Err(Fault::RequestMalformed);
    }
    let origin = match path_and_query {
        // For OPTIONS, this is the form of `*`.
        [] if request.method == Method::OPTIONS => return Err(Fault::TargetForm),
        [b'/', ..] => Bytes::copy_from_slice(path_and_query),
        _ => Bytes::from([b"/", path_and_query].concat()),
    };
    match request.headers.get(header::HOST) {
        Some(host) if host.as_bytes() == authority => {}
        // It was checked that HTTP/1.1 has one.
        None if request.version == Version::HTTP_10 => {
            let host = authority.to_vec();
            let added = request.insert_header(header::HOST, host);
            added.map_err(|_| Fault::RequestMalformed)?;
        }
        _ => return Err(Fault::RequestMalformed),
    }
    request_head::set_target(request, origin);
    Ok(())
}
