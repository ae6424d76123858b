//! Which headers are forwarded: from a client to the backend, and from a backend to its client.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::head::Head;
use super::header_lines::HeaderBuilder;
use super::names::OurNames;
use crate::config::Route;
use crate::config::backend::fold_header;
use crate::config::stripped_headers::{AcceptedFrom, accepted_from};
use crate::verify::{is_content_coding, is_same_header};

/// Headers that apply to one connection only (RFC 9110, section 7.6.1), and those that the proxy
/// answers or writes itself.
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

/// CGI passes this header to programs as `HTTP_PROXY`, which they use as their outbound proxy.
const HTTPOXY: &str = "proxy";

/// Body digests from the client. They are unsigned, and would be wrong for a body that contains
/// clear text. The proxy sends the digest of the signed body instead.
const DIGESTS: &[&str] = &["content-digest", "content-md5", "digest", "repr-digest"];

/// Copies the client's headers that are forwarded to the backend.
pub(super) fn copy(
    head: Head<'_>,
    route: &Route,
    names: &OurNames,
    is_trusted: bool,
    is_edited: bool,
    to: &mut HeaderBuilder,
) {
    let options: Vec<&str> = named_in_connection(head.headers).collect();
    let stays = |name: &str| {
        let folded = fold_header(name);
        let accepted_from = accepted_from(&folded);
        let is_reported =
            accepted_from == Some(AcceptedFrom::TrustedProxies) || names.is_reported(&folded);
        // A client's Connection header must not remove what was verified, or what a proxy added.
        let can_be_named =
            !(is_reported || folded.starts_with("content-") || names.is_read(&folded));
        !(CONNECTION_ONLY.contains(&folded.as_str())
            || folded == HTTPOXY
            || names.contains(&folded)
            || accepted_from == Some(AcceptedFrom::Nobody) && !route.reads(name)
            || is_reported && !is_trusted && !route.reads(name)
            || can_be_named && options.iter().any(|option| is_same_header(option, name))
            || is_edited && DIGESTS.contains(&folded.as_str()))
            && route.forwards(name)
    };
    to.add_received(|keep| {
        head.lines.each(&mut |name, value| {
            if std::str::from_utf8(name)
                .is_ok_and(|name| stays(name) && !is_misused(name, value.as_bytes()))
            {
                keep(name, value);
            }
        });
    });
}

/// Whether it is a Content-Encoding that names none, such as a character set: some backends refuse
/// what they do not know.
fn is_misused(name: &str, value: &[u8]) -> bool {
    const NAME: &str = "content-encoding";
    name.len() == NAME.len()
        && fold_header(name) == NAME
        && !value.eq_ignore_ascii_case(b"identity")
        && !is_content_coding(value)
}

/// The options of Connection. The framing check has limited their number.
fn named_in_connection(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::CONNECTION).iter();
    let options = lines.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let options = options.filter_map(|name| std::str::from_utf8(name.trim_ascii()).ok());
    options.filter(|name| !name.is_empty())
}

/// The headers of a backend's answer that are forwarded to its client.
pub(crate) fn is_end_to_end(name: &HeaderName, answer: &HeaderMap<HeaderValue>) -> bool {
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
    // The only header of the list that is allowed in an answer: it asks for the client's
    // credentials.
    (name == "proxy-authenticate" || !CONNECTION_ONLY.contains(&name)) && !named()
}
