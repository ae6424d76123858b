//! Signed requests in a scheme's file, and what must come out of them.

use crate::verify::{Reason, VerifyPolicy};
use crate::written_request::WrittenRequest;

/// A scheme with its cases.
#[derive(Debug)]
pub struct TestedScheme {
    /// Its name.
    pub name: String,
    /// Its cases, in the order of the file.
    pub cases: Vec<SchemeCase>,
}

/// A signed request, and what must come out of it.
#[derive(Debug)]
pub struct SchemeCase {
    /// What it shows.
    pub name: String,
    /// The scheme, and the keys and constants of the case.
    pub policy: VerifyPolicy,
    /// The same, whatever the age of a callback.
    pub ageless: VerifyPolicy,
    /// The request.
    pub request: WrittenRequest,
    /// When it arrives, in Unix seconds.
    pub at: i64,
    /// What must come out.
    pub expected: ExpectedVerdict,
    /// The content that must come out, if the case says it.
    pub content: Option<Vec<u8>>,
    /// The values of its identity, if the case says them.
    pub identity: Option<Vec<String>>,
}

/// What must come out of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedVerdict {
    /// It is genuine.
    Verified,
    /// It is refused, for this reason.
    Refused(Reason),
}

impl ExpectedVerdict {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verified => crate::config::keys::VERIFIED,
            Self::Refused(reason) => reason.code(),
        }
    }
}
