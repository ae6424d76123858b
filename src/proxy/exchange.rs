//! One request, from its header to its answer: a straight line.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use pingora::protocols::http::{ReusableHttpStream, ServerSession};
use tokio::time::timeout;

use super::aside::{self, Beside};
use super::body::{self, Body, BodyBudget};
use super::client::Client;
use super::connection::BRIEF_FAREWELL;
use super::decryption;
use super::generation::Generation;
use super::headers::{self, HeaderFault};
use super::limits::{Admitted, Seat};
use super::once::{self, Claimed, Guarded};
use super::refusal::{Fault, Refusal};
use super::relay::{Passing, Relayed, relay};
use super::trace::{Trace, Words};
use super::upstream_request::UpstreamRequest;
use super::{echo, framing, own_answer};
use crate::config::{Route, UpstreamTarget};
use crate::ops::access_log::AccessLog;
use crate::ops::drain::Drain;
use crate::verify::scheme::IdentityPart;
use crate::verify::{Ambiguous, At, Callback, Failure, Verified, verify, verify_within};

/// What one request is answered with.
pub(super) struct Exchange<'p> {
    pub(super) generation: &'p Generation,
    pub(super) drain: &'p Drain,
    pub(super) budget: &'p Arc<BodyBudget>,
    /// Of the connection that it came on.
    pub(super) seat: &'p Arc<Seat>,
}

