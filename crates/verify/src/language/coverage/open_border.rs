//! Where a value of the signed text has several possible ends.

use std::fmt;

/// Where a value of the signed text has several possible ends: whoever has a callback can move bytes
/// over the border under the same signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenBorder {
    /// Nothing stands between two values, and neither has a fixed length or an end of its own.
    Touch {
        /// The one, as the scheme writes it.
        value: String,
        /// The other.
        next: String,
    },
    /// The text behind a value does not end it, because the value may contain that text.
    MayContain {
        /// The value, as the scheme writes it.
        value: String,
        /// The text.
        text: String,
    },
    /// Whether an optional part is there cannot be seen in the text.
    Optional {
        /// The first value in it.
        value: String,
    },
    /// A selection does not write the names of its fields: under the same signature, they can have
    /// others, or be left out.
    NoNames {
        /// The selection.
        selection: String,
    },
    /// A selection does not write the names of its fields, and a field has no fixed place in it: one can
    /// take the place of another.
    NoPlaces {
        /// The selection.
        selection: String,
    },
    /// The callback lists the fields of a selection, and neither the list nor their names are signed.
    NoList {
        /// The selection.
        selection: String,
    },
    /// Nothing ends the names that a selection writes.
    NoAssign {
        /// The selection.
        selection: String,
    },
    /// Where the names and values that a selection writes end cannot be seen.
    UnclearPairs {
        /// The selection.
        selection: String,
        /// Why.
        cause: &'static str,
    },
    /// Nothing separates the fields of a selection.
    NoSeparator {
        /// The selection.
        selection: String,
    },
    /// A filter that joins values without anything between them.
    Joins {
        /// The value, as the scheme writes it.
        value: String,
    },
    /// Two candidates for the content consist of different values: what was signed as one can be
    /// read as the other.
    Candidates,
}

impl fmt::Display for OpenBorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Touch { value, next } => {
                write!(f, "`{value}` and `{next}` touch: nothing separates them")
            }
            Self::MayContain { value, text } => {
                write!(f, "`{value}` may contain {text:?}, which follows it")
            }
            Self::Optional { value } => {
                write!(f, "whether the optional `{value}` is there cannot be seen")
            }
            Self::NoNames { selection } => write!(
                f,
                "`{selection}` does not contain the names of its fields: they can have others"
            ),
            Self::NoPlaces { selection } => write!(
                f,
                "`{selection}` contains no names, and leaves fields out or sorts them by value: one can \
                 take the place of another"
            ),
            Self::NoList { selection } => write!(
                f,
                "neither `{selection}` nor anything else that is signed says which fields it has: the \
                 list of them is not signed"
            ),
            Self::NoAssign { selection } => write!(
                f,
                "nothing separates a field's name from its value in `{selection}`"
            ),
            Self::UnclearPairs { selection, cause } => {
                write!(
                    f,
                    "fields of `{selection}` could be read as others: {cause}"
                )
            }
            Self::NoSeparator { selection } => {
                write!(f, "nothing separates the fields of `{selection}`")
            }
            Self::Joins { value } => {
                write!(f, "`{value}` joins values with nothing between them")
            }
            Self::Candidates => f.write_str(
                "the candidates for the content consist of different values: one can be read as \
                 another",
            ),
        }
    }
}
