//! May a verified callback go to its backend?

use std::time::Duration;

use bytes::Bytes;

use super::Outcome;
use crate::config::{Route, UpstreamTarget};
use crate::once::{Beginning, Held, Identity, Repeat, Unusable};
use crate::ops::drain::Drain;
use crate::proxy::aside;
use crate::proxy::generation::Generation;
use crate::proxy::headers::{OurNames, Repeated, mark_repeat};
use crate::proxy::refusal::{Fault, Refusal};
use crate::proxy::trace::Trace;
use crate::proxy::upstream_request::UpstreamRequest;
use crate::verify::{At, Verified};

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
    held: Held,
    drain: Drain,
    pub(super) answer_limit: usize,
}

/// Claims the callback, if the route has repeats recognised.
pub(in crate::proxy) async fn guard(
    generation: &Generation,
    drain: &Drain,
    verified: &Verified<'_>,
    route: &Route,
    trace: &mut Trace,
) -> Result<Guarded, Refusal> {
    let Some(policy) = &route.once else {
        let (claimed, repeated) = (None, None);
        return Ok(Guarded::Forward(Pass { claimed, repeated }));
    };
    let identify = || Identity::of(verified, policy);
    let size = verified.raw_body().len();
    let identity = aside::work(size, identify);
    let identity = identity.map_err(|Unusable(field)| {
        trace.at = Some(At::Field(field).to_string());
        Fault::IdentityUnusable
    })?;
    let keeper = generation.once.as_ref().ok_or(Fault::Internal)?;
    let (outcome, result) = match keeper.begin(identity, policy).await {
        Beginning::Proceed(held) => {
            let (outcome, repeated) = if held.is_certain() {
                (Outcome::Fresh, None)
            } else {
                (Outcome::Unchecked, Some(Repeated::Unknown))
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
            (Outcome::Repeat, result)
        }
        Beginning::InFlight(left) => {
            let wait = left.max(SOONEST);
            (
                Outcome::InFlight,
                Err(Refusal::Later(Fault::CallbackInFlight, wait)),
            )
        }
        Beginning::Unknown(_) => {
            let refusal = Refusal::Later(Fault::OnceStoreUnavailable, SOONEST);
            (Outcome::Unavailable, Err(refusal))
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

    /// Tells the backend if it may have the callback already.
    pub(in crate::proxy) fn mark(
        &self,
        request: &mut UpstreamRequest,
        names: &OurNames,
    ) -> Result<(), Fault> {
        match self.repeated {
            Some(repeated) => mark_repeat(request, names, repeated),
            None => Ok(()),
        }
    }

    /// Does what comes before the backend has the callback, while the claim is renewed. If it fails, or
    /// another copy got the claim meanwhile, the callback is given up, and the provider's retry gets through.
    pub(in crate::proxy) async fn before_forwarding<T>(
        &self,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Refusal> {
        let Some(claimed) = &self.claimed else {
            return Ok(work.await?);
        };
        let done = claimed.held.while_working(work).await;
        if done.is_err() {
            claimed.failed().await;
        }
        let done = done?;
        if claimed.held.is_lost() {
            claimed.failed().await;
            return Err(Refusal::Later(Fault::CallbackInFlight, SOONEST));
        }
        Ok(done)
    }

    /// Has the backend take it, while the claim is renewed. Unless that came to a success, the
    /// callback is given up then.
    pub(in crate::proxy) async fn while_forwarding<T>(&self, work: impl Future<Output = T>) -> T {
        let Some(claimed) = &self.claimed else {
            return work.await;
        };
        let done = claimed.held.while_working(work).await;
        claimed.failed().await;
        done
    }
}

impl Claimed {
    /// The built-in upstream shows it, which is to no effect: whoever sends it again sees what it would
    /// be by then.
    pub(in crate::proxy) async fn echoed(&self) {
        self.failed().await;
    }

    /// The backend took it, and answered this.
    pub(super) async fn succeeded(&self, answer: Bytes) {
        // Where the store cannot be told at once, the process does not end before it was.
        self.held.succeeded(answer, || self.drain.enter()).await;
    }

    /// The backend did not take it, or nobody knows. Nothing after an outcome.
    pub(super) async fn failed(&self) {
        if !self.held.is_settled() {
            self.held.failed(|| self.drain.enter()).await;
        }
    }
}
