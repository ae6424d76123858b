//! A value, and how it is written.

/// A value that is written.
#[derive(Clone, Copy, Debug)]
pub(in crate::language) struct Placed<'v> {
    pub(in crate::language) bytes: &'v [u8],
    pub(in crate::language) form: PlacedForm,
}

/// How a value is written as a member of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::language) enum PlacedForm {
    /// A string; a number where a number is.
    Text,
    /// A number; a string where a string is.
    Number,
    /// JSON already.
    Json,
}

impl<'v> Placed<'v> {
    pub(in crate::language) const fn text(text: &'v str) -> Self {
        Self::bytes(text.as_bytes())
    }

    pub(in crate::language) const fn bytes(bytes: &'v [u8]) -> Self {
        Self {
            bytes,
            form: PlacedForm::Text,
        }
    }
}
