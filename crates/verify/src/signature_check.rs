//! Whether one of the keys made the signature.

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::content::SignedContent;
use super::keys::Key;
use super::memory::MemoryBudget;
use super::presented::Presented;
use super::reason::{Reason, Rejection, VerifyError};
use super::scheme::Scheme;
use super::verify_steps::VerifySteps;

/// Refuses a signature that none of the keys can have made. The signed content is not built for it.
pub(super) fn check_form(
    algorithm: Algorithm,
    signature: &[u8],
    keys: &[Arc<Key>],
) -> Result<(), Rejection> {
    if keys.iter().any(|key| key.candidate(algorithm, signature)) {
        Ok(())
    } else {
        Err(Reason::SignatureWrongLength.into())
    }
}

/// The proof that one of the keys made the signature over the content.
pub(super) struct SignatureValid<'a> {
    presented: Presented<'a>,
    content: SignedContent,
    /// Which candidate the content is.
    nth: usize,
    key: &'a Key,
}

impl<'a> SignatureValid<'a> {
    pub(super) fn check<S: VerifySteps>(
        scheme: &Scheme,
        keys: &'a [Arc<Key>],
        presented: Presented<'a>,
        memory: &mut dyn MemoryBudget,
        steps: &mut S,
    ) -> Result<Self, VerifyError> {
        let signature = presented.signature.as_slice();
        let algorithm = scheme.algorithm;
        check_form(algorithm, signature, keys)?;
        let may_have = |key: &&Key| key.candidate(algorithm, signature);
        let mut content = SignedContent::build(scheme, &presented, 0, memory)?;
        let mut nth: usize = 0;
        while let Some(candidate) = content {
            steps.content(nth, candidate.bytes());
            let made = |key: &&Key| {
                let matches = key.verify(algorithm, candidate.bytes(), signature);
                steps.tried(key, matches);
                matches
            };
            if let Some(key) = keys.iter().map(Arc::as_ref).filter(may_have).find(made) {
                return Ok(Self {
                    presented,
                    content: candidate,
                    nth,
                    key,
                });
            }
            nth = nth.saturating_add(1);
            content = SignedContent::build(scheme, &presented, nth, memory)?
                .filter(|next| *next != candidate);
        }
        Err(Reason::SignatureMismatch.into())
    }

    /// What was presented, what was signed and which candidate that is, and the key.
    pub(super) fn into_parts(self) -> (Presented<'a>, SignedContent, usize, &'a Key) {
        (self.presented, self.content, self.nth, self.key)
    }
}
