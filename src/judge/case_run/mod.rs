//! Running a case of a scheme: the same verification as of a request that came over a socket, with the
//! keys and the time of the case.

mod case_steps;
mod changed_bytes;

use case_steps::CaseSteps;

use crate::config::{ExpectedVerdict, SchemeCase};
use crate::once::Identity;
use crate::verify::{
    Ambiguous, Callback, Plenty, Rejection, Verified, VerifyError, VerifyPolicy, verify_watched,
};
use crate::written_request::WrittenRequest;

pub use case_steps::BuiltContent;
pub use changed_bytes::{ChangeTable, ChangedPart, Unnoticed};

/// What came out of a case.
#[derive(Debug)]
pub struct CaseRun {
    /// What was not as the case says; empty if it passed.
    pub faults: Vec<CaseFault>,
    /// Whether it was verified, or why not.
    pub verdict: Result<(), Rejection>,
    /// Every content that was tried, without repetition.
    pub contents: Vec<BuiltContent>,
    /// The field for which the callback would be marked as ambiguous; empty for the whole content.
    pub ambiguous: Option<String>,
    /// The values of its identity, if it was verified; or what makes the identity unusable.
    pub identity: Option<Result<Vec<Vec<u8>>, String>>,
    /// What became of changed bytes, if it was verified.
    pub changes: Option<ChangeTable>,
}

/// A way in which a case fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseFault {
    /// Another verdict came out.
    Verdict,
    /// Another content came out, or none.
    Content,
    /// Another identity came out, or none.
    Identity,
    /// A changed byte went unnoticed that the signature must cover.
    Change,
}

/// Runs a case, and those requests that differ from it in one byte.
#[must_use]
pub fn run_case(case: &SchemeCase) -> CaseRun {
    let mut run = judge(case);
    if run.verdict.is_ok() {
        let changes = changed_bytes::change_each(case);
        if changes.unnoticed.iter().any(|one| one.is_covered) {
            run.faults.push(CaseFault::Change);
        }
        run.changes = Some(changes);
    }
    run
}

fn judge(case: &SchemeCase) -> CaseRun {
    let mut steps = CaseSteps::default();
    let result = verify_request(&case.policy, &case.request, case.at, &mut steps);
    let ambiguous = result.as_ref().ok().and_then(Verified::ambiguous);
    let ambiguous = ambiguous.map(|ambiguous| match ambiguous {
        Ambiguous::Field(name) => name.clone(),
        _ => String::new(),
    });
    let identity = result.as_ref().ok().map(|verified| {
        let values = Identity::values(verified, &verified.scheme().identity);
        values.map_err(|unusable| unusable.0)
    });
    let verdict = result.map(drop);
    let mut faults = Vec::new();
    let came_out = match &verdict {
        Ok(()) => ExpectedVerdict::Verified,
        Err(rejection) => ExpectedVerdict::Refused(rejection.reason),
    };
    if came_out != case.expected {
        faults.push(CaseFault::Verdict);
    }
    let is_content = |wanted: &Vec<u8>| match verdict {
        Ok(()) => steps.signed().is(wanted),
        Err(_) => steps.built.iter().any(|content| content.is(wanted)),
    };
    if !case.content.as_ref().is_none_or(is_content) {
        faults.push(CaseFault::Content);
    }
    let is_identity = |wanted: &Vec<String>| match &identity {
        Some(Ok(values)) => values.iter().eq(wanted.iter().map(String::as_bytes)),
        _ => false,
    };
    if !case.identity.as_ref().is_none_or(is_identity) {
        faults.push(CaseFault::Identity);
    }
    CaseRun {
        faults,
        contents: match verdict {
            Ok(()) => vec![steps.signed()],
            Err(_) => steps.built,
        },
        verdict,
        ambiguous,
        identity,
        changes: None,
    }
}

/// Verifies a request as one that came over a socket.
fn verify_request<'a>(
    policy: &'a VerifyPolicy,
    request: &'a WrittenRequest,
    at: i64,
    steps: &mut CaseSteps,
) -> Result<Verified<'a>, Rejection> {
    let WrittenRequest {
        method,
        target,
        headers,
        body,
    } = request;
    let callback = Callback::new(method.as_str(), target, headers, body);
    let verified = verify_watched(policy, callback, at, &mut Plenty, steps);
    verified.map_err(VerifyError::of_plenty)
}
