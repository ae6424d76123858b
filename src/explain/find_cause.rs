//! From a refusal to its cause.

use std::collections::HashSet;

use super::diagnosis::Diagnosis;
use super::distinct_bodies::is_new_body;
use super::finding::{Finding, FindingCode};
use super::freshness_shown::Freshness;
use super::guarded::Veil;
use super::opened_keys::{self, OpenedKey};
use super::reason_advice;
use super::search_cause::{SearchBound, search};
use super::suspects::{self, Surroundings};
use super::trial::{Trial, is_past_signature};
use super::watched::Watched;
use crate::verify::{Reason, Rejection};
use crate::written_request::ReadNote;

/// What is known when the cause is looked for.
pub(super) struct CauseEvidence<'e> {
    pub(super) trial: &'e Trial,
    pub(super) watched: &'e Watched,
    pub(super) opened: &'e [OpenedKey],
    pub(super) around: &'e Surroundings,
    pub(super) veil: &'e Veil,
    pub(super) notes: &'e [ReadNote],
    pub(super) freshness: Option<&'e Freshness>,
}

/// The most bytes of bodies that the usual changes verify: seconds of work, whoever wrote the request.
const USUAL_BYTES: usize = 128 << 20;

impl CauseEvidence<'_> {
    /// Why the request is refused for this reason. `bound` asks for a search, too.
    pub(super) fn cause(
        &self,
        rejection: &Rejection,
        bound: Option<&mut SearchBound<'_>>,
    ) -> Finding {
        let reason = rejection.reason;
        if let Some(finding) = self.freshness.and_then(|freshness| freshness.cause(reason)) {
            return finding;
        }
        let is_tried = self.watched.tried.iter().any(|tried| tried.matches);
        if is_ambiguous(reason) || is_tried && is_past_signature(reason) {
            return of_reason(rejection);
        }
        let right = || opened_keys::right_content(self.trial, self.watched, self.opened);
        let usual = || self.usual(reason);
        let searched = || search(self.trial, self.around, bound?);
        let pss = || opened_keys::right_pss(self.trial, self.watched, self.opened);
        let found = right().or_else(usual).or_else(pss).or_else(searched);
        let mismatch = reason == Reason::SignatureMismatch;
        let found = found.or_else(|| {
            let opened = opened_keys::otherwise(self.trial, self.watched, self.opened, self.veil);
            let opened = opened.filter(|_| mismatch);
            // Over which content it was made is all that a body can decide.
            let other_content = FindingCode::Diagnosis(Diagnosis::OtherContent);
            match opened {
                Some(opened) if opened.code != other_content => Some(opened),
                opened => self.truncated(reason).or(opened),
            }
        });
        found.unwrap_or_else(|| match mismatch {
            true => Finding::of(Diagnosis::NoCauseFound),
            false => of_reason(rejection),
        })
    }

    fn usual(&self, reason: Reason) -> Option<Finding> {
        let mut seen = HashSet::new();
        // Whichever key fits, the request does not say which it means.
        let names_none = matches!(
            reason,
            Reason::KeyIdMissing | Reason::KeyIdRepeated | Reason::KeyIdMalformed
        );
        let all = suspects::usual(self.trial, self.around);
        let all = all.filter(|one| !(names_none && one.diagnosis == Diagnosis::OtherKey));
        let mut left = USUAL_BYTES;
        let mut all = all.take_while(|one| {
            let body = one.variation.body.as_ref();
            let size = body.map_or(self.trial.request.body.len(), Vec::len);
            left = left.saturating_sub(size);
            left > 0
        });
        let found =
            all.find(|one| is_new_body(one, &mut seen) && self.trial.fits(&one.variation))?;
        let finding = Finding::of_suspects(&[&found])?;
        let body = found.variation.body.as_ref();
        let body = body.filter(|_| found.diagnosis == Diagnosis::BodyReencoded);
        let differ = body.and_then(|body| suspects::differences(&self.trial.request.body, body));
        Some(match differ {
            Some(differ) => finding.with(differ),
            None => finding,
        })
    }

    /// A body that is not whole, if the signature covers it and the reason may come from that.
    fn truncated(&self, reason: Reason) -> Option<Finding> {
        if !self.trial.policy.scheme.signs_body() || !is_of_body(reason) {
            return None;
        }
        let is_cut = |note: &&ReadNote| match note {
            ReadNote::Shorter(..) | ReadNote::CutInCapture(..) => true,
            ReadNote::HarLength(said, found) => found < said,
            _ => false,
        };
        let note = self.notes.iter().find(is_cut)?;
        Some(Finding::of(Diagnosis::BodyTruncated).with(note.to_string()))
    }
}

/// Whether a body that was cut can be refused for this reason.
const fn is_of_body(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::SignatureMismatch
            | Reason::BodyEmpty
            | Reason::BodyNotUtf8
            | Reason::BodyNotInCharset
            | Reason::FormInvalid
            | Reason::XmlInvalid
            | Reason::JsonInvalid
            | Reason::JsonNotObject
            | Reason::ValueMissing
    )
}

/// Whether a request can be read in two ways. A suspect that leaves one of them would name a cause that is none.
const fn is_ambiguous(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::ContentTypeAmbiguous
            | Reason::SignatureRepeated
            | Reason::TimestampRepeated
            | Reason::NonceRepeated
            | Reason::KeyIdRepeated
            | Reason::HeaderRepeated
            | Reason::ValueRepeated
            | Reason::FieldRepeated
            | Reason::QueryRepeated
            | Reason::ContentAmbiguous
    )
}

/// A reason that says it all.
pub(super) fn of_reason(rejection: &Rejection) -> Finding {
    let reason = rejection.reason;
    let mut finding = Finding {
        code: FindingCode::Reason(reason),
        first: reason.meaning().to_owned(),
        more: Vec::new(),
        changes: Vec::new(),
        advice: reason_advice::advice(reason).to_owned(),
    };
    if let Some(at) = &rejection.at {
        finding = finding.with(format!("at {at}"));
    }
    if let Some(detail) = &rejection.detail {
        finding = finding.with(detail.to_string());
    }
    finding
}
