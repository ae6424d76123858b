//! Connections to backends: which server gets a callback, and the exchange with it.

mod balance;
mod connect;
mod dry_run;
mod ending;
mod exchange;
mod failure;
mod group;
mod health;
mod hearing;
mod known;
mod malformed;
mod passive;
mod pool;
mod probation;
mod rarely;
mod resolve;
mod server;
mod snapshot;
mod tasks;
mod tls;
mod wire;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

pub(super) use self::dry_run::{Script, answer};
pub(super) use self::exchange::Answer;
pub(super) use self::failure::Failure;
use self::failure::{Cause, Failures};
pub(super) use self::group::Group;
pub(super) use self::known::Memory;
use self::server::InFlight;
pub(super) use self::snapshot::{Condition, ServerSnapshot, UpstreamSnapshot};
use self::tasks::Tasks;
use self::wire::Wire;
use crate::config::{Config, Retry, Upstream};
use crate::judge::{Delivery, Fault, Outcome};

/// All upstreams of a configuration.
pub(super) struct Upstreams {
    by_name: HashMap<String, Arc<Group>>,
    tasks: Tasks,
}

impl Upstreams {
    /// Arranges the upstreams that routes name. What is known of their servers comes from `memory`,
    /// which outlives every generation.
    pub(super) fn new(config: &Config, memory: &Arc<Memory>) -> Self {
        let mut known = memory.recall();
        let mut by_name = HashMap::new();
        let mut tasks = Tasks::default();
        for upstream in config.routes.iter().map(|route| &route.upstream) {
            if !by_name.contains_key(&upstream.name)
                && let Some(group) = Group::new(upstream, &mut known)
            {
                let group = Arc::new(group);
                spawn(&mut tasks, &group, memory);
                by_name.insert(upstream.name.clone(), group);
            }
        }
        known.keep();
        Self { by_name, tasks }
    }

    /// Ends what goes on beside requests: another generation took over.
    pub(super) fn retire(&self) {
        self.tasks.stop();
        for group in self.by_name.values() {
            group.close_idle();
        }
    }

    /// Has the route's upstream take a callback, and reads the header of its answer. `client` is who sent
    /// it, by whose address servers may be picked.
    pub(super) async fn deliver(&self, delivery: &Delivery, client: Option<IpAddr>) -> Delivered {
        let route = delivery.route();
        let group = self.by_name.get(&route.upstream.name);
        match (group, Wire::new(delivery)) {
            (Some(group), Ok(wire)) => {
                let id = delivery.request_id();
                group.send(wire, id, client, route.retry).await
            }
            (None, _) => Delivered::not_sent("the upstream is unknown".to_owned()),
            (_, Err(error)) => {
                Delivered::not_sent(format!("cannot build the upstream header: {error}"))
            }
        }
    }
}

/// What came of a delivery so far: the answer's header, or why there is none.
pub(super) struct Delivered {
    pub(super) answer: Result<Answer, Failure>,
    /// The last server that was tried.
    pub(super) server: Option<Arc<str>>,
    /// How long it took to connect to it.
    pub(super) connect: Option<Duration>,
}

impl Delivered {
    fn not_sent(words: String) -> Self {
        Self {
            answer: Err(Failure {
                fault: Fault::Internal,
                words: Some(words),
                outcome: Outcome::NotSent,
            }),
            server: None,
            connect: None,
        }
    }
}

/// Begins what goes on beside requests.
fn spawn(tasks: &mut Tasks, group: &Arc<Group>, memory: &Arc<Memory>) {
    tasks.spawn(sweep(Arc::clone(group)));
    let Upstream {
        health_check,
        resolve,
        ..
    } = &*group.upstream;
    if let Some(check) = health_check {
        tasks.spawn(health::watch(Arc::clone(group), check.clone()));
    }
    if !resolve.is_zero() && resolve::has_names(&group.configured) {
        let memory = Arc::clone(memory);
        tasks.spawn(resolve::watch(Arc::clone(group), memory, *resolve));
    }
}

/// How often idle connections are looked at.
const SWEEP: Duration = Duration::from_secs(1);

