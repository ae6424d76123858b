//! What came of a delivery.

/// What came of a delivery: whether the backend has the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The backend answered with a success.
    Taken,
    /// The backend answered with this status, which is no success.
    Refused(u16),
    /// No byte of the request left.
    NotSent,
    /// It was sent, at least in part, and there is no whole answer: the backend may have acted on it.
    Unknown,
}

impl Outcome {
    /// Whether the backend answered with a status of success and meant none.
    #[must_use]
    pub const fn is_no_success(self) -> bool {
        matches!(self, Self::Refused(200..=299))
    }
}
