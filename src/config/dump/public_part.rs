//! What a public key's text says of the key, without what else is written beside it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::config::reader::secret;

/// The public members of a JWK and of a set (RFC 7517, RFC 7518).
const MEMBERS: &[&str] = &[
    "alg", "crv", "e", "key_ops", "keys", "kid", "kty", "n", "use", "x", "x5c", "x5t", "x5t#S256",
    "x5u", "y",
];

/// The text of a valid public key without members of a JWK that are none of a public key's, and
/// without text around and in a PEM block that is none of the block's.
pub(super) fn public_part(text: &str) -> Cow<'_, str> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    if text.trim_start().starts_with('{') {
        return jwk(text);
    }
    let Some(start) = text.find(BEGIN) else {
        return text.into();
    };
    let block = text.get(start..).unwrap_or_default();
    let end = block.find(END).and_then(|at| {
        let last = at.saturating_add(END.len());
        let label = block.get(last..)?.find("-----")?;
        Some(last.saturating_add(label).saturating_add(5))
    });
    let end = end.unwrap_or_default();
    let (block, behind) = block.split_at_checked(end).unwrap_or_default();
    // A header of the block: `Comment: ...`.
    if block.is_empty() || block.contains(':') {
        return secret::MASK.into();
    }
    let before = text.get(..start).unwrap_or_default();
    match before.trim().is_empty() && behind.trim().is_empty() {
        true => text.into(),
        false => format!("{block}\n").into(),
    }
}

fn jwk(text: &str) -> Cow<'_, str> {
    let Ok(Value::Object(mut root)) = serde_json::from_str(text) else {
        return secret::MASK.into();
    };
    match strip(&mut root) {
        false => text.into(),
        true => Value::Object(root).to_string().into(),
    }
}

/// Removes what is no public member. Returns whether anything was.
fn strip(object: &mut Map<String, Value>) -> bool {
    let before = object.len();
    object.retain(|name, _| MEMBERS.contains(&name.as_str()));
    let mut is_changed = object.len() < before;
    if let Some(Value::Array(keys)) = object.get_mut("keys") {
        for key in keys.iter_mut().filter_map(Value::as_object_mut) {
            is_changed |= strip(key);
        }
    }
    is_changed
}
