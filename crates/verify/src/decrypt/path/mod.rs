//! Which values of a body are encrypted.

mod find;
mod parse;

use std::fmt;

pub(super) use find::{Found, find};

/// The most steps of a path. A set of steps fits into 64 bits.
const MAX_STEPS: usize = 32;

/// The way to any number of values: the name of a top-level field, a JSON Pointer (RFC 6901), or a
/// JSONPath (RFC 9535) of names, indices, wildcards (`.*`, `[*]`) and descendants (`..`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: String,
    steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// Whether it starts from every value at or below the one reached, and not only from that.
    below: bool,
    selects: Selector,
}

/// Which children a step goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Selector {
    /// The member of that name.
    Name(String),
    /// The element at that place.
    Index(usize),
    /// As in a JSON Pointer: the member of that name, or the element at that place.
    Token(String),
    /// Every member or element.
    Every,
}

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The empty text, or `$` alone.
    #[error("this path names no field")]
    NoField,
    /// `~` is followed by neither `0` nor `1`.
    #[error("in a JSON Pointer `~` must be written `~0` (and `/` inside a name `~1`)")]
    BadEscape,
    /// What stands there begins no step.
    #[error("`{0}` begins no step of a JSONPath")]
    BadStep(String),
    /// A name that must stand in brackets and quotes.
    #[error(
        "a name with other characters than letters, digits and `_` is written in brackets and quotes"
    )]
    BadName,
    /// A bracket that is not closed, or not by what it should be.
    #[error("a bracket holds one name in quotes, one index, or `*`")]
    BadBracket,
    /// More than 32 steps.
    #[error("a path has at most {MAX_STEPS} steps")]
    TooLong,
}

impl Path {
    /// Reads a path: a JSONPath if it begins with `$`, a JSON Pointer if it begins with `/`,
    /// otherwise the name of a top-level field.
    ///
    /// # Errors
    /// If it is none of these, or has too many steps.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let steps = parse::steps(text)?;
        if steps.is_empty() {
            return Err(PathError::NoField);
        }
        if steps.len() > MAX_STEPS {
            return Err(PathError::TooLong);
        }
        Ok(Self {
            text: text.to_owned(),
            steps,
        })
    }

    /// Whether what it leads to are members of objects, each of one name: such have siblings.
    #[must_use]
    pub fn ends_with_name(&self) -> bool {
        let last = self.steps.last().map(|step| &step.selects);
        match last {
            Some(Selector::Name(_)) => true,
            Some(Selector::Token(token)) => find::array_index(token).is_none(),
            _ => false,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
