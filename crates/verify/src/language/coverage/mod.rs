//! What a scheme's signature covers, and whether the values in its signed text can be told apart.
//!
//! Worked out once, when a scheme is compiled, and for the worst callback that the scheme accepts:
//! whichever candidate for the content is tried, whichever row of a table the callback chooses, and
//! whatever it lacks. A value is covered if nobody can give it another value under a signature that
//! they have seen.

mod joined_shape;
mod open_border;

use super::scheme_rules::SchemeRules;
use crate::algorithm::Means;
use crate::body::{Field, FieldPath};
use crate::scheme::{IdentityPart, Unsigned};

pub(crate) use joined_shape::{JoinedShape, NamedPairs, ValueForm};
pub use open_border::OpenBorder;

/// What a scheme's signature covers.
#[derive(Clone, Debug)]
pub struct Coverage {
    means: Means,
    borders: Vec<OpenBorder>,
    joined: Vec<(usize, JoinedShape)>,
    timestamp_digits: Option<usize>,
}

crate::closed_list! {
    /// A part of a request that a signature covers, as backends are told.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum CoveredPart

    Method = "method", "The method.";
    Target = "target", "The target: path and query, byte for byte.";
    Parameters = "parameters", "Parameters of the query: those that the scheme signs.";
    Headers = "headers", "The headers that the scheme signs.";
    Body = "body", "The body, byte for byte.";
    Fields = "fields", "Fields of the body: those that the scheme signs.";
}

impl Coverage {
    pub(super) fn of(rules: &SchemeRules) -> Self {
        let means = rules
            .algorithms()
            .into_iter()
            .map(|algorithm| algorithm.means());
        Self {
            means: means
                .max_by_key(|means| *means as u8)
                .unwrap_or(Means::Token),
            borders: Vec::new(),
            joined: Vec::new(),
            timestamp_digits: None,
        }
    }

    /// What a signature that fits says; of several algorithms, the weakest.
    #[must_use]
    pub const fn means(&self) -> Means {
        self.means
    }

    /// Whether it covers any of the body: every byte, or fields.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        false
    }

    /// Whether it covers every byte of the body.
    #[must_use]
    pub fn covers_raw_body(&self) -> bool {
        false
    }

    /// Whether it covers the method.
    #[must_use]
    pub fn covers_method(&self) -> bool {
        false
    }

    /// Whether it covers the whole target: path and query.
    #[must_use]
    pub fn covers_target(&self) -> bool {
        false
    }

    /// Whether it covers the path of the target.
    #[must_use]
    pub fn covers_path(&self) -> bool {
        false
    }

    /// Whether it covers a header, wherever the callback has it.
    #[must_use]
    pub fn covers_header(&self, _name: &http::HeaderName) -> bool {
        false
    }

    /// Whether it covers a parameter of the query, wherever the callback has it.
    #[must_use]
    pub fn covers_parameter(&self, _name: &str) -> bool {
        false
    }

    /// Whether it covers the value of a body field, in every callback that has it. A field that is
    /// left out by its value does not count as one: see [`Self::may_omit`] and [`Self::omits`].
    ///
    /// The path begins at the body's root. If the scheme signs each element of a list, no path
    /// leads to a covered value: whoever has a callback can leave elements out and change their
    /// order. [`Self::covers_item_field`] begins at the element.
    #[must_use]
    pub fn covers_field(&self, _path: &FieldPath) -> bool {
        false
    }

    /// The same in each item that is signed: the path begins where `{field:...}` does.
    #[must_use]
    pub fn covers_item_field(&self, _path: &FieldPath) -> bool {
        false
    }

    /// Whether fields can be left out of the signed text because of what they are: empty, null or
    /// nested.
    #[must_use]
    pub fn may_omit(&self) -> bool {
        false
    }

    /// Whether a top-level field of the body is not signed: because of its name, or because of its
    /// value. `false` for all fields if the raw body is signed.
    #[must_use]
    pub fn omits(&self, _name: &str, _field: Field<'_, '_>) -> bool {
        true
    }

    /// Whether names of fields may repeat. Neither the order nor the number of equal names is then
    /// covered: whoever reads one value of a name must refuse a second one.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        false
    }

    /// Whether it covers a part of an identity.
    #[must_use]
    pub fn covers(&self, part: &IdentityPart) -> bool {
        matches!(part, IdentityPart::Content)
    }

    /// What the scheme names and the signature does not cover.
    #[must_use]
    pub fn unsigned(&self, _event: Option<&FieldPath>) -> Vec<Unsigned> {
        Vec::new()
    }

    /// The parts of a request that it covers, for backends.
    #[must_use]
    pub fn covers_words(&self) -> Vec<CoveredPart> {
        Vec::new()
    }

    /// What it does not cover, for operators: `method`, `path`, `query`, `headers`, `body`, or which
    /// fields.
    #[must_use]
    pub fn not_covered(&self) -> Vec<String> {
        Vec::new()
    }

    /// Where a value of the signed text has several possible ends, in every callback. Each callback
    /// is ambiguous if there is one.
    #[must_use]
    pub fn open_borders(&self) -> &[OpenBorder] {
        &self.borders
    }

    /// For each selection that is part of the signed text, by its number: whether its fields can be
    /// told apart. None of these is [`JoinedShape::Open`] unless there is an open border.
    pub(crate) fn joined(&self) -> &[(usize, JoinedShape)] {
        &self.joined
    }

    /// How many digits the timestamp must have, because what it touches in the signed text could
    /// begin or end with digits. Genuine ones have this many until 2286.
    pub(crate) const fn timestamp_digits(&self) -> Option<usize> {
        self.timestamp_digits
    }
}

impl SchemeRules {
    /// What the signature covers.
    #[must_use]
    pub const fn coverage(&self) -> &Coverage {
        &self.coverage
    }
}

/// Of a scheme that is not compiled yet: nothing is covered.
impl Default for Coverage {
    fn default() -> Self {
        Self {
            means: Means::Token,
            borders: Vec::new(),
            joined: Vec::new(),
            timestamp_digits: None,
        }
    }
}
