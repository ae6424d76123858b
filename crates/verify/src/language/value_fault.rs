//! Why a value cannot be had from a callback.

use crate::memory::OutOfMemory;
use crate::reason::{At, Rejection, VerifyError};

/// Why a value cannot be had from a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueFault {
    /// It is absent or null. `default:` and optional parts catch this, and nothing else.
    Missing,
    /// It is there more than once.
    Repeated,
    /// It does not have the form that it must have.
    Malformed,
    /// It is longer, or has more items, than allowed.
    TooLong,
    /// The callback is refused, whatever asked for the value.
    Refused(Box<Rejection>),
    /// There is no memory for it.
    OutOfMemory,
}

impl From<OutOfMemory> for ValueFault {
    fn from(_: OutOfMemory) -> Self {
        Self::OutOfMemory
    }
}

impl From<Rejection> for ValueFault {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(Box::new(rejection))
    }
}

impl From<VerifyError> for ValueFault {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Rejected(rejection) => rejection.into(),
            VerifyError::OutOfMemory(error) => error.into(),
        }
    }
}

/// Why an expression has no value, and which of its values is to blame.
#[derive(Clone, Debug)]
pub(crate) struct EvaluationFault {
    pub(crate) fault: ValueFault,
    pub(crate) at: Option<At>,
}

impl EvaluationFault {
    /// Whether `default:` and optional parts catch it.
    pub(crate) const fn is_missing(&self) -> bool {
        matches!(self.fault, ValueFault::Missing)
    }

    /// Whether the value is there, in a form that the expression does not read.
    pub(crate) const fn is_malformed(&self) -> bool {
        matches!(self.fault, ValueFault::Malformed)
    }
}

impl From<ValueFault> for EvaluationFault {
    fn from(fault: ValueFault) -> Self {
        Self { fault, at: None }
    }
}
