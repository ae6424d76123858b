//! Targets as logs show them: without what proves that a callback is genuine. Whoever read a token in a
//! log could send callbacks.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

use http::HeaderValue;

use crate::config::{PathPattern, Route};
use crate::verify::body::repeatedly_decoded;
use crate::verify::language::SecretParts;

/// Shown in place of a signature or a token.
const MASK: &[u8] = b"[...]";

/// What logs show of targets.
pub(super) struct ShownTargets {
    /// The secret parts of all routes' targets: which of them those of a request without a route are,
    /// nobody knows.
    any: SecretParts,
    /// The paths of all routes, the longest first, if any path is secret.
    paths: Vec<PathPattern>,
}

impl ShownTargets {
    pub(super) fn new(routes: &[Arc<Route>]) -> Self {
        let mut any = SecretParts::default();
        for route in routes {
            let parts = route.policy.scheme.rules().secret_parts();
            any.path |= parts.path;
            any.query |= parts.query;
            any.parameters.extend_from_slice(&parts.parameters);
        }
        any.parameters.sort_unstable();
        any.parameters.dedup();
        let paths = routes.iter().filter(|_| any.path);
        let mut paths: Vec<PathPattern> = paths.map(|route| route.path.clone()).collect();
        paths.sort_by_key(|path| Reverse(length(path)));
        Self { any, paths }
    }

    /// A target, or a URL, as logs show it.
    pub(super) fn shown<'t>(&self, route: Option<&Route>, target: &'t [u8]) -> Cow<'t, [u8]> {
        let secret = match route {
            Some(route) => route.policy.scheme.rules().secret_parts(),
            None => &self.any,
        };
        if !secret.path && !secret.query && secret.parameters.is_empty() {
            return target.into();
        }
        let mut shown = Vec::with_capacity(target.len());
        let (origin, rest) = split(target, origin_length(target));
        shown.extend_from_slice(origin);
        let end = rest.iter().position(|byte| *byte == b'?');
        let (path, query) = split(rest, end.unwrap_or(rest.len()));
        self.add_path(route, secret, path, &mut shown);
        if let Some(query) = query.strip_prefix(b"?") {
            shown.push(b'?');
            add_query(secret, query, &mut shown);
        }
        shown.into()
    }

    /// The same for a header, such as `Referer` or one with the original target.
    pub(super) fn shown_header(&self, value: &HeaderValue) -> HeaderValue {
        let text = value.as_bytes();
        if !text.starts_with(b"/") && origin_length(text) == 0 {
            return value.clone();
        }
        let shown = HeaderValue::from_bytes(&self.shown(None, text));
        shown.unwrap_or_else(|_| HeaderValue::from_static("[...]"))
    }

    fn add_path(
        &self,
        route: Option<&Route>,
        secret: &SecretParts,
        path: &[u8],
        shown: &mut Vec<u8>,
    ) {
        // What is in the configuration is no secret.
        let configured = match route {
            Some(route) => configured_part(&route.path, path),
            None => {
                let mut parts = self.paths.iter();
                parts.find_map(|pattern| configured_part(pattern, path))
            }
        };
        let (start, rest) = split(path, configured.unwrap_or_default());
        shown.extend_from_slice(start);
        if !secret.path {
            let end = query_in_path(rest).into_iter();
            add_up_to(rest, end.chain(secret_value(secret, rest)).min(), shown);
            return;
        }
        if start.is_empty() && rest.starts_with(b"/") {
            shown.push(b'/');
        }
        if !rest.is_empty() {
            shown.extend_from_slice(MASK);
        }
    }
}

/// How much of a path this pattern has.
fn configured_part(pattern: &PathPattern, path: &[u8]) -> Option<usize> {
    match pattern {
        PathPattern::Exact(known) => (known.as_bytes() == path).then_some(known.len()),
        PathPattern::Prefix(known) => path.starts_with(known.as_bytes()).then_some(known.len()),
    }
}

const fn length(pattern: &PathPattern) -> usize {
    match pattern {
        PathPattern::Exact(path) | PathPattern::Prefix(path) => path.len(),
    }
}

/// The length of `https://host` in front of a path.
fn origin_length(target: &[u8]) -> usize {
    const MARK: &[u8] = b"://";
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let scheme = target.iter().take_while(|byte| is_scheme(byte)).count();
    let behind = target.get(scheme..).unwrap_or_default();
    match behind.strip_prefix(MARK) {
        Some(host) if scheme > 0 => {
            let host = host.iter().take_while(|byte| !b"/?".contains(byte)).count();
            scheme.saturating_add(MARK.len()).saturating_add(host)
        }
        _ => 0,
    }
}

