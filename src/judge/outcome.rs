//! The outcome of a delivery.

/// The outcome of a delivery: whether the backend has the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The backend answered with a success.
    Taken,
    /// The backend answered with this status, which is not a success.
    Refused(u16),
    /// No byte of the request was sent.
    NotSent,
    /// The request was sent, at least in part, but there is no complete answer: the backend may
    /// have acted on it.
    Unknown,
}

impl Outcome {
    /// Whether the backend answered with a success status but reported a failure.
    #[must_use]
    pub const fn is_no_success(self) -> bool {
        matches!(self, Self::Refused(200..=299))
    }
}
