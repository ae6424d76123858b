//! Which reason a value has that cannot be had, by what it is for.

use crate::language::value_fault::{EvaluationFault, ValueFault};
use crate::memory::OutOfMemory;
use crate::reason::{At, Reason, Rejection, VerifyError};

/// The reasons that go with what a value is for.
pub(super) struct ValueRole {
    missing: Reason,
    repeated: Reason,
    malformed: Reason,
    too_long: Reason,
}

pub(super) const SIGNATURE: ValueRole = ValueRole {
    missing: Reason::SignatureMissing,
    repeated: Reason::SignatureRepeated,
    malformed: Reason::SignatureMalformed,
    too_long: Reason::SignatureTooLong,
};
pub(super) const TIMESTAMP: ValueRole = ValueRole {
    missing: Reason::TimestampMissing,
    repeated: Reason::TimestampRepeated,
    malformed: Reason::TimestampMalformed,
    too_long: Reason::TimestampMalformed,
};
pub(super) const NONCE: ValueRole = ValueRole {
    missing: Reason::NonceMissing,
    repeated: Reason::NonceRepeated,
    malformed: Reason::NonceMalformed,
    too_long: Reason::NonceTooLong,
};
pub(super) const KEY_ID: ValueRole = ValueRole {
    missing: Reason::KeyIdMissing,
    repeated: Reason::KeyIdRepeated,
    malformed: Reason::KeyIdMalformed,
    too_long: Reason::KeyIdMalformed,
};
const HEADER: ValueRole = ValueRole {
    missing: Reason::HeaderMissing,
    repeated: Reason::HeaderRepeated,
    malformed: Reason::HeaderMalformed,
    too_long: Reason::HeaderMalformed,
};
const VALUE: ValueRole = ValueRole {
    missing: Reason::ValueMissing,
    repeated: Reason::ValueRepeated,
    malformed: Reason::ValueMalformed,
    too_long: Reason::ValueMalformed,
};

impl ValueRole {
    pub(super) fn error(&self, fault: EvaluationFault) -> VerifyError {
        let reason = match fault.fault {
            ValueFault::OutOfMemory => return OutOfMemory.into(),
            ValueFault::Refused(rejection) => return (*rejection).into(),
            ValueFault::Missing => self.missing,
            ValueFault::Repeated => self.repeated,
            ValueFault::Malformed => self.malformed,
            ValueFault::TooLong => self.too_long,
        };
        let at = fault.at;
        Rejection {
            reason,
            at,
            detail: None,
        }
        .into()
    }
}

/// The error of a value that has no role of its own.
pub(super) fn content_error(fault: EvaluationFault) -> VerifyError {
    match fault.at {
        Some(At::Header(_)) => HEADER.error(fault),
        _ => VALUE.error(fault),
    }
}