impl Exchange<'_> {
    /// Answers a request whose header has been read; gives the connection back if it can be used
    /// again.
    pub(super) async fn serve(
        &self,
        mut session: ServerSession,
        mut trace: Trace,
    ) -> Option<ReusableHttpStream> {
        // Counts to the end of the answer, of a refusal, too: the client says when it takes that.
        let admitted = self.admit();
        let time = self.write_time(&admitted);
        session.set_write_timeout(Some(time));
        let outcome = self.answer(&mut session, &mut trace, &admitted).await;
        self.conclude(session, trace, outcome, time).await
    }

    /// Refuses a request of which only the header has been read.
    pub(super) async fn serve_refused(
        &self,
        mut session: ServerSession,
        trace: Trace,
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

    /// How long a client may take with its answer. Where there is no room for a request, it must take
    /// the refusal at once, since what the request holds is counted nowhere.
    fn write_time(&self, admitted: &Result<Admitted, Fault>) -> Duration {
        let time = self.generation.config.timeouts.write;
        match admitted {
            Ok(_) => time,
            Err(_) => time.min(BRIEF_FAREWELL),
        }
    }

    /// Tells the client what came of a request, if it does not know yet, and notes it.
    async fn conclude(
        &self,
        mut session: ServerSession,
        mut trace: Trace,
        outcome: Result<Relayed, Refusal>,
        time: Duration,
    ) -> Option<ReusableHttpStream> {
        let is_refused = outcome.is_err();
        let clean = match outcome {
            Ok(relayed) => {
                let no_success = relayed.is_no_success.then_some(Fault::AnswerNotSuccess);
                trace.status = relayed.status;
                trace.fault = relayed.broken.or(no_success);
                trace.reason = trace.fault.map(Fault::code);
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
        let end = self.end(session, clean, time);
        if is_refused {
            self.unless_requests_need_room(end).await.flatten()
        } else {
            end.await
        }
    }

    /// Ends a request. What is left in pingora's buffer is written first, on which a client that
    /// reads nothing must not hold the request for ever.
    async fn end(
        &self,
        mut session: ServerSession,
        clean: bool,
        time: Duration,
    ) -> Option<ReusableHttpStream> {
        let end = async {
            if clean {
                session.finish().await.ok().flatten()
            } else {
                // An answer that broke off must not look as if it had ended.
                session.shutdown().await;
                None
            }
        };
        let ended = timeout(time, self.seat.until_taken(end)).await;
        ended.ok().flatten().flatten()
    }

    /// Answers a request whose header could not be read.
    pub(super) async fn serve_unreadable(
        &self,
        mut session: ServerSession,
        mut trace: Trace,
        fault: Fault,
    ) {
        let admitted = self.admit();
        let time = self.write_time(&admitted);
        session.set_keepalive(None);
        // The session's body must not be asked for: without a header, pingora panics.
        let sent = self
            .tell(&mut session, &fault.into(), &mut trace, time)
            .await;
        self.note(trace, &session, false);
        match session {
            ServerSession::H1(http1) if sent && fault != Fault::HeaderTimeout => {
                let linger = own_answer::close_and_linger(http1.into_inner());
                self.unless_room_is_needed(linger).await;
            }
            session => {
                let end = self.end(session, sent, time);
                self.unless_requests_need_room(end).await;
            }
        }
    }

    /// Makes the record of a request that ended, counts it, and writes its log line.
    fn note(&self, trace: Trace, session: &ServerSession, readable: bool) {
        let route = trace.route.clone();
        let is_wanted = route.as_ref().is_none_or(|route| route.access_log);
        let log = self.generation.access_log.as_ref().filter(|_| is_wanted);
        let wanted = log.map(AccessLog::wants).unwrap_or_default();
        let finished = trace.finish(session, readable, wanted);
        self.generation.series.ended(route.as_deref(), &finished);
        if let Some(log) = log {
            log.write(&finished);
        }
    }

    async fn answer(
        &self,
        session: &mut ServerSession,
        trace: &mut Trace,
        admitted: &Result<Admitted, Fault>,
    ) -> Result<Relayed, Refusal> {
        framing::check(session)?;
        let route = self.generation.routes.of(session.req_header())?;
        trace.route = Some(Arc::clone(route));
        if !route.access.permits(trace.client) {
            return Err(Fault::AddressDenied.into());
        }
        let limits = &self.generation.limits;
        limits.take_rates(route, trace.client)?;
        if let Err(fault) = admitted {
            return Err((*fault).into());
        }
        let mut body = self.read_body(session, route, trace).await?;
        let _in_flight = limits.admit_whole(route)?;
        let (generation, drain) = (self.generation, self.drain);
        let (bytes, request_id) = (body.bytes.clone(), trace.request_id.clone());
        let received = session.req_header();
        let proxies = &generation.config.trusted_proxies;
        let client = Client::new(trace.peer, proxies, received, &request_id);
        let target = client.signed_target(route)?;
        let method = received.method.as_str();
        let callback = Callback::new(method, &target, &received.headers, &bytes);
        let (verified, beside) = self.verdict(callback, route, &mut body, trace).await?;
        match once::guard(generation, drain, &verified, route, trace).await? {
            Guarded::Forward(pass) => {
                let request = async {
                    let headers = &received.headers;
                    let clear =
                        decryption::clear(generation, &verified, headers, route, &mut body, trace);
                    let clear = clear.await?;
                    let build = || {
                        UpstreamRequest::new(
                            &verified,
                            route,
                            &generation.names,
                            received,
                            &client,
                            bytes.clone(),
                            clear.as_ref(),
                        )
                    };
                    let mut request = aside::work(bytes.len(), build)
                        .map_err(|fault| note_header_fault(fault, trace))?;
                    pass.mark(&mut request, &generation.names)?;
                    Ok::<_, Fault>(request)
                };
                let request = pass.before_forwarding(request).await?;
                // What it holds is of no more use while the backend works.
                aside::work(bytes.len(), || drop(verified));
                body.release(beside);
                let forward = self.forward(session, route, request, pass.claimed(), trace);
                pass.while_forwarding(forward).await
            }
            Guarded::Acknowledge(answer) => {
                aside::work(bytes.len(), || drop(verified));
                body.release(beside);
                self.announce_end(session);
                let (id, passing) = (&trace.request_id, self.passing(route));
                Ok(once::acknowledge(session, &answer, id, passing).await?)
            }
        }
    }

    async fn read_body(
        &self,
        session: &mut ServerSession,
        route: &Route,
        trace: &mut Trace,
    ) -> Result<Body, Fault> {
        let started = Instant::now();
        let (timeouts, limit) = (&self.generation.config.timeouts, route.body_limit);
        let (seat, client) = (self.seat, trace.client);
        let body = body::read(session, limit, timeouts, self.budget, seat, client).await;
        trace.read = Some(started.elapsed());
        body
    }

    /// The verdict, and how much memory it takes beside the body. What it lets through is the only
    /// thing that can be forwarded.
    async fn verdict<'c>(
        &self,
        callback: Callback<'c>,
        route: &'c Route,
        body: &mut Body,
        trace: &mut Trace,
    ) -> Result<(Verified<'c>, usize), Refusal> {
        let log = self.generation.access_log.as_ref();
        let look = || {
            let started = Instant::now();
            let mut beside = Beside::new(body);
            let verdict = judge(callback, route, &mut beside);
            let took = started.elapsed();
            let fields: Vec<_> = match (&verdict, log) {
                (Ok(verified), Some(log)) => log
                    .wanted_fields()
                    .iter()
                    .map(|field| headers::named_field(verified, route, field))
                    .collect(),
                _ => Vec::new(),
            };
            (verdict, took, fields, beside.taken())
        };
        let aside = &self.generation.aside;
        let looked = aside.verify(callback.body.len(), look).await;
        let (verdict, took, fields, beside) = looked.map_err(|aside::Busy| Fault::Overloaded)?;
        trace.verify = Some(took);
        let verdict = match verdict {
            Ok(verified) => Ok(verified),
            Err(Failure::Rejected(rejection)) => Err(rejection),
            // There is no verdict.
            Err(_) => return Err(Fault::Overloaded.into()),
        };
        let series = &self.generation.series;
        series.verdict(route, verdict.as_ref(), took);
        let verified = verdict?;
        self.seat.proves();
        trace.verdict = Some("verified");
        trace.key = Some(verified.key().id().to_owned());
        trace.ambiguous = verified.ambiguous().map(|ambiguous| match ambiguous {
            Ambiguous::Field(name) => At::Field(name.clone()).to_string(),
            _ => "content".to_owned(),
        });
        trace.fields = fields;
        Ok((verified, beside))
    }

    async fn forward(
        &self,
        session: &mut ServerSession,
        route: &Route,
        request: UpstreamRequest,
        claimed: Option<&Claimed>,
        trace: &mut Trace,
    ) -> Result<Relayed, Refusal> {
        if route.upstream.target == UpstreamTarget::Echo {
            self.announce_end(session);
            trace.upstream = Some(route.upstream.name.as_str().into());
            let shown = aside::work(request.body.len(), || echo::describe(&request));
            if let Some(claimed) = claimed {
                claimed.echoed().await;
            }
            let to = self.receiver(self.generation.config.timeouts.write);
            let id = &trace.request_id;
            let sent = own_answer::send(session, 200, None, shown, id, to).await;
            return Ok(Relayed {
                status: 200,
                broken: sent.err().map(|_| Fault::ClientClosed),
                is_no_success: false,
            });
        }
        let started = Instant::now();
        let group = self.generation.upstreams.group(&route.upstream.name)?;
        let (mut server, mut connected) = (None, None);
        let answer = group
            .send(
                request,
                &trace.request_id,
                trace.client.ip(),
                route.retry,
                |name, time| {
                    server = Some(Arc::clone(name));
                    connected = time;
                },
            )
            .await;
        trace.upstream = server;
        trace.upstream_connect = connected;
        trace.upstream_time = Some(started.elapsed());
        let mut answer = answer.map_err(|failure| {
            trace.failure = failure.words.map_or(Words::LeftOut, Words::Said);
            failure.fault
        })?;
        trace.upstream_status = Some(answer.header.status.as_u16());
        self.announce_end(session);
        let passing = self.passing(route);
        let relayed = match claimed {
            None => relay(session, &mut answer, passing).await,
            Some(claimed) => once::relay(session, &mut answer, claimed, passing).await,
        };
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

    fn passing<'r>(&'r self, route: &'r Route) -> Passing<'r> {
        Passing {
            rule: &route.success,
            success_as_200: route.success_as_200,
            write_timeout: self.generation.config.timeouts.write,
            seat: self.seat,
        }
    }

    fn receiver(&self, write_timeout: Duration) -> own_answer::Receiver<'_> {
        own_answer::Receiver {
            seat: self.seat,
            write_timeout,
        }
    }

    /// Answers a refusal; `false` if the connection is of no more use.
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
            self.unless_room_is_needed(own_answer::linger(session))
                .await;
        }
        sent
    }

    /// Does something for a client whose request is over, for as long as no other connection or
    /// request needs the room.
    async fn unless_room_is_needed(&self, something: impl Future<Output = ()>) {
        let _stall = self.seat.stall();
        tokio::select! {
            _ = self.unless_requests_need_room(something) => {}
            () = self.seat.must_leave() => {}
        }
    }

    /// Does something for a client whose request was refused, for as long as no other request needs
    /// the room; `None` if one did. A client that reads nothing must not hold it.
    async fn unless_requests_need_room<T>(&self, something: impl Future<Output = T>) -> Option<T> {
        let mut something = pin!(something);
        let now = std::future::poll_fn(|context| Poll::Ready(something.as_mut().poll(context)));
        if let Poll::Ready(done) = now.await {
            return Some(done);
        }
        let mut refusal = self.budget.stalled().add_refusal();
        tokio::select! {
            biased;
            done = something => Some(done),
            _leaving = refusal.must_leave() => None,
        }
    }

    /// Tells the client, with the answer that comes next, to use another connection from then on.
    fn announce_end(&self, session: &mut ServerSession) {
        if self.drain.is_ending() {
            session.set_keepalive(None);
        }
    }

    /// Sends the answer to a refusal; `false` if the client did not take it.
    async fn tell(
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
        let sent = self.unless_requests_need_room(sent).await;
        sent.is_some_and(|sent| sent.is_ok())
    }
}

