//! Requests that the proxy answers itself: health checks of a listener, and GETs of a route that has
//! an answer for them. No backend gets them, and nothing of their bodies is read.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, header};
use pingora::protocols::http::{ReusableHttpStream, ServerSession};

use super::exchange::Exchange;
use super::reply::Relayed;
use super::reply::own_answer::{self, OwnAnswer};
use super::request_head;
use super::trace::Trace;
use crate::config::ListenAddress;
use crate::judge::{Fault, Outcome};

impl Exchange<'_> {
    /// Whether a request is a health check of the listener that it came through. No route takes
    /// callbacks by these methods at its path, because listeners and routes are of the same
    /// configuration, which was checked for that.
    pub(super) fn is_probe(&self, session: &ServerSession, listener: &ListenAddress) -> bool {
        let request = session.req_header();
        if !matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return false;
        }
        let mut listeners = self.generation.config().listeners.iter();
        let own = listeners.find(|own| own.address == *listener);
        let health = own.and_then(|own| own.health.as_deref());
        let path = request_head::target(request)
            .split(|byte| *byte == b'?')
            .next();
        health.is_some() && health.map(str::as_bytes) == path
    }

    /// Answers a health check, without a line in the access log.
    pub(super) async fn answer_probe(
        &self,
        mut session: Box<ServerSession>,
        request_id: &str,
        time: Duration,
    ) -> Option<ReusableHttpStream> {
        let answer = if self.drain.is_going_away() {
            OwnAnswer::text(503, Bytes::from_static(b"ending\n"))
        } else {
            OwnAnswer::text(200, Bytes::from_static(b"ok\n"))
        };
        let answer = OwnAnswer {
            extra: Some((header::ALLOW, "GET, HEAD, OPTIONS")),
            ..answer
        };
        let sent = self
            .answer_itself(&mut session, answer, request_id, time)
            .await;
        let end = pin!(self.end(session, sent, time));
        self.unless_requests_need_room(end).await.flatten()
    }

    /// Answers a GET in place of the route's backend.
    pub(super) async fn answer_get(
        &self,
        session: &mut ServerSession,
        text: &Bytes,
        trace: &Trace,
    ) -> Relayed {
        let answer = OwnAnswer::text(200, text.clone());
        let time = self.generation.config().timeouts.write;
        let sent = self
            .answer_itself(session, answer, &trace.request_id, time)
            .await;
        Relayed {
            status: 200,
            broken: (!sent).then_some(Fault::ClientClosed),
            outcome: Outcome::NotSent,
        }
    }

    /// Returns `false` if the client did not read it.
    async fn answer_itself(
        &self,
        session: &mut ServerSession,
        answer: OwnAnswer<'_>,
        request_id: &str,
        time: Duration,
    ) -> bool {
        // A body that nobody has read must not be taken for the next request.
        let is_whole = session.is_body_done();
        if !is_whole {
            session.set_keepalive(None);
        }
        self.announce_end(session);
        let to = self.receiver(time);
        let sent = own_answer::send(session, answer, request_id, to);
        let sent = self.unless_requests_need_room(pin!(sent)).await;
        let sent = sent.is_some_and(|sent| sent.is_ok());
        if sent && !is_whole && !session.is_http2() {
            self.unless_room_is_needed(pin!(own_answer::linger(session)))
                .await;
        }
        sent
    }
}
