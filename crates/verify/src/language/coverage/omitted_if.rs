//! What a field can be without being in the signed text.

/// What a field can be without being in the signed text. The worse one stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::language) enum OmittedIf {
    /// An object or a list, with anything in it.
    Nested,
    /// Empty, or null.
    Empty,
}
