//! Whose answer the provider gets to a callback that a backend took.

use crate::config::keys::AnswerFrom;
use crate::config::reader::{Table, Value};
use crate::verify::Scheme;

/// Whether it is the scheme's.
pub(super) fn acknowledge(
    table: &Table<'_>,
    scheme: Option<&Scheme>,
    success_as_200: Option<bool>,
) -> Option<bool> {
    let from: AnswerFrom = table.read("acknowledge", Value::word)?;
    if from == AnswerFrom::Backend {
        return Some(false);
    }
    let value = table.get("acknowledge")?;
    if success_as_200? {
        return value
            .error(
                "conflicting keys",
                "the scheme's answer has a status of its own",
            )
            .and(table.key_place("success_as_200"), "this sets another one")
            .help("remove `success_as_200`, or `acknowledge`")
            .report();
    }
    let scheme = scheme?;
    if scheme.definition().acknowledge.is_none() {
        return value
            .error(
                "no acknowledgement",
                format!("the scheme `{}` does not say what the provider wants to be answered", scheme.name),
            )
            .help(
                "add `acknowledge = { body = \"...\" }` to the scheme, with what the provider's documentation \
                 says; or write \"backend\", and let the backend answer",
            )
            .report();
    }
    Some(true)
}
