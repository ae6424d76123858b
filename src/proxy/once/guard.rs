//! Decides whether a verified callback may go to its backend.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use pingora::http::ResponseHeader;

use super::{Capture, ClaimOutcome};
use crate::config::UpstreamTarget;
use crate::judge::{Fault, Outcome, Refusal, Repeated, Verdict};
use crate::once::{Beginning, HeldClaim, Identity, OncePolicy, Repeat, Unusable};
use crate::ops::drain::Drain;
use crate::proxy::process::Generation;
use crate::proxy::request::{Trace, aside};
use crate::verify::{At, Verified};

/// If the provider retried sooner, it would only get the same answer.
const SOONEST: Duration = Duration::from_secs(1);

/// What may happen to a callback.
pub(in crate::proxy) enum Guarded {
    /// It goes to the backend.
    Forward(Pass),
    /// It gets the backend's first answer again.
    Acknowledge(Bytes),
}

/// The permission to go to the backend.
pub(in crate::proxy) struct Pass {
    claimed: Option<Claimed>,
    repeated: Option<Repeated>,
}

/// A claimed callback: copies are kept from the backend while it is there.
pub(in crate::proxy) struct Claimed {
    held: HeldClaim,
    drain: Drain,
    answer_limit: usize,
}

/// Claims the callback, if the route recognises repeats.
pub(in crate::proxy) async fn guard(
    generation: &Generation,
    drain: &Drain,
    verdict: &Verdict<'_>,
    trace: &mut Trace,
) -> Result<Guarded, Refusal> {
    let (verified, route) = (verdict.verified(), verdict.received().route());
    let Some(policy) = &route.once else {
        return Ok(Guarded::Forward(Pass::unclaimed()));
    };
    let identity = identity(verified, policy)?;
    if let Some(controlled) = &generation.controlled {
        trace.identity = controlled.note(&trace.request_id, identity, verified, policy);
    }
    let claims = generation.once.as_ref().ok_or(Fault::Internal)?;
    let (outcome, result) = match claims.begin(identity, policy).await {
        Beginning::Proceed(held) => {
            let (outcome, repeated) = if held.is_certain() {
                (ClaimOutcome::Fresh, None)
            } else {
                (ClaimOutcome::Unchecked, Some(Repeated::Unknown))
            };
            let claimed = Some(Claimed {
                held,
                drain: drain.clone(),
                answer_limit: policy.answer_limit,
            });
            (outcome, Ok(Guarded::Forward(Pass { claimed, repeated })))
        }
        Beginning::Repeat(answer) => {
            let is_echo = route.upstream.target == UpstreamTarget::Echo;
            let result = match policy.repeat {
                // A stored answer would not be an echo.
                Repeat::Acknowledge if !is_echo => Ok(Guarded::Acknowledge(answer)),
                Repeat::Acknowledge | Repeat::Forward => Ok(Guarded::Forward(Pass {
                    claimed: None,
                    repeated: Some(Repeated::Yes),
                })),
                Repeat::Reject => Err(Fault::CallbackRepeated.into()),
            };
            (ClaimOutcome::Repeat, result)
        }
        Beginning::InFlight(left) => {
            let wait = left.max(SOONEST);
            (
                ClaimOutcome::InFlight,
                Err(Refusal::Later(Fault::CallbackInFlight, wait)),
            )
        }
        Beginning::Unknown(_) => {
            let refusal = Refusal::Later(Fault::OnceStoreUnavailable, SOONEST);
            (ClaimOutcome::Unavailable, Err(refusal))
        }
    };
    trace.once = Some(outcome);
    result
}

/// What tells the callback from others.
pub(in crate::proxy) fn identity(
    verified: &Verified<'_>,
    policy: &OncePolicy,
) -> Result<Identity, Refusal> {
    let identify = || Identity::of(verified, policy);
    let identity = aside::work(verified.raw_body().len(), identify);
    identity.map_err(|Unusable(field)| {
        Refusal::At(Fault::IdentityUnusable, At::Field(field).to_string())
    })
}

impl Pass {
    /// For a route that does not recognise repeats now.
    pub(in crate::proxy) const fn unclaimed() -> Self {
        Self {
            claimed: None,
            repeated: None,
        }
    }

    /// The claim, if there is one.
    pub(in crate::proxy) fn claimed(&self) -> Option<&Claimed> {
        self.claimed.as_ref()
    }

    /// What to tell the backend if it may already have the callback.
    pub(in crate::proxy) fn repeated(&self) -> Option<Repeated> {
        self.repeated
    }

    /// Does a part of the work on the callback, and renews the claim meanwhile.
    pub(in crate::proxy) async fn keeping<T>(&self, work: Pin<&mut impl Future<Output = T>>) -> T {
        match &self.claimed {
            Some(claimed) => claimed.held.while_working(work).await,
            None => work.await,
        }
    }

    /// Fails if another copy has taken over the claim.
    pub(in crate::proxy) fn check(&self) -> Result<(), Refusal> {
        match &self.claimed {
            Some(claimed) if claimed.held.is_lost() => {
                Err(Refusal::Later(Fault::CallbackInFlight, SOONEST))
            }
            _ => Ok(()),
        }
    }

    /// Records the outcome of a delivery without a complete answer.
    pub(in crate::proxy) async fn settle(&self, outcome: Outcome) {
        if let Some(claimed) = &self.claimed {
            claimed.settle(outcome, Bytes::new).await;
        }
    }

    /// Releases the callback, so that the provider's retry passes, unless its outcome is known.
    pub(in crate::proxy) async fn end(self) {
        if let Some(claimed) = &self.claimed {
            claimed.failed().await;
        }
    }
}

impl Claimed {
    /// Starts recording an answer with this header.
    pub(in crate::proxy) fn capture(&self, answer: &ResponseHeader) -> Capture {
        Capture::new(answer.status.as_u16(), &answer.headers, self.answer_limit)
    }

    /// Records the outcome: for a success, with the answer.
    pub(in crate::proxy) async fn settle(&self, outcome: Outcome, answer: impl FnOnce() -> Bytes) {
        match outcome {
            Outcome::Taken => self.succeeded(answer()).await,
            Outcome::Refused(_) | Outcome::NotSent | Outcome::Unknown => self.failed().await,
        }
    }

    /// The backend accepted the callback, with this answer.
    async fn succeeded(&self, answer: Bytes) {
        // If the store cannot record it yet, the process does not exit before it has.
        self.held.succeeded(answer, || self.drain.enter()).await;
    }

    /// The backend did not accept the callback, or that is unknown. Does nothing once there is an
    /// outcome.
    async fn failed(&self) {
        if !self.held.is_settled() {
            self.held.failed(|| self.drain.enter()).await;
        }
    }
}
