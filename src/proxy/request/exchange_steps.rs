//! The steps of an exchange, and what each finds out.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use pingora::protocols::http::ServerSession;

use super::aside::{self, Beside};
use super::body::{self, BufferedBody};
use super::exchange::Exchange;
use super::reply::own_answer::{self, OwnAnswer};
use super::reply::{Passing, Relayed, relay};
use super::trace::{Trace, Words};
use super::{decryption, request_head};
use crate::config::{Route, UpstreamTarget};
use crate::judge::{self, Delivery, Fault, Outcome, Received, Refusal, Verdict};
use crate::proxy::limits::Admitted;
use crate::proxy::once::{self, Pass};
use crate::proxy::unix_time::unix_now;
use crate::proxy::upstreams::echo;
use crate::verify::{Plenty, SchemeAnswer, VerifyError};

/// The result of a verification besides the verdict.
struct Looked<'a> {
    verdict: Result<Verdict<'a>, VerifyError>,
    took: Duration,
    /// The body fields that the access log names.
    fields: Vec<Option<String>>,
    /// The memory that it holds in addition to the body, in bytes.
    beside: usize,
}

impl Exchange<'_> {
    /// Finds the route of a request, if this client may call it now.
    pub(in crate::proxy) fn route(
        &self,
        session: &ServerSession,
        trace: &mut Trace,
    ) -> Result<Arc<Route>, Refusal> {
        let header = request_head::of(session.req_header(), trace.peer, &trace.request_id);
        let route = Arc::clone(self.generation.site.route(header, &mut ())?);
        trace.route = Some(Arc::clone(&route));
        judge::admit(&route, trace.client)?;
        self.generation.limits.take_rates(&route, trace.client)?;
        Ok(route)
    }

    pub(in crate::proxy) async fn read(
        &self,
        session: &mut ServerSession,
        route: &Route,
        trace: &mut Trace,
    ) -> Result<BufferedBody, Fault> {
        let started = Instant::now();
        let (timeouts, limit) = (&self.generation.config().timeouts, route.body_limit);
        let (slot, client) = (self.slot, trace.client);
        let body = body::read(session, limit, timeouts, self.budget, slot, client).await;
        trace.read = Some(started.elapsed());
        body
    }

    /// The verdict, and the memory that it holds in addition to the body. Only what it accepts can
    /// be forwarded.
    pub(in crate::proxy) async fn judge<'a>(
        &self,
        received: &'a Received<'a>,
        body: &mut BufferedBody,
        trace: &mut Trace,
    ) -> Result<(Verdict<'a>, usize), Refusal> {
        let look = || self.look(received, body);
        let looked = self.generation.aside.verify(received.body(), look).await;
        let looked = looked.map_err(|aside::Busy| Fault::Overloaded)?;
        trace.verify = Some(looked.took);
        let verdict = match looked.verdict {
            Ok(verdict) => Ok(verdict),
            Err(VerifyError::Rejected(rejection)) => Err(rejection),
            // There is no verdict.
            Err(_) => return Err(Fault::Overloaded.into()),
        };
        let series = &self.generation.series;
        series.looked(received.route(), looked.took);
        let refused = |rejection| Refusal::of_scheme(&received.route().policy.scheme, rejection);
        let verdict = verdict.map_err(refused)?;
        series.verified(received.route(), verdict.verified());
        self.slot.proves();
        trace.verified(verdict.verified(), looked.fields);
        Ok((verdict, looked.beside))
    }

    /// Counts a callback that is refused because it failed verification.
    pub(super) fn count(&self, route: &Route, refusal: &Refusal) {
        if let Refusal::Callback(rejection, _) = refusal {
            self.generation.series.rejected(route, rejection);
        }
    }

    /// Verifies a request. For a large body, the memory that this takes counts with the body.
    fn look<'a>(&self, received: &'a Received<'a>, body: &mut BufferedBody) -> Looked<'a> {
        let started = Instant::now();
        let mut beside = Beside::new(body);
        let verdict = if aside::is_large(received.body().len()) {
            let verdict = judge::verify(received, unix_now(), &mut beside, &mut ());
            verdict.and_then(|verdict| {
                verdict.read_fields(&mut beside)?;
                Ok(verdict)
            })
        } else {
            judge::verify(received, unix_now(), &mut Plenty, &mut ())
        };
        let took = started.elapsed();
        let fields = match (&verdict, &self.generation.access_log) {
            (Ok(verdict), Some(log)) => {
                let wanted = log.wanted_fields().iter();
                wanted.map(|field| verdict.field(field)).collect()
            }
            _ => Vec::new(),
        };
        Looked {
            verdict,
            took,
            fields,
            beside: beside.taken(),
        }
    }

    /// Drops a verdict, with the memory that it held in addition to the body.
    pub(super) fn forget(&self, verdict: Verdict<'_>, body: &mut BufferedBody, beside: usize) {
        aside::work(body.bytes.len(), || drop(verdict));
        body.release(beside);
    }

    /// Builds the request to the backend, with clear text if the route decrypts.
    pub(super) async fn prepare(
        &self,
        verdict: &Verdict<'_>,
        pass: &Pass,
        body: &mut BufferedBody,
        trace: &mut Trace,
    ) -> Result<Delivery, Refusal> {
        let clear = decryption::clear(self.generation, verdict, body, trace);
        let clear = pass.keeping(pin!(clear)).await?;
        let (site, repeated) = (&self.generation.site, pass.repeated());
        let prepare = || site.prepare(verdict, clear.as_ref(), repeated, &mut ());
        let delivery = aside::work(body.bytes.len(), prepare)?;
        pass.check()?;
        Ok(delivery)
    }

    /// Sends the callback to the backend, and the answer to the client. `held` is the memory that
    /// the request holds until the backend starts to answer, `share` its part of the route's limit
    /// on requests in flight.
    pub(in crate::proxy) async fn deliver(
        &self,
        session: &mut ServerSession,
        delivery: Delivery,
        held: impl Send,
        share: Admitted,
        pass: &Pass,
        trace: &mut Trace,
    ) -> Result<Relayed, Refusal> {
        let route = Arc::clone(delivery.route());
        if route.upstream.target == UpstreamTarget::Echo {
            return Ok(self
                .echo(session, delivery, (held, share), pass, trace)
                .await);
        }
        let started = Instant::now();
        let deliver = self
            .generation
            .upstreams
            .deliver(&delivery, trace.client.ip());
        let delivered = pass.keeping(pin!(deliver)).await;
        trace.delivered(&delivered, started.elapsed());
        let mut answer = match delivered.answer {
            Ok(answer) => answer,
            Err(failure) => {
                trace.failure = failure.words.map_or(Words::LeftOut, Words::Said);
                pass.settle(failure.outcome).await;
                return Err(failure.fault.into());
            }
        };
        let acknowledgement = delivery.into_acknowledgement();
        drop(held);
        self.announce_end(session);
        let passing = self.passing(&route, acknowledgement.as_deref(), &trace.request_id);
        let relay = relay(session, &mut answer, pass.claimed(), passing, Some(share));
        let relayed = pass.keeping(pin!(relay)).await;
        trace.upstream_time = Some(started.elapsed());
        if let Some(words) = answer.why_broken() {
            trace.failure = Words::Said(words);
        }
        let relayed = relayed?;
        if relayed.broken.is_none() {
            answer.release().await;
        }
        Ok(relayed)
    }

    /// The built-in upstream: shows what a backend would get. That has no effect, so the callback
    /// is released: sending it again shows what it would be then.
    async fn echo(
        &self,
        session: &mut ServerSession,
        delivery: Delivery,
        held: impl Send,
        pass: &Pass,
        trace: &mut Trace,
    ) -> Relayed {
        self.announce_end(session);
        trace.upstream = Some(delivery.route().upstream.name.as_str().into());
        let shown = aside::work(delivery.body().len(), || echo::describe(&delivery));
        drop((delivery, held));
        pass.settle(Outcome::NotSent).await;
        let to = self.receiver(self.generation.config().timeouts.write);
        let shown = OwnAnswer::json(200, shown);
        let sent = own_answer::send(session, shown, &trace.request_id, to).await;
        Relayed {
            status: 200,
            broken: sent.err().map(|_| Fault::ClientClosed),
            outcome: Outcome::NotSent,
        }
    }

    /// Answers a repeat in place of the backend.
    pub(in crate::proxy) async fn acknowledge(
        &self,
        session: &mut ServerSession,
        answer: &Bytes,
        (route, acknowledgement): (&Route, Option<&SchemeAnswer>),
        trace: &Trace,
    ) -> Result<Relayed, Refusal> {
        self.announce_end(session);
        let passing = self.passing(route, acknowledgement, &trace.request_id);
        Ok(once::acknowledge(session, answer, &trace.request_id, passing).await?)
    }

    fn passing<'r>(
        &'r self,
        route: &'r Route,
        acknowledgement: Option<&'r SchemeAnswer>,
        request_id: &'r str,
    ) -> Passing<'r> {
        Passing {
            rule: &route.success,
            success_as_200: route.success_as_200,
            acknowledgement,
            request_id,
            write_timeout: self.generation.config().timeouts.write,
            to: self.taker(),
        }
    }
}
