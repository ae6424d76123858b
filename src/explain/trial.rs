//! A request held against a policy, and against others that differ in one thing.

use std::borrow::Cow;
use std::sync::Arc;

use super::variation::Variation;
use crate::verify::{
    Callback, Key, Means, Plenty, Reason, Rejection, VerifyError, VerifyPolicy, VerifySteps,
    verify_watched,
};
use crate::written_request::WrittenRequest;

/// What is verified: a request whose target is the one that the provider called, and a policy of any age.
pub(super) struct Trial {
    pub(super) policy: VerifyPolicy,
    pub(super) request: WrittenRequest,
    pub(super) at: i64,
}

impl Trial {
    /// A request against a policy, whatever its age.
    pub(super) fn new(policy: &VerifyPolicy, request: WrittenRequest, at: i64) -> Self {
        Self {
            policy: policy.clone().with_max_age(None),
            request,
            at,
        }
    }

    /// Whether a secret is a part of what is signed. Then a digest of that could be searched for it.
    pub(super) fn signs_secret(&self) -> bool {
        let rules = self.policy.scheme.rules();
        let mut keys = self.policy.keys.all();
        let has_named = keys.any(|key| key.named_secrets().next().is_some());
        rules.content_holds_secret() || has_named && !rules.named_secrets().is_empty()
    }

    /// Whether the signature is the secret itself.
    pub(super) fn is_token(&self) -> bool {
        let algorithms = self.policy.scheme.algorithms().into_iter();
        { algorithms }.any(|one| one.means() == Means::Token)
    }

    /// Verifies it, as a request that came over a socket.
    pub(super) fn run<S: VerifySteps>(&self, steps: &mut S) -> Result<(), Rejection> {
        self.run_with(&Variation::default(), steps)
    }

    /// Whether the signature fits once this is different.
    pub(super) fn fits(&self, variation: &Variation) -> bool {
        let mut steps = FitSteps(false);
        match self.run_with(variation, &mut steps) {
            Ok(()) => true,
            Err(rejection) => steps.0 && is_past_signature(rejection.reason),
        }
    }

    fn policy_with(&self, variation: &Variation) -> Cow<'_, VerifyPolicy> {
        let is_same = variation.keys.is_none() && variation.scheme.is_none();
        if is_same && variation.public_url.is_none() {
            return Cow::Borrowed(&self.policy);
        }
        let mut policy = self.policy.clone();
        if let Some(keys) = &variation.keys {
            policy.keys = keys.clone();
        }
        if let Some(scheme) = &variation.scheme {
            policy.scheme = Arc::clone(scheme);
        }
        if let Some(url) = &variation.public_url {
            policy.route.public_url = Some(url.clone());
        }
        Cow::Owned(policy)
    }

    pub(super) fn run_with<S: VerifySteps>(
        &self,
        variation: &Variation,
        steps: &mut S,
    ) -> Result<(), Rejection> {
        let request = &self.request;
        let method = variation.method.as_ref().unwrap_or(&request.method);
        let target: Cow<'_, [u8]> = match &variation.target {
            Some(target) => target.as_slice().into(),
            None => request.target.as_slice().into(),
        };
        let headers = variation.headers.as_ref().unwrap_or(&request.headers);
        let body = variation.body.as_deref().unwrap_or(&request.body);
        let policy = self.policy_with(variation);
        let callback = Callback::new(method.as_str(), &target, headers, body);
        let verdict = verify_watched(&policy, callback, self.at, &mut Plenty, steps);
        verdict.map(drop).map_err(VerifyError::of_plenty)
    }
}

/// Whether a request with this reason has a signature that fits.
pub(super) const fn is_past_signature(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::TimestampStale
            | Reason::TimestampFuture
            | Reason::TimestampMissing
            | Reason::BodyUnexpected
            | Reason::FieldUnsigned
            | Reason::FieldMissing
            | Reason::FieldTypeWrong
            | Reason::FieldRepeated
            | Reason::QueryRepeated
            | Reason::QueryShadowsField
            | Reason::ContentAmbiguous
    )
}

/// Notes whether any key made a signature.
struct FitSteps(bool);

impl VerifySteps for FitSteps {
    fn tried(&mut self, _: &Key, matches: bool) {
        self.0 |= matches;
    }
}