/// Closes idle connections in time, also where no request comes along to find them.
async fn sweep(group: Arc<Group>) {
    loop {
        sleep(SWEEP).await;
        group
            .servers()
            .all()
            .for_each(|(server, _)| server.sweep(&group.name));
    }
}

impl Group {
    fn close_idle(&self) {
        self.servers()
            .all()
            .for_each(|(server, _)| server.pool.close());
    }

    /// Sends the request and reads the answer's header. The id is for the error log.
    async fn send(
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
    /// Unless the route allows more, the next server is tried only where no connection came about:
    /// once one did, the callback may have been acted on, and a second copy could book a payment
    /// twice.
    async fn try_servers(
        &self,
        mut request: Wire,
        client: Option<IpAddr>,
        retry: Retry,
        tried: &mut Tried,
        failures: &mut Failures,
    ) -> Option<Answer> {
        let mut candidates = self.candidates(client);
        while let Some(picked) = candidates.next(Instant::now()) {
            let server = Arc::clone(picked.server());
            tried.begin(&server.name);
            let started = Instant::now();
            let connection = match server.connection(&self.name).await {
                Ok(connection) => connection,
                Err(error) => {
                    let cause = Cause::Connect(error);
                    candidates.failed(&server, Instant::now());
                    failures.add(&server, &cause, Instant::now());
                    tried.unreachable(cause.fault());
                    if retry.connect {
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
                    tried.sent_in_vain(fault);
                    request = copy.filter(|_| may_follow(retry, fault))?;
                }
            }
        }
        None
    }

    /// What a callback is told if there was no server to try.
    fn nobody(&self, failures: &mut Failures) -> Failure {
        if let Some(more) = self.down.passes(Instant::now()) {
            failures.say(&match more {
                0 => "no server is up".to_owned(),
                more => format!("no server is up ({more} more since the last line)"),
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
    connect: Option<Duration>,
    fault: Option<Fault>,
    was_sent: bool,
}

impl Tried {
    fn begin(&mut self, server: &Arc<str>) {
        self.server = Some(Arc::clone(server));
        self.connect = None;
    }

    /// That an earlier server may have the callback is the greater news.
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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use bytes::Bytes;
    use pingora::http::RequestHeader;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::config::{Balance, Endpoint, Server, UpstreamTarget};

    /// More than anything takes, on a busy machine too.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// One whose server is known to keep connections.
    fn group(address: SocketAddr) -> Group {
        let group = group_with(address, PATIENCE);
        for (server, _) in group.servers().all() {
            server.state.probation.lived(Instant::now());
        }
        group
    }

    fn group_with(address: SocketAddr, read_timeout: Duration) -> Group {
        let upstream = Upstream {
            name: "test".to_owned(),
            target: UpstreamTarget::Servers(vec![Server {
                name: "test".to_owned(),
                endpoint: Endpoint::Inet {
                    host: None,
                    addresses: vec![address],
                },
                weight: 1,
                backup: false,
                down: false,
                max_fails: 1,
                fail_timeout: Duration::from_secs(10),
                tls: None,
            }]),
            balance: Balance::RoundRobin,
            connect_timeout: Duration::from_secs(10),
            read_timeout,
            write_timeout: PATIENCE,
            keepalive: Duration::from_secs(60),
            health_check: None,
            resolve: Duration::ZERO,
        };
        Group::new(&Arc::new(upstream), &mut Memory::default().recall()).unwrap()
    }

    async fn send(group: &Group, body: Bytes) -> Result<Answer, Fault> {
        let retry = Retry {
            connect: true,
            error: false,
            timeout: false,
        };
        let sent = group.send(post(body), "1", None, retry).await;
        sent.answer.map_err(|failure| failure.fault)
    }

    fn post(body: Bytes) -> Wire {
        let mut header = RequestHeader::build("POST", b"/", None).unwrap();
        header.append_header("Host", "test").unwrap();
        header.append_header("Content-Length", body.len()).unwrap();
        Wire {
            header: Box::new(header),
            body,
        }
    }

    async fn accept_header(listener: &TcpListener) -> TcpStream {
        let mut stream = listener.accept().await.unwrap().0;
        let mut header = Vec::new();
        while !header.ends_with(b"\r\n\r\n") {
            header.push(stream.read_u8().await.unwrap());
        }
        stream
    }

    #[tokio::test]
    async fn a_connection_with_half_a_request_on_it_is_not_used_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let group = group(listener.local_addr().unwrap());
        let server = async {
            let mut connections = Vec::new();
            for _ in 0..2 {
                let mut stream = accept_header(&listener).await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                // Left open, its body unread.
                connections.push(stream);
            }
        };
        let client = async {
            // More than the system buffers, so that sending it cannot succeed.
            for body in [vec![b' '; 64 << 20], Vec::new()] {
                let mut answer = send(&group, body.into()).await?;
                while answer.read_body().await.unwrap().is_some() {}
                answer.release().await;
            }
            Ok::<_, Fault>(())
        };
        let (sent, ()) = tokio::join!(client, server);
        sent.unwrap();
    }

    /// Whoever gets a connection with such bytes on it would take them for its own answer.
    #[tokio::test]
    async fn a_connection_with_bytes_of_no_answer_on_it_is_not_used_again() {
        let stray = "HTTP/1.1 200 OK\r\nX: stray\r\nContent-Length: 0\r\n\r\n";
        for (method, answer) in [
            ("POST", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            ("POST", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"),
            ("POST", "HTTP/1.1 204 No Content\r\n\r\n"),
            (
                "POST",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
            ),
            (
                "POST",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
            ),
            (
                "POST",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            ),
            (
                "POST",
                "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
            ),
            ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        ] {
            // With the answer, and just behind it.
            for pieces in [
                vec![format!("{answer}{stray}")],
                vec![answer.to_owned(), stray.to_owned()],
            ] {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let group = group(listener.local_addr().unwrap());
                let written = tokio::sync::Notify::new();
                let server = async {
                    let mut first = accept_header(&listener).await;
                    first.set_nodelay(true).unwrap();
                    for piece in &pieces {
                        first.write_all(piece.as_bytes()).await.unwrap();
                        tokio::task::yield_now().await;
                    }
                    written.notify_one();
                    let mut second = accept_header(&listener).await;
                    let own = b"HTTP/1.1 200 OK\r\nX: own\r\nContent-Length: 0\r\n\r\n";
                    second.write_all(own).await.unwrap();
                    drop(first);
                };
                let client = async {
                    let mut last = None;
                    for _ in 0..2 {
                        let mut request = post(Bytes::new());
                        request.header.set_method(method.parse().unwrap());
                        let retry = Retry {
                            connect: true,
                            error: false,
                            timeout: false,
                        };
                        let sent = group.send(request, "1", None, retry).await;
                        let mut answer = sent.answer.unwrap();
                        while answer.read_body().await.unwrap().is_some() {}
                        last = answer.header.headers.get("X").cloned();
                        answer.release().await;
                        if last.is_none() {
                            written.notified().await;
                        }
                    }
                    last
                };
                let both = async { tokio::join!(client, server) };
                let (last, ()) = tokio::time::timeout(PATIENCE, both)
                    .await
                    .unwrap_or_else(|_| panic!("used again: {method} {answer:?}"));
                assert_eq!(last.unwrap(), "own", "{method} {answer:?}");
            }
        }
    }

    #[tokio::test]
    async fn interim_answers_do_not_prolong_the_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // It is over at some time, however late the server begins.
        let limit = Duration::from_millis(200);
        let group = group_with(listener.local_addr().unwrap(), limit);
        let server = async {
            let mut stream = accept_header(&listener).await;
            let interim = b"HTTP/1.1 102 Processing\r\n\r\n";
            while stream.write_all(interim).await.is_ok() {}
        };
        let client = send(&group, Bytes::new());
        let (answer, ()) = tokio::join!(client, server);
        assert_eq!(answer.err(), Some(Fault::UpstreamTimeout));
    }
}
