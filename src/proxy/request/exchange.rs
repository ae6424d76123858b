//! One request, from its header to its answer: frame, read, judge, claim, decrypt, prepare,
//! deliver, relay, record.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use pingora::protocols::http::{ReusableHttpStream, ServerSession};

use super::body::BodyBudget;
use super::reply::{Relayed, own_answer};
use super::trace::Trace;
use super::unreadable::Unreadable;
use super::{framing, request_head};
use crate::config::ListenAddress;
use crate::judge::{self, Fault, Received, Refusal, Reporting};
use crate::ops::drain::Drain;
use crate::proxy::connection::BRIEF_FAREWELL;
use crate::proxy::limits::{Admitted, Slot};
use crate::proxy::once::{self, Guarded};
use crate::proxy::process::Generation;
use crate::proxy::unix_time::unix_now;

/// What is needed to answer one request.
pub(in crate::proxy) struct Exchange<'p> {
    pub(in crate::proxy) generation: &'p Generation,
    pub(in crate::proxy) drain: &'p Drain,
    pub(in crate::proxy) budget: &'p Arc<BodyBudget>,
    /// From the request's connection.
    pub(in crate::proxy) slot: &'p Arc<Slot>,
}

impl Exchange<'_> {
    /// Answers a request whose header was read. Returns the connection if it can be reused.
    pub(in crate::proxy) async fn serve(
        &self,
        mut session: Box<ServerSession>,
        mut trace: Box<Trace>,
        listener: &ListenAddress,
    ) -> Option<ReusableHttpStream> {
        // Counts until the end of the answer, even of a refusal, because the client decides when it
        // reads it.
        let admitted = self.admit();
        let time = self.write_time(&admitted);
        session.set_write_timeout(Some(time));
        let framed = framing::check(&mut session);
        if framed.is_ok() && self.is_probe(&session, listener) {
            // Boxed, because a callback needs no room for it.
            return Box::pin(self.answer_probe(session, &trace.request_id, time)).await;
        }
        let outcome = match framed {
            Ok(()) => self.answer(&mut session, &mut trace, &admitted).await,
            Err(fault) => Err(fault.into()),
        };
        self.conclude(session, trace, outcome, time).await
    }

    /// Refuses a request of which only the header was read.
    pub(in crate::proxy) async fn serve_refused(
        &self,
        mut session: Box<ServerSession>,
        trace: Box<Trace>,
        fault: Fault,
    ) {
        let admitted = self.admit();
        let time = self.write_time(&admitted);
        session.set_write_timeout(Some(time));
        session.set_keepalive(None);
        self.conclude(session, trace, Err(fault.into()), time).await;
    }

    fn admit(&self) -> Result<Admitted, Fault> {
        self.generation.limits.admit(self.budget.stalled())
    }

    /// How long a client may take to read its answer. If there is no room for a request, it must
    /// read the refusal at once, because what the request holds is not counted anywhere.
    fn write_time(&self, admitted: &Result<Admitted, Fault>) -> Duration {
        let time = self.generation.config().timeouts.write;
        match admitted {
            Ok(_) => time,
            Err(_) => time.min(BRIEF_FAREWELL),
        }
    }

    /// Answers a request whose header could not be read.
    pub(in crate::proxy) async fn serve_unreadable(
        &self,
        mut session: Box<ServerSession>,
        mut trace: Box<Trace>,
        unreadable: Box<Unreadable>,
    ) {
        let Unreadable { fault, head, at } = *unreadable;
        trace.received = head;
        trace.at = at;
        let admitted = self.admit();
        let time = self.write_time(&admitted);
        session.set_keepalive(None);
        // Do not ask the session for its body: without a header, pingora panics.
        let sent = self
            .tell(&mut session, &fault.into(), &mut trace, time)
            .await;
        self.note(trace, &session, false);
        match *session {
            ServerSession::H1(http1) if sent && fault != Fault::HeaderTimeout => {
                let linger = own_answer::close_and_linger(http1.into_inner());
                self.unless_room_is_needed(pin!(linger)).await;
            }
            session => {
                let end = self.end(Box::new(session), sent, time);
                self.unless_requests_need_room(pin!(end)).await;
            }
        }
    }

    async fn answer(
        &self,
        session: &mut ServerSession,
        trace: &mut Trace,
        admitted: &Result<Admitted, Fault>,
    ) -> Result<Relayed, Refusal> {
        let route = self.route(session, trace)?;
        if let Err(fault) = admitted {
            return Err((*fault).into());
        }
        let reporting = Reporting::at(unix_now, &route);
        let method = &session.req_header().method;
        let rules = route.policy.scheme.rules();
        let may_be_handshake = reporting.is_none() && rules.may_be_handshake(method);
        if !may_be_handshake {
            if let Some(text) = route.own_answer(method) {
                return Ok(Box::pin(self.answer_get(session, text, trace)).await);
            }
            judge::refuse_others(&route, method)?;
        }
        let mut body = self.read(session, &route, trace).await?;
        let in_flight = self.generation.limits.admit_whole(&route)?;
        if may_be_handshake {
            let answered = self.answer_handshake(session, &route, &body, trace);
            // Boxed, because a callback needs no room for it.
            let answered = Box::pin(answered).await.inspect_err(|refusal| {
                self.keep_rejected(session, (&route, refusal), &body.bytes, trace);
            });
            if let Some(relayed) = answered? {
                return Ok(relayed);
            }
        }

        if let Some(reporting) = reporting {
            return Box::pin(self.report(session, reporting, body, in_flight, trace)).await;
        }
        let site = &self.generation.site;
        let (bytes, request_id) = (body.bytes.clone(), trace.request_id.clone());
        let header = request_head::of(session.req_header(), trace.peer, &request_id);
        let received =
            Received::new(site, &route, header, &bytes, &mut ()).inspect_err(|fault| {
                self.keep_rejected(session, (&route, &Refusal::Fault(*fault)), &bytes, trace);
            })?;
        let judged = self.judge(&received, &mut body, trace).await;
        let (verdict, beside) = judged.inspect_err(|refusal| {
            self.count(&route, refusal);
            self.keep_rejected(session, (&route, refusal), &bytes, trace);
        })?;
        let guarded = once::guard(self.generation, self.drain, &verdict, trace).await;
        let guarded = guarded.inspect_err(|refusal| {
            self.keep_rejected(session, (&route, refusal), &bytes, trace);
        });
        let pass = match guarded? {
            Guarded::Forward(pass) => pass,
            Guarded::Acknowledge(answer) => {
                let acknowledgement = verdict.acknowledgement().cloned();
                self.forget(verdict, &mut body, beside);
                // The route has done its part; when the client reads the answer is up to the
                // client.
                drop((in_flight, body, bytes));
                let with = (&*route, acknowledgement.as_ref());
                return self.acknowledge(session, &answer, with, trace).await;
            }
        };
        let delivery = self.prepare(&verdict, &pass, &mut body, trace).await;
        // Free what is not needed while the backend works.
        self.forget(verdict, &mut body, beside);
        let relayed = match delivery {
            Ok(delivery) => {
                let held = (body, bytes);
                self.deliver(session, delivery, held, in_flight, &pass, trace)
                    .await
            }
            Err(refusal) => Err(refusal),
        };
        pass.end().await;
        relayed
    }
}
