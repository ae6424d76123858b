//! May a verified callback go to its backend?

use std::time::Duration;

use bytes::Bytes;
use pingora::http::ResponseHeader;

use super::{Capture, ClaimOutcome};
use crate::config::UpstreamTarget;
use crate::judge::{Fault, Outcome, Refusal, Repeated, Verdict};
use crate::once::{Beginning, HeldClaim, Identity, Repeat, Unusable};
use crate::ops::drain::Drain;
use crate::proxy::process::Generation;
use crate::proxy::request::{Trace, aside};
use crate::verify::At;

/// A provider that is told to come again sooner would only find the same.
const SOONEST: Duration = Duration::from_secs(1);

/// What a callback may do.
pub(in crate::proxy) enum Guarded {
    /// Go to the backend.
    Forward(Pass),
    /// Be answered as the backend answered the first time.
    Acknowledge(Bytes),
}

/// The right to go to the backend.
pub(in crate::proxy) struct Pass {
    claimed: Option<Claimed>,
    repeated: Option<Repeated>,
}

/// A callback that others are kept from while it is with the backend.
pub(in crate::proxy) struct Claimed {
    held: HeldClaim,
    drain: Drain,
    answer_limit: usize,
}

/// Claims the callback, if the route has repeats recognised.
pub(in crate::proxy) async fn guard(
    generation: &Generation,
    drain: &Drain,
    verdict: &Verdict<'_>,
    trace: &mut Trace,
) -> Result<Guarded, Refusal> {
    let (verified, route) = (verdict.verified(), verdict.received().route());
    let Some(policy) = &route.once else {
        let (claimed, repeated) = (None, None);
        return Ok(Guarded::Forward(Pass { claimed, repeated }));
    };
    let identify = || Identity::of(verified, policy);
    let size = verified.raw_body().len();
    let identity = aside::work(size, identify);
    let identity = identity.map_err(|Unusable(field)| {
        Refusal::At(Fault::IdentityUnusable, At::Field(field).to_string())
    })?;
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
                // An answer from memory would not be an echo.
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

impl Pass {
    /// The claim, where there is one.
    pub(in crate::proxy) fn claimed(&self) -> Option<&Claimed> {
        self.claimed.as_ref()
    }

    /// What the backend is told, if it may have the callback already.
    pub(in crate::proxy) fn repeated(&self) -> Option<Repeated> {
        self.repeated
    }

    /// Does a part of the work on the callback, and renews the claim meanwhile.
    pub(in crate::proxy) async fn keeping<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.claimed {
            Some(claimed) => claimed.held.while_working(work).await,
            None => work.await,
        }
    }

    /// Refuses to go on where another copy got the claim meanwhile.
    pub(in crate::proxy) fn check(&self) -> Result<(), Refusal> {
        match &self.claimed {
            Some(claimed) if claimed.held.is_lost() => {
                Err(Refusal::Later(Fault::CallbackInFlight, SOONEST))
            }
            _ => Ok(()),
        }
    }

    /// Tells what came of a delivery without a whole answer.
    pub(in crate::proxy) async fn settle(&self, outcome: Outcome) {
        if let Some(claimed) = &self.claimed {
            claimed.settle(outcome, Bytes::new).await;
        }
    }

    /// Gives the callback up, so that the provider's retry gets through, unless its outcome is known.
    pub(in crate::proxy) async fn end(self) {
        if let Some(claimed) = &self.claimed {
            claimed.failed().await;
        }
    }
}

impl Claimed {
    /// Takes an answer with this header down.
    pub(in crate::proxy) fn capture(&self, answer: &ResponseHeader) -> Capture {
        Capture::new(answer.status.as_u16(), &answer.headers, self.answer_limit)
    }

    /// Tells what came of it: of a success, with the answer.
    pub(in crate::proxy) async fn settle(&self, outcome: Outcome, answer: impl FnOnce() -> Bytes) {
        match outcome {
            Outcome::Taken => self.succeeded(answer()).await,
            Outcome::Refused(_) | Outcome::NotSent | Outcome::Unknown => self.failed().await,
        }
    }

    /// The backend took it, and answered this.
    async fn succeeded(&self, answer: Bytes) {
        // Where the store cannot be told at once, the process does not end before it was.
        self.held.succeeded(answer, || self.drain.enter()).await;
    }

    /// The backend did not take it, or nobody knows. Nothing after an outcome.
    async fn failed(&self) {
        if !self.held.is_settled() {
            self.held.failed(|| self.drain.enter()).await;
        }
    }
}
