//! The end of a request: its answer, a refusal in its place, and the record of it.

use std::pin::{Pin, pin};
use std::time::Duration;

use pingora::protocols::http::{ReusableHttpStream, ServerSession};
use tokio::time::timeout;

use super::exchange::Exchange;
use super::reply::{Relayed, Taker, own_answer};
use super::trace::Trace;
use crate::judge::{Fault, Refusal};
use crate::ops::access_log::AccessLog;
use crate::proxy::at_once::at_once;

impl Exchange<'_> {
    /// Answers the client if it has no answer yet, and records the result.
    pub(super) async fn conclude(
        &self,
        mut session: Box<ServerSession>,
        mut trace: Box<Trace>,
        outcome: Result<Relayed, Refusal>,
        time: Duration,
    ) -> Option<ReusableHttpStream> {
        let is_refused = outcome.is_err();
        let clean = match outcome {
            Ok(relayed) => {
                let is_no_success = relayed.outcome.is_no_success();
                let no_success = is_no_success.then_some(Fault::AnswerNotSuccess);
                trace.status = relayed.status;
                trace.fault = relayed.broken.or(no_success);
                // Otherwise, there can be that of a route in report mode.
                trace.reason = trace.fault.map(Fault::code).or(trace.reason);
                match relayed.broken {
                    None => {}
                    Some(Fault::ClientClosed) => trace.status = Fault::ClientClosed.status(),
                    Some(fault) => trace.tell_failure(fault.code()),
                }
                relayed.broken.is_none()
            }
            Err(refusal) => self.refuse(&mut session, &refusal, &mut trace, time).await,
        };
        self.note(trace, &session, true);
        let end = pin!(self.end(session, clean, time));
        // After an aborted answer, the connection is unusable for the client.
        if is_refused || !clean {
            self.unless_requests_need_room(end).await.flatten()
        } else {
            end.await
        }
    }

    /// Tells the client, with the next answer, to use another connection from then on.
    pub(super) fn announce_end(&self, session: &mut ServerSession) {
        if self.drain.is_ending() {
            session.set_keepalive(None);
        }
    }

    /// Ends a request. First writes what is left in pingora's buffer, with a limit, because a
    /// client that reads nothing must not hold the request for ever.
    pub(in crate::proxy) async fn end(
        &self,
        mut session: Box<ServerSession>,
        clean: bool,
        time: Duration,
    ) -> Option<ReusableHttpStream> {
        let end = pin!(async {
            if clean {
                session.finish().await.ok().flatten()
            } else {
                // A truncated answer must not look complete.
                session.shutdown().await;
                None
            }
        });
        let ended = timeout(time, self.taker().until_taken(end)).await;
        ended.ok().flatten().flatten()
    }

    /// Makes the record of a request that ended, counts it, and writes its log line.
    pub(in crate::proxy) fn note(
        &self,
        trace: Box<Trace>,
        session: &ServerSession,
        readable: bool,
    ) {
        let route = trace.route.clone();
        let is_wanted = route.as_ref().is_none_or(|route| route.access_log);
        let log = self.generation.access_log.as_ref().filter(|_| is_wanted);
        let wanted = log.map(AccessLog::wants).unwrap_or_default();
        let finished = trace.finish(session, readable, wanted, &self.generation.site);
        self.generation.series.ended(route.as_deref(), &finished);
        if let Some(log) = log {
            log.write(&finished);
        }
    }

    /// Answers with a refusal. Returns `false` if the connection cannot be reused.
    async fn refuse(
        &self,
        session: &mut ServerSession,
        refusal: &Refusal,
        trace: &mut Trace,
        time: Duration,
    ) -> bool {
        let whole = !loses_the_end(refusal) && session.is_body_done();
        if !whole {
            session.set_keepalive(None);
        }
        let sent = self.tell(session, refusal, trace, time).await;
        if sent && !whole && !session.is_http2() && !gave_up(refusal) {
            self.unless_room_is_needed(pin!(own_answer::linger(session)))
                .await;
        }
        sent
    }

    /// Does something for a client whose request is finished, until another connection or request
    /// needs the room.
    pub(super) async fn unless_room_is_needed(
        &self,
        something: Pin<&mut impl Future<Output = ()>>,
    ) {
        let _stall = self.slot.stall();
        tokio::select! {
            _ = self.unless_requests_need_room(something) => {}
            () = self.slot.must_leave() => {}
        }
    }

    /// Does something for a client whose request was refused, until another request needs the room;
    /// `None` if one did. A client that reads nothing must not block it.
    pub(super) async fn unless_requests_need_room<T>(
        &self,
        mut something: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        if let Some(done) = at_once(something.as_mut()).await {
            return Some(done);
        }
        let mut refusal = self.budget.stalled().add_refusal();
        tokio::select! {
            biased;
            done = something => Some(done),
            _leaving = refusal.must_leave() => None,
        }
    }

    /// Sends the answer to a refusal. Returns `false` if the client did not read it.
    pub(in crate::proxy) async fn tell(
        &self,
        session: &mut ServerSession,
        refusal: &Refusal,
        trace: &mut Trace,
        time: Duration,
    ) -> bool {
        self.announce_end(session);
        trace.refused(refusal);
        if refusal.status() >= 500 {
            trace.tell_failure(refusal.code());
        }
        let exposed = trace
            .route
            .as_ref()
            .is_some_and(|route| route.expose_reason);
        let to = self.receiver(time);
        let sent = own_answer::refuse(session, refusal, &trace.request_id, exposed, to);
        let sent = self.unless_requests_need_room(pin!(sent)).await;
        sent.is_some_and(|sent| sent.is_ok())
    }

    /// The client.
    pub(super) fn taker(&self) -> Taker<'_> {
        Taker {
            slot: self.slot,
            waiting: self.budget.stalled(),
        }
    }

    pub(super) fn receiver(&self, write_timeout: Duration) -> own_answer::Receiver<'_> {
        own_answer::Receiver {
            taker: self.taker(),
            write_timeout,
        }
    }
}

/// Whether the client was too slow or is gone, so that waiting for it is pointless.
fn gave_up(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Fault(Fault::HeaderTimeout | Fault::BodyTimeout | Fault::BodyIncomplete)
    )
}

/// Whether the client, or a proxy in front, may see the request end elsewhere than we do. Then the
/// bytes after it are not a next request: an answer to them could be mistaken for another's.
fn loses_the_end(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Fault(
            Fault::RequestMalformed
                | Fault::HostMissing
                | Fault::LengthAmbiguous
                | Fault::EncodingUnsupported
                | Fault::UpgradeRefused
                | Fault::BodyIncomplete
        )
    )
}
