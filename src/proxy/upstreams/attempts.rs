//! One callback, and the servers that it is tried on.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::group::Group;
use super::round_trip::{Answer, AttemptError, Failures, UpstreamFailure, Wire};
use crate::config::{Retry, Upstream};
use crate::judge::{Fault, Outcome};

/// The result of a delivery so far: the answer's header, or why there is none.
pub(in crate::proxy) struct Delivered {
    pub(in crate::proxy) answer: Result<Box<Answer>, UpstreamFailure>,
    /// The last server that was tried.
    pub(in crate::proxy) server: Option<Arc<str>>,
    /// How long it took to connect to it.
    pub(in crate::proxy) connect: Option<Duration>,
}

impl Delivered {
    pub(super) fn not_sent(words: String) -> Self {
        Self {
            answer: Err(UpstreamFailure {
                fault: Fault::Internal,
                words: Some(words),
                outcome: Outcome::NotSent,
            }),
            server: None,
            connect: None,
        }
    }
}

impl Group {
    /// Sends the request and reads the answer's header. The id is for the error log.
    pub(super) async fn send(
        &self,
        request: Wire,
        request_id: &str,
        client: Option<IpAddr>,
        retry: Retry,
    ) -> Delivered {
        let mut tried = Tried::default();
        let mut failures = Failures::default();
        let answer = self.try_servers(request, client, retry, &mut tried, &mut failures);
        let answer = answer.await.ok_or(());
        let answer = answer.map_err(|()| match tried.fault {
            Some(fault) => failures.end(&self.name, fault, tried.outcome()),
            None => self.nobody(&mut failures),
        });
        if answer.is_ok() {
            failures.overcome(&self.name, request_id);
        }
        Delivered {
            answer,
            server: tried.server,
            connect: tried.connect,
        }
    }

    /// The first answer; `None` if no server gave one.
    ///
    /// Unless the route allows more, the next server is tried only if no connection was
    /// established: after that, the callback may have been acted on, and a second copy could book a
    /// payment twice.
    async fn try_servers(
        &self,
        mut request: Wire,
        client: Option<IpAddr>,
        retry: Retry,
        tried: &mut Tried,
        failures: &mut Failures,
    ) -> Option<Box<Answer>> {
        let mut candidates = self.candidates(client);
        let begun = Instant::now();
        let mut started = begun;
        loop {
            let passed = started.saturating_duration_since(begun);
            if let Some(bound) = self.bound(tried.servers, passed) {
                if candidates.are_left() {
                    failures.say(&format!("no other server is tried ({bound})"));
                }
                return None;
            }
            let picked = candidates.next(started)?;
            let server = Arc::clone(picked.server());
            tried.begin(&server.name);
            let connection = match server.connection(&self.name).await {
                Ok(connection) => connection,
                Err(error) => {
                    let cause = AttemptError::Connect(error);
                    candidates.failed(&server, Instant::now());
                    failures.add(&server, &cause, Instant::now());
                    tried.unreachable(cause.fault());
                    if retry.connect {
                        started = Instant::now();
                        continue;
                    }
                    return None;
                }
            };
            tried.connect = Some(started.elapsed());
            let copy = retry.is_after_sending().then(|| request.clone());
            match self.exchange(connection, picked, request).await {
                Ok(answer) => {
                    server.succeeded(&self.name);
                    return Some(answer);
                }
                Err(cause) => {
                    candidates.failed(&server, Instant::now());
                    failures.add(&server, &cause, Instant::now());
                    let fault = cause.fault();
                    let may_follow = if cause.is_before_callback() {
                        tried.unreachable(fault);
                        retry.connect
                    } else {
                        tried.sent_in_vain(fault);
                        may_follow(retry, fault)
                    };
                    request = copy.filter(|_| may_follow)?;
                    started = Instant::now();
                }
            }
        }
    }

    /// The limit that keeps a callback from another server after this many, and this long.
    fn bound(&self, servers: u32, passed: Duration) -> Option<String> {
        if servers == 0 {
            return None;
        }
        let Upstream {
            tries,
            retry_timeout,
            ..
        } = &*self.upstream;
        match *tries {
            Some(tries) if servers >= tries => Some(format!("tries = {tries}")),
            _ if !retry_timeout.is_zero() && passed >= *retry_timeout => {
                Some(format!("retry_timeout = {retry_timeout:?}"))
            }
            _ => None,
        }
    }

    /// The error for a callback if there was no server to try.
    fn nobody(&self, failures: &mut Failures) -> UpstreamFailure {
        if let Some(more) = self.down.passes(Instant::now()) {
            let why = match self.servers().all().next() {
                Some(_) => "no server is up",
                None => "no server has an address",
            };
            failures.say(&match more {
                0 => why.to_owned(),
                more => format!("{why} ({more} more since the last line)"),
            });
        }
        failures.end(&self.name, Fault::UpstreamUnreachable, Outcome::NotSent)
    }
}

/// The servers that one callback was tried on.
#[derive(Debug, Default)]
struct Tried {
    /// The last one.
    server: Option<Arc<str>>,
    /// How many there were.
    servers: u32,
    connect: Option<Duration>,
    fault: Option<Fault>,
    was_sent: bool,
}

impl Tried {
    fn begin(&mut self, server: &Arc<str>) {
        self.server = Some(Arc::clone(server));
        self.servers = self.servers.saturating_add(1);
        self.connect = None;
    }

    /// That an earlier server may have the callback matters more.
    fn unreachable(&mut self, fault: Fault) {
        if !self.was_sent {
            self.fault = Some(fault);
        }
    }

    fn sent_in_vain(&mut self, fault: Fault) {
        self.was_sent = true;
        self.fault = Some(fault);
    }

    const fn outcome(&self) -> Outcome {
        if self.was_sent {
            Outcome::Unknown
        } else {
            Outcome::NotSent
        }
    }
}

/// Whether another server may get the callback after this fault of one that had it.
fn may_follow(retry: Retry, fault: Fault) -> bool {
    match fault {
        Fault::UpstreamTimeout => retry.timeout,
        Fault::UpstreamClosed | Fault::UpstreamInvalid => retry.error,
        _ => false,
    }
}
