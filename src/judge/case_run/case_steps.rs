//! The contents that a verification builds.

use crate::verify::{Key, VerifySteps};

/// A content that was tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuiltContent {
    /// What the algorithm was applied to.
    pub applied_to: Vec<u8>,
    /// What the scheme's `signed` was applied to, if there is one.
    pub text: Option<Vec<u8>>,
}

impl BuiltContent {
    /// Whether it is this one, before or after `signed`.
    pub(super) fn is(&self, wanted: &[u8]) -> bool {
        self.applied_to == wanted || self.text.as_deref() == Some(wanted)
    }

    /// As the provider's documentation shows it: what `signed` is applied to, if there is one.
    #[must_use]
    pub fn shown(&self) -> &[u8] {
        self.text.as_deref().unwrap_or(&self.applied_to)
    }

    /// Adds what another item signs, on a line of its own.
    fn add(&mut self, other: &Self) {
        self.applied_to.push(b'\n');
        self.applied_to.extend_from_slice(&other.applied_to);
        if let (Some(text), Some(other)) = (&mut self.text, &other.text) {
            text.push(b'\n');
            text.extend_from_slice(other);
        }
    }
}

/// Records what was tried, and what was signed.
#[derive(Debug, Default)]
pub(super) struct CaseSteps {
    pub(super) built: Vec<BuiltContent>,
    last: BuiltContent,
    signed: Option<BuiltContent>,
}

impl CaseSteps {
    /// What was signed; of several items, one on each line.
    pub(super) fn signed(&self) -> BuiltContent {
        self.signed.clone().unwrap_or_default()
    }
}

impl VerifySteps for CaseSteps {
    fn built(&mut self, applied_to: &[u8], text: impl FnOnce() -> Option<Vec<u8>>) {
        self.last = BuiltContent {
            applied_to: applied_to.to_vec(),
            text: text(),
        };
        if !self.built.contains(&self.last) {
            self.built.push(self.last.clone());
        }
    }

    fn tried(&mut self, _: &Key, matches: bool) {
        match &mut self.signed {
            _ if !matches => {}
            Some(signed) => signed.add(&self.last),
            None => self.signed = Some(self.last.clone()),
        }
    }
}
