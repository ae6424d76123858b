//! Paths to the encrypted values of a body.

mod find;
mod path_syntax;

use std::fmt;

use crate::json::pointer;

pub(super) use find::{PathMatch, find};

/// The most steps of a path. A set of steps fits into 64 bits.
const MAX_STEPS: usize = 32;

/// A path to any number of values: the name of a top-level field, a JSON Pointer (RFC 6901), or a
/// JSONPath (RFC 9535) of names, indices, wildcards (`.*`, `[*]`) and descendants (`..`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: String,
    steps: Vec<PathStep>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PathStep {
    /// Whether it starts from every value at or below the one reached, instead of only that one.
    below: bool,
    selects: Selector,
}

/// Which children a step selects.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Selector {
    /// The member with this name.
    Name(String),
    /// The element at this index.
    Index(usize),
    /// As in a JSON Pointer: the member with this name, or the element at this index.
    Token(String),
    /// Every member or element.
    Every,
}

/// An invalid path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The empty text, or `$` alone.
    #[error("this path names no field")]
    NoField,
    /// `~` is followed by neither `0` nor `1`.
    #[error("in a JSON Pointer, write `~` as `~0` (and `/` inside a name as `~1`)")]
    BadEscape,
    /// This character cannot begin a step.
    #[error("`{0}` cannot begin a step of a JSONPath")]
    BadStep(String),
    /// A name that must be in brackets and quotes.
    #[error(
        "write a name with characters other than letters, digits and `_` in brackets and quotes"
    )]
    BadName,
    /// A bracket that is not closed, or not properly.
    #[error("a bracket contains one name in quotes, one index, or `*`")]
    BadBracket,
    /// More than 32 steps.
    #[error("a path has at most {MAX_STEPS} steps")]
    TooLong,
}

impl Path {
    /// Parses a path: a JSONPath if it begins with `$`, a JSON Pointer if it begins with `/`,
    /// otherwise the name of a top-level field.
    ///
    /// # Errors
    /// If it is none of these, or has too many steps.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let steps = path_syntax::steps(text)?;
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

    /// The names at its beginning: all values that it leads to are in the field that they lead to.
    #[must_use]
    pub fn fixed_start(&self) -> Vec<&str> {
        let name = |step: &PathStep| match &step.selects {
            Selector::Name(_) if !step.below => true,
            Selector::Token(token) if !step.below => pointer::array_index(token).is_none(),
            _ => false,
        };
        let fixed = self.steps.iter().take_while(|step| name(step));
        fixed
            .filter_map(|step| match &step.selects {
                Selector::Name(name) | Selector::Token(name) => Some(name.as_str()),
                Selector::Index(_) | Selector::Every => None,
            })
            .collect()
    }

    /// Whether it leads only to object members with one fixed name each: those can have siblings.
    #[must_use]
    pub fn ends_with_name(&self) -> bool {
        let last = self.steps.last().map(|step| &step.selects);
        match last {
            Some(Selector::Name(_)) => true,
            Some(Selector::Token(token)) => pointer::array_index(token).is_none(),
            _ => false,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