/// A text in two, at a byte that it has or at its end.
fn split(text: &[u8], at: usize) -> (&[u8], &[u8]) {
    text.split_at_checked(at).unwrap_or((text, b""))
}

fn add_query(secret: &SecretParts, query: &[u8], shown: &mut Vec<u8>) {
    if query.is_empty() {
        return;
    }
    if secret.query {
        return shown.extend_from_slice(MASK);
    }
    let parts = || query.split(|byte| *byte == b'&');
    // A query without any of the secrets, or with an empty one, may have it under a misspelt name.
    let is_known = secret.parameters.is_empty() || parts().any(|part| is_read(secret, part));
    for (nth, part) in parts().enumerate() {
        if nth > 0 {
            shown.push(b'&');
        }
        let equals = part.iter().position(|byte| *byte == b'=');
        let value = equals.map(|equals| equals.saturating_add(1));
        let name = part.get(..equals.unwrap_or(part.len()));
        let end = if is_known {
            let is_secret = is_secret_name(secret, name.unwrap_or_default());
            value
                .filter(|_| is_secret)
                .or_else(|| secret_value(secret, part))
        } else {
            Some(behind_equals(part).unwrap_or_default())
        };
        add_up_to(part, end, shown);
    }
}

/// Whether a part of a query is a secret parameter as the verification reads it.
fn is_read(secret: &SecretParts, part: &[u8]) -> bool {
    let equals = part.iter().position(|byte| *byte == b'=');
    let (name, value) = split(part, equals.unwrap_or(part.len()));
    let is = |known: &String| {
        repeatedly_decoded(name)
            .map(|(_, byte)| byte)
            .eq(known.bytes())
    };
    value.len() > 1 && secret.parameters.iter().any(is)
}

/// Adds a text up to a byte, and a mask for what follows, if anything does.
fn add_up_to(text: &[u8], end: Option<usize>, shown: &mut Vec<u8>) {
    let (start, rest) = split(text, end.unwrap_or(text.len()));
    shown.extend_from_slice(start);
    if !rest.is_empty() {
        shown.extend_from_slice(MASK);
    }
}

/// The byte after what somebody may take for the end of a path, such as `%3F` or `#`.
fn query_in_path(path: &[u8]) -> Option<usize> {
    let mut at: usize = 0;
    for (length, byte) in repeatedly_decoded(path) {
        at = at.saturating_add(length);
        if matches!(byte, b'?' | b'#' | 0..=b' ') {
            return Some(at);
        }
    }
    None
}

/// The byte after the first `=`, however it is encoded: what follows may be the secret, although to a strict reader it
/// is a part of the name.
fn behind_equals(part: &[u8]) -> Option<usize> {
    let mut at: usize = 0;
    repeatedly_decoded(part).find_map(|(length, byte)| {
        at = at.saturating_add(length);
        (byte == b'=').then_some(at)
    })
}

/// The byte after the first `name=` of a secret parameter within a text, however it is encoded.
fn secret_value(secret: &SecretParts, text: &[u8]) -> Option<usize> {
    let mut name: usize = 0;
    let mut at: usize = 0;
    for (length, byte) in repeatedly_decoded(text) {
        let start = at;
        at = at.saturating_add(length);
        if byte == b'=' && is_secret_name(secret, text.get(name..start)?) {
            return Some(at);
        }
        if !is_of_name(byte) && !b"_-.[]".contains(&byte) {
            name = at;
        }
    }
    None
}

/// Whether a name is that of a secret parameter, but for case, punctuation, an index or an encoding.
fn is_secret_name(secret: &SecretParts, name: &[u8]) -> bool {
    let is = |known: &String| plain(name).eq(plain(known.as_bytes()));
    !name.is_empty() && secret.parameters.iter().any(is)
}

/// A name's letters and digits in lower case, up to an index.
fn plain(name: &[u8]) -> impl Iterator<Item = u8> {
    let decoded = repeatedly_decoded(name).map(|(_, byte)| byte);
    decoded
        .take_while(|byte| *byte != b'[')
        .filter(|byte| is_of_name(*byte))
        .map(|byte| byte.to_ascii_lowercase())
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}
