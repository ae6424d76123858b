//! The identity of a callback: what all of its copies have in common.

use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::reader::{Text, Value, quote};
use crate::verify::body::FieldPath;
use crate::verify::scheme::{IdentityPart, Scheme, UnsoundIdentity};

/// A list of fields and placeholders. `key_id` and `nonce` say whether the scheme has them.
pub(in crate::config::resolve) fn identity(
    value: Value<'_>,
    key_id: bool,
    nonce: bool,
) -> Option<Vec<IdentityPart>> {
    let parts = value.list_of(|item| part(item.text()?, key_id, nonce))?;
    if parts.is_empty() {
        return value
            .error(
                "empty value",
                "without any part, all callbacks would be the same",
            )
            .help("name body fields, or write [\"{content}\"]")
            .report();
    }
    Some(parts)
}

/// The diagnostic for an identity that is not certain.
pub(in crate::config::resolve) fn unsound_identity(
    place: Place,
    scheme: &Scheme,
    fault: &UnsoundIdentity,
) -> Diagnostic {
    let (part, why) = match fault {
        UnsoundIdentity::Unsigned(part) => (
            part,
            "the signature does not cover {part}: whoever has one callback could replay it with \
             another value",
        ),
        UnsoundIdentity::Ambiguous(part) => (
            part,
            "the scheme `{scheme}` sets `ambiguous_join`, so the end of {part} is ambiguous",
        ),
        other => {
            return Diagnostic::error("identity not certain", place, other.to_string())
                .help("write \"{content}\", or the name of a field that the signature covers");
        }
    };
    let why = why
        .replace("{part}", &quote(&part.to_string()))
        .replace("{scheme}", &scheme.name);
    let help = match part {
        IdentityPart::KeyId => {
            "remove it: if a header selects the keys, callbacks are told apart by the key that \
             signed them; or write \"{content}\""
        }
        _ => "write \"{content}\", or name what the signature covers",
    };
    Diagnostic::error("identity not certain", place, why).help(help)
}

fn part(text: Text<'_>, key_id: bool, nonce: bool) -> Option<IdentityPart> {
    let lacks = |name: &str| {
        text.error(
            "unknown reference",
            format!("callbacks of this scheme have no {name}"),
        )
        .help("name body fields, or write \"{content}\"")
        .report()
    };
    match text.text {
        "{content}" => Some(IdentityPart::Content),
        "{key_id}" if key_id => Some(IdentityPart::KeyId),
        "{nonce}" if nonce => Some(IdentityPart::Nonce),
        "{key_id}" => lacks("key id"),
        "{nonce}" => lacks("nonce"),
        braced if braced.starts_with('{') && braced.ends_with('}') => text
            .error(
                "unknown value",
                format!("{} is not a placeholder", quote(braced)),
            )
            .help(
                "the placeholders are \"{content}\", \"{key_id}\" and \"{nonce}\"; write a field \
                  with such a name with a leading slash",
            )
            .report(),
        field => match FieldPath::parse(field) {
            Ok(path) => Some(IdentityPart::Field(path)),
            Err(error) => text
                .error("invalid field", error.to_string())
                .help(
                    "write a top-level field's name, or a JSON Pointer such as \"/data/order/id\"",
                )
                .report(),
        },
    }
}
