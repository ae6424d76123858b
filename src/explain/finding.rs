//! What an explanation comes to.

use super::diagnosis::Diagnosis;
use super::guarded::GuardedText;
use super::variation::{Mend, Suspect};
use crate::judge::Fault;
use crate::verify::Reason;

/// The answer to "why", and what to do about it.
pub(super) struct Finding {
    pub(super) code: FindingCode,
    /// The first line, which names the cause.
    pub(super) first: String,
    /// More about it.
    pub(super) more: Vec<GuardedText>,
    /// What was changed to make the signature fit, and where it belongs.
    pub(super) changes: Vec<(GuardedText, Mend)>,
    pub(super) advice: String,
}

/// What a finding is called: a diagnosis, or the reason itself where that says it all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FindingCode {
    Diagnosis(Diagnosis),
    Reason(Reason),
    Fault(Fault),
}

impl FindingCode {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Diagnosis(diagnosis) => diagnosis.code(),
            Self::Reason(reason) => reason.code(),
            Self::Fault(fault) => fault.code(),
        }
    }
}

impl Finding {
    /// A diagnosis in its own words.
    pub(super) fn of(diagnosis: Diagnosis) -> Self {
        Self::saying(diagnosis, diagnosis.meaning().to_owned())
    }

    /// A diagnosis in other words.
    pub(super) fn saying(diagnosis: Diagnosis, first: String) -> Self {
        Self {
            code: FindingCode::Diagnosis(diagnosis),
            first,
            more: Vec::new(),
            changes: Vec::new(),
            advice: diagnosis.advice().to_owned(),
        }
    }

    /// Suspects that made the signature fit together. The first names it.
    pub(super) fn of_suspects(suspects: &[&Suspect]) -> Option<Self> {
        let first = suspects.first()?;
        let changes = suspects
            .iter()
            .map(|one| (GuardedText::new(one.what.as_bytes()), one.mend));
        let urls = suspects.iter();
        let urls = urls.filter_map(|one| one.variation.public_url.as_deref());
        // The line to paste. What Rust escapes in printable ASCII, TOML does.
        let lines = urls.map(|url| GuardedText::new(format!("in the route: public_url = {url:?}")));
        Some(Self {
            changes: changes.collect(),
            more: lines.collect(),
            ..Self::of(first.diagnosis)
        })
    }

    pub(super) fn with(mut self, more: impl Into<Vec<u8>>) -> Self {
        self.more.push(GuardedText::new(more));
        self
    }
}
