//! Handshakes, which the proxy answers by the rules of the route's scheme. No backend gets them, and none
//! of them is remembered.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use log::error;
use pingora::protocols::http::ServerSession;

use super::body::BufferedBody;
use super::exchange::Exchange;
use super::reply::{Relayed, own_answer};
use super::request_head;
use super::trace::Trace;
use crate::config::Route;
use crate::judge::{self, Fault, Outcome, Refusal};
use crate::proxy::unix_time::unix_now;
use crate::verify::Handshake;

impl Exchange<'_> {
    /// Answers a request whose method handshakes have; `None` if it is a callback.
    pub(super) async fn answer_handshake(
        &self,
        session: &mut ServerSession,
        route: &Arc<Route>,
        body: &BufferedBody,
        trace: &mut Trace,
    ) -> Result<Option<Relayed>, Refusal> {
        if let Some(handshake) = self.find_handshake(session, route, body, trace)? {
            trace.handshake(&handshake);
            self.generation.series.handshake(route);
            if handshake.key.is_some() {
                self.slot.proves();
            }
            return self
                .send_handshake(session, handshake, trace)
                .await
                .map(Some);
        }
        let method = &session.req_header().method;
        if let Some(text) = route.own_answer(method) {
            return Ok(Some(self.answer_get(session, text, trace).await));
        }
        judge::refuse_others(route, method)?;
        Ok(None)
    }

    fn find_handshake(
        &self,
        session: &ServerSession,
        route: &Arc<Route>,
        body: &BufferedBody,
        trace: &mut Trace,
    ) -> Result<Option<Handshake>, Refusal> {
        let started = Instant::now();
        let header = request_head::of(session.req_header(), trace.peer, &trace.request_id);
        let site = &self.generation.site;
        let found = judge::handshake(site, route, header, &body.bytes, unix_now());
        let took = started.elapsed();
        if !matches!(found, Ok(None)) {
            self.generation.series.looked(route, took);
            trace.verify = Some(took);
        }
        if let Err(refusal) = &found {
            self.count(route, refusal);
        }
        found
    }

    async fn send_handshake(
        &self,
        session: &mut ServerSession,
        handshake: Handshake,
        trace: &Trace,
    ) -> Result<Relayed, Refusal> {
        self.announce_end(session);
        let answer = handshake.answer;
        let header = own_answer::of_scheme(&answer, &trace.request_id).map_err(|error| {
            error!("cannot answer a handshake: {error}");
            Fault::Internal
        })?;
        let to = self.receiver(self.generation.config().timeouts.write);
        let sent = own_answer::write(session, header, answer.body.into(), to);
        let sent = self.unless_requests_need_room(pin!(sent)).await;
        let is_sent = sent.is_some_and(|sent| sent.is_ok());
        Ok(Relayed {
            status: answer.status,
            broken: (!is_sent).then_some(Fault::ClientClosed),
            outcome: Outcome::NotSent,
        })
    }
}
