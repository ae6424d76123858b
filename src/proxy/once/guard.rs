//! May a verified callback go to its backend?

use std::time::Duration;

use bytes::Bytes;

use super::{Outcome, capture};
use crate::config::Route;
use crate::once::{Beginning, Held, Identity, Repeat, Unusable};
use crate::ops::drain::Drain;
use crate::proxy::generation::Generation;
use crate::proxy::headers::{Repeated, mark_repeat};
use crate::proxy::refusal::{Fault, Refusal};
use crate::proxy::trace::Trace;
use crate::proxy::upstream_request::UpstreamRequest;
use crate::verify::{At, Verified};

/// A provider that is told to come again sooner would only find the same.
const SOONEST: Duration = Duration::from_secs(1);

/// What a callback may do.
pub(in crate::proxy) enum Guarded {
    /// Go to the backend; the claim, where the route has repeats recognised.
    Forward(Option<Claimed>),
    /// Be answered as the backend answered the first time.
    Acknowledge(Bytes),
}

/// A callback that has the right to go to the backend.
pub(in crate::proxy) struct Claimed {
    held: Held,
    drain: Drain,
    pub(super) answer_limit: usize,
}

/// What copies of the callback have in common, if the route has repeats recognised.
pub(in crate::proxy) fn identity(
    verified: &Verified<'_>,
    route: &Route,
    trace: &mut Trace,
) -> Result<Option<Identity>, Fault> {
    let Some(policy) = &route.once else {
        return Ok(None);
    };
    let identity = Identity::of(verified, policy).map_err(|Unusable(field)| {
        trace.at = Some(At::Field(field).to_string());
        Fault::IdentityUnusable
    })?;
    Ok(Some(identity))
}

/// Claims the callback, if the route has repeats recognised.
pub(in crate::proxy) async fn guard(
    generation: &Generation,
    drain: &Drain,
    route: &Route,
    identity: Option<Identity>,
    request: &mut UpstreamRequest,
    trace: &mut Trace,
) -> Result<Guarded, Refusal> {
    let (Some(policy), Some(identity)) = (&route.once, identity) else {
        return Ok(Guarded::Forward(None));
    };
    let keeper = generation.once.as_ref().ok_or(Fault::Internal)?;
    let (outcome, result) = match keeper.begin(identity, policy).await {
        Beginning::Proceed(held) => {
            let outcome = if held.is_certain() {
                Outcome::Fresh
            } else {
                mark_repeat(request, &generation.names, Repeated::Unknown)?;
                Outcome::Unchecked
            };
            let claimed = Claimed {
                held,
                drain: drain.clone(),
                answer_limit: policy.answer_limit,
            };
            (outcome, Ok(Guarded::Forward(Some(claimed))))
        }
        Beginning::Repeat(answer) => {
            let result = match policy.repeat {
                Repeat::Acknowledge => Ok(Guarded::Acknowledge(answer)),
                Repeat::Forward => {
                    mark_repeat(request, &generation.names, Repeated::Yes)?;
                    Ok(Guarded::Forward(None))
                }
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

impl Claimed {
    /// Does the work while the claim is renewed. Unless the work came to a success, the callback is
    /// given up then, and the provider's retry gets through.
    pub(in crate::proxy) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let done = self.held.while_working(work).await;
        self.failed().await;
        done
    }

    /// The built-in upstream took it.
    pub(in crate::proxy) async fn echoed(&self, shown: &str) {
        self.succeeded(capture::own(shown, self.answer_limit)).await;
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
