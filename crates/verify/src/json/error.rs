//! What makes a text no strict JSON.

/// Why a text is not strict JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// No bytes at all.
    Empty,
    /// Not UTF-8.
    NotUtf8,
    /// A byte-order mark at the beginning.
    ByteOrderMark,
    /// Something after the value.
    TrailingBytes,
    /// An escape for half of a surrogate pair.
    LoneSurrogate,
    /// More than [`MAX_DEPTH`](super::MAX_DEPTH) levels.
    TooDeep,
    /// A name that occurs twice in its object.
    RepeatedName,
    /// More than 4 GiB.
    TooLarge,
    /// There is no room for its values. Only if memory is limited.
    OutOfMemory,
    /// Any other violation of RFC 8259.
    Syntax,
}

/// Why a text is not strict JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonError {
    /// Why.
    pub kind: JsonErrorKind,
    /// The byte, counted from 0.
    pub at: usize,
}
