//! Which headers go on, from a client to the backend and from a backend to its client.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use pingora::http::RequestHeader;

use super::headers::{HeaderFault, OurNames};
use super::steering;
use crate::config::backend::fold_header;

/// Headers with a meaning for one connection only (RFC 9110, section 7.6.1), and those that the
/// proxy answers or writes itself.
const CONNECTION_ONLY: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
    "content-length",
    "host",
];

/// The header that CGI hands to programs as `HTTP_PROXY`, which they take for their own proxy.
const HTTPOXY: &str = "proxy";

/// Digests of the body that a client may send. They are not signed, and would be wrong of a body with
/// clear text in it; a backend gets the one of the body as signed from us.
const DIGESTS: &[&str] = &["content-digest", "content-md5", "digest", "repr-digest"];

/// Copies what goes on to the backend of a client's header.
pub(super) fn copy(
    received: &RequestHeader,
    names: &OurNames,
    is_trusted: bool,
    is_edited: bool,
    request: &mut RequestHeader,
) -> Result<(), HeaderFault> {
    let named = named_in_connection(&received.headers);
    let stays = |name: &str| {
        let folded = fold_header(name);
        !(CONNECTION_ONLY.contains(&folded.as_str())
            || folded == HTTPOXY
            || names.contains(&folded)
            || named.contains(&folded)
            || steering::is_override(&folded)
            || !is_trusted && (steering::is_forwarding(&folded) || names.is_client_ip(&folded))
            || is_edited && DIGESTS.contains(&folded.as_str()))
    };
    if received.has_case() {
        for (name, value) in received.case_header_iter() {
            if std::str::from_utf8(name.as_slice()).is_ok_and(stays) {
                request.append_header(name.clone(), value.clone())?;
            }
        }
    } else {
        for (name, value) in &received.headers {
            if name != header::COOKIE && stays(name.as_str()) {
                request.append_header(HeaderName::clone(name), value.clone())?;
            }
        }
        if let Some(cookie) = one_cookie(&received.headers).filter(|_| stays("cookie")) {
            request.append_header(header::COOKIE, cookie)?;
        }
    }
    Ok(())
}

/// Takes away a header, by its folded name.
pub(super) fn remove(folded: &str, request: &mut RequestHeader) {
    let names = request.headers.keys();
    let named = names.filter(|name| fold_header(name.as_str()) == folded);
    for name in named.cloned().collect::<Vec<_>>() {
        request.remove_header(&name);
    }
}

/// HTTP/2 splits a cookie header into several; HTTP/1.1 wants it whole (RFC 9113, section 8.2.3).
fn one_cookie(headers: &HeaderMap) -> Option<HeaderValue> {
    let crumbs: Vec<&[u8]> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if crumbs.is_empty() {
        return None;
    }
    // Values that a header could hold, with such bytes between them.
    HeaderValue::from_bytes(&crumbs.join(&b"; "[..])).ok()
}

fn named_in_connection(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| std::str::from_utf8(name.trim_ascii()).ok())
        .map(fold_header)
        .collect()
}

/// The headers of a backend's answer that its client gets.
pub(super) fn is_end_to_end(name: &HeaderName, answer: &HeaderMap<HeaderValue>) -> bool {
    if *name == header::CONTENT_LENGTH {
        return true;
    }
    let name = name.as_str();
    let named = || {
        let tokens = answer.get_all(header::CONNECTION).iter();
        tokens
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .any(|token| token.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
    };
    // Of the list, what an answer may carry to the client: it asks for the client's credentials.
    (name == "proxy-authenticate" || !CONNECTION_ONLY.contains(&name)) && !named()
}
