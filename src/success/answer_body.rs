//! Judging an answer by its body.

use crate::verify::body::FieldPath;
use crate::verify::json::{self, JsonKind, JsonValue};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A value that the body must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedMember {
    /// Its place.
    pub field: FieldPath,
    /// The accepted values. At least one.
    pub values: Vec<Literal>,
}

/// A plain JSON value. Types matter: `0` is not `"0"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A string with these characters.
    Text(String),
    /// A number without fraction and exponent.
    Whole(i64),
    /// `true` or `false`.
    Bool(bool),
}

/// Whether the body is one of these texts, ignoring white space at its ends.
pub(super) fn is_one_of(body: &[u8], texts: &[String]) -> bool {
    let body = body.trim_ascii();
    texts.iter().any(|text| text.as_bytes() == body)
}

/// The same for failures, also ignoring a byte-order mark, which PHP sends if a script's file
/// starts with one: a failure stays a failure.
pub(super) fn is_failure(body: &[u8], texts: &[String]) -> bool {
    is_one_of(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body), texts)
}

/// Whether the body is JSON that every parser reads alike, and has all of these members; `false` if
/// the list is empty.
pub(super) fn has_all(body: &[u8], members: &[ExpectedMember]) -> bool {
    if members.is_empty() {
        return false;
    }
    let Ok(document) = json::parse(body) else {
        return false;
    };
    let mut members = members.iter();
    members.all(|member| member.is_in(document.root()))
}

impl ExpectedMember {
    fn is_in(&self, root: JsonValue<'_, '_>) -> bool {
        let value = self.field.find(root);
        value.is_some_and(|value| self.values.iter().any(|literal| literal.equals(value)))
    }
}

impl Literal {
    fn equals(&self, value: JsonValue<'_, '_>) -> bool {
        match self {
            Self::Text(text) => value.as_str().is_some_and(|found| found == text.as_str()),
            Self::Whole(number) => {
                matches!(value.kind(), JsonKind::Number { fraction: false })
                    && value.source().parse() == Ok(*number)
            }
            Self::Bool(word) => {
                value.kind() == JsonKind::Bool && value.source().parse() == Ok(*word)
            }
        }
    }
}