/// Verifies a callback; what that takes for a large body counts with the body.
fn judge<'c>(
    callback: Callback<'c>,
    route: &'c Route,
    beside: &mut Beside<'_>,
) -> Result<Verified<'c>, Failure> {
    if !aside::is_large(callback.body.len()) {
        return Ok(verify(&route.policy, callback, unix_now())?);
    }
    let verified = verify_within(&route.policy, callback, unix_now(), beside)?;
    if reads_fields(route) {
        verified.read_body(beside)?;
    }
    Ok(verified)
}

/// Whether anything of a verified body is asked for by its name.
fn reads_fields(route: &Route) -> bool {
    let is_field = |part: &IdentityPart| matches!(part, IdentityPart::Field(_));
    let once = route.once.as_ref();
    route.policy.scheme.event.is_some()
        || !route.fields.is_empty()
        || route.decrypt.is_some()
        || once.is_some_and(|once| once.identity.iter().any(is_field))
}

/// Seconds since 1970, as signing times count.
fn unix_now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Whether the client was too slow or gone already, so that waiting for it is of no use.
fn gave_up(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Fault(Fault::HeaderTimeout | Fault::BodyTimeout | Fault::BodyIncomplete)
    )
}

/// Whether the client, or a proxy in front, may see the request end elsewhere than we do. The
/// bytes behind it are then no next request: an answer to them would be taken for another's.
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

fn note_header_fault(fault: HeaderFault, trace: &mut Trace) -> Fault {
    match fault {
        HeaderFault::Field(at) => {
            trace.at = Some(at.to_string());
            Fault::FieldTooLong
        }
        HeaderFault::Internal(error) => {
            trace.failure = Words::Said(format!("cannot build the upstream header: {error}"));
            Fault::Internal
        }
    }
}
