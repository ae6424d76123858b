//! A request's target as logs show it: without what proves that a callback is genuine.

use std::borrow::Cow;

use crate::config::{PathPattern, Route};

/// Shown in place of a signature or a token.
const MASK: &[u8] = b"[...]";

/// The target without signatures and tokens. Whoever read a token in a log could send callbacks.
#[must_use]
pub fn shown_target<'t>(route: &Route, target: &'t [u8]) -> Cow<'t, [u8]> {
    let secret = route.policy.scheme.rules().secret_parts();
    if !secret.path && !secret.query && secret.parameters.is_empty() {
        return target.into();
    }
    let end = target.iter().position(|byte| *byte == b'?');
    let (path, query) = target
        .split_at_checked(end.unwrap_or(target.len()))
        .unwrap_or((target, b""));
    let mut shown = match &route.path {
        PathPattern::Prefix(prefix) if secret.path && path.len() > prefix.len() => {
            [prefix.as_bytes(), MASK].concat()
        }
        // All that this path can be is in the configuration.
        _ => path.to_vec(),
    };
    let Some(query) = query.strip_prefix(b"?") else {
        return shown.into();
    };
    shown.push(b'?');
    if secret.query {
        shown.extend_from_slice(MASK);
        return shown.into();
    }
    for (nth, part) in query.split(|byte| *byte == b'&').enumerate() {
        if nth > 0 {
            shown.push(b'&');
        }
        let equals = part.iter().position(|byte| *byte == b'=');
        let (name, value) = part
            .split_at_checked(equals.unwrap_or(part.len()))
            .unwrap_or((part, b""));
        let is_secret = |known: &String| decoded(name).eq_ignore_ascii_case(known.as_bytes());
        if !value.is_empty() && secret.parameters.iter().any(is_secret) {
            shown.extend_from_slice(name);
            shown.push(b'=');
            shown.extend_from_slice(MASK);
        } else {
            shown.extend_from_slice(part);
        }
    }
    shown.into()
}

/// A name of a query, decoded.
fn decoded(name: &[u8]) -> Vec<u8> {
    let digit = |at: usize| {
        let byte = name.get(at).copied()?;
        char::from(byte).to_digit(16)
    };
    let mut out = Vec::with_capacity(name.len());
    let mut at: usize = 0;
    while let Some(byte) = name.get(at).copied() {
        let [high, low] = [1, 2].map(|more| digit(at.saturating_add(more)));
        let code = match (byte, high, low) {
            (b'%', Some(high), Some(low)) => u8::try_from(high << 4 | low).ok(),
            _ => None,
        };
        out.push(match (code, byte) {
            (Some(code), _) => code,
            (None, b'+') => b' ',
            (None, byte) => byte,
        });
        at = at.saturating_add(if code.is_some() { 3 } else { 1 });
    }
    out
}
