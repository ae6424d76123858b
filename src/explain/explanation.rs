//! An explanation, before it is shown.

use super::diagnosis::Diagnosis;
use super::finding::{Finding, FindingCode};
use super::freshness_shown::Freshness;
use super::guarded::{GuardedText, Veil};

/// What becomes of a request, step by step, and why. What it holds of the request and of keys is shown through a veil
/// only: [`as_text`](Self::as_text) and [`as_json`](Self::as_json) are the ways to see it.
pub struct Explanation {
    pub(super) outcome: ExplainedOutcome,
    pub(super) finding: Finding,
    pub(super) steps: Vec<ExplainedStep>,
    pub(super) veil: Veil,
}

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExplainedOutcome {
    /// It is verified.
    Verified,
    /// The scheme answers it, and no backend sees it.
    Handshake,
    /// The proxy itself answers it, and no backend sees it.
    Answered,
    /// It would be rejected, with this code.
    Rejected(&'static str),
    /// No route takes it, with this code.
    NoRoute(&'static str),
}

impl ExplainedOutcome {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Handshake => "handshake",
            Self::Answered => "answered",
            Self::Rejected(_) => "rejected",
            Self::NoRoute(_) => "no_route",
        }
    }

    /// The reason or fault, if it is refused.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Rejected(code) | Self::NoRoute(code) => Some(code),
            _ => None,
        }
    }
}

/// A step, as people go through them.
pub(super) enum ExplainedStep {
    /// The request that was read.
    Request {
        method: String,
        /// Without the query, which may hold a token.
        path: GuardedText,
        body: usize,
    },
    /// What its text left open.
    Note(GuardedText),
    /// The route that takes it.
    Route(String),
    /// How it is verified.
    Scheme { name: String, algorithms: String },
    /// The target that the provider called, where it is another.
    Called(GuardedText),
    /// A value that was found, and by which expression.
    Found {
        what: &'static str,
        by: String,
        value: GuardedText,
    },
    /// A candidate for the content.
    Content {
        nth: usize,
        text: GuardedText,
        /// What the algorithm is applied to, if that is not the text.
        applied_to: Option<GuardedText>,
        /// The algorithm and the digest of what it is applied to, if it holds no secret.
        digest: Option<(&'static str, String)>,
        /// Whether it holds a secret, or something made of one.
        holds_secret: bool,
    },
    /// A key that was tried.
    Key {
        id: String,
        kind: String,
        fits: bool,
        opened: Option<String>,
    },
    /// What a signature would have been: only with the permission to show it.
    Expected(GuardedText),
    /// How old it is.
    Freshness(Freshness),
    /// What came of a search, if there was to be one.
    Searched {
        tried: usize,
        found: bool,
        told: String,
    },
}

impl Explanation {
    /// What comes of the request.
    #[must_use]
    pub const fn outcome(&self) -> ExplainedOutcome {
        self.outcome
    }

    /// Whether a cause was found, beyond the reason for the refusal.
    #[must_use]
    pub fn has_cause(&self) -> bool {
        let none = FindingCode::Diagnosis(Diagnosis::NoCauseFound);
        matches!(self.finding.code, FindingCode::Diagnosis(_)) && self.finding.code != none
    }

    /// The code of the diagnosis: one of [`Diagnosis`], or a reason or fault that says it all.
    #[must_use]
    pub const fn diagnosis(&self) -> &'static str {
        self.finding.code.code()
    }
}
