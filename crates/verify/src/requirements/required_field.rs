//! Required fields and their types.

use crate::body::{Body, Field, FieldPath};
use crate::json::JsonKind;
use crate::reason::{At, Reason, Rejection};
use crate::scheme::Scheme;

/// A required field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Required {
    /// The field.
    pub field: FieldPath,
    /// The accepted types. At least one.
    pub types: Vec<JsonType>,
}

impl Required {
    /// A field that must be present and have one of these types.
    #[must_use]
    pub const fn new(field: FieldPath, types: Vec<JsonType>) -> Self {
        Self { field, types }
    }
}

/// The type of a value (RFC 8259, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonType {
    /// Text in quotes.
    String,
    /// Any number.
    Number,
    /// A number without fraction and exponent in its source.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
    /// `null`.
    Null,
}

impl JsonType {
    /// Formats without types have only strings.
    fn fits(self, field: Field<'_, '_>) -> bool {
        let Some(value) = field.as_json() else {
            return self == Self::String;
        };
        let kind = value.kind();
        match self {
            Self::String => matches!(kind, JsonKind::String { .. }),
            Self::Number => matches!(kind, JsonKind::Number { .. }),
            Self::Integer => matches!(kind, JsonKind::Number { fraction: false }),
            Self::Boolean => matches!(kind, JsonKind::Bool),
            Self::Array => matches!(kind, JsonKind::Array),
            Self::Object => matches!(kind, JsonKind::Object),
            Self::Null => matches!(kind, JsonKind::Null),
        }
    }
}

impl Required {
    /// A field that the scheme does not sign counts as missing: anybody can add it. Of one that the
    /// scheme states not to be signed, only the type is asked.
    pub(super) fn check(&self, scheme: &Scheme, body: &Body<'_>) -> Result<(), Rejection> {
        let fault = |reason| Err(Rejection::at(reason, At::Field(self.field.to_string())));
        let rules = scheme.rules();
        let counts = || {
            rules.states_uncovered_field(&self.field)
                || !rules.coverage().leaves_out_value(&self.field, body)
        };
        match body.find(&self.field) {
            Some(field) if counts() => {
                if self.types.iter().any(|kind| kind.fits(field)) {
                    Ok(())
                } else {
                    fault(Reason::FieldTypeWrong)
                }
            }
            _ => fault(Reason::FieldMissing),
        }
    }
}
