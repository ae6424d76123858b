//! Connections to backends, and the exchange on one of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use log::error;
use pingora::connectors::ConnectorOptions;
use pingora::connectors::http::Connector;
use pingora::http::ResponseHeader;
use pingora::protocols::http::client::HttpSession;
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorType};
use tokio::time::timeout;

use super::refusal::Fault;
use super::upstream_request::UpstreamRequest;
use crate::config::{Config, Server, Upstream, UpstreamTarget};

/// Idle connections kept for each worker thread, over all upstreams.
const POOL_SIZE: usize = 128;

/// How long an answer may take to show after the upstream stopped reading the request.
const EARLY_ANSWER: Duration = Duration::from_secs(1);

/// All upstreams, with their pool of connections.
pub(super) struct Upstreams {
    connector: Arc<Connector>,
    by_name: HashMap<String, Arc<Group>>,
}

/// The servers of one upstream.
pub(super) struct Group {
    servers: Vec<(Server, HttpPeer)>,
    next: AtomicUsize,
    read_timeout: Duration,
    write_timeout: Duration,
    keepalive: Duration,
}

/// An upstream's answer: its header is read, its body is not.
pub(super) struct Answer<'g> {
    pub(super) header: ResponseHeader,
    pub(super) session: HttpSession,
    peer: &'g HttpPeer,
    keepalive: Duration,
}

/// The pool of connections to upstreams, for all generations.
pub(super) fn connector() -> Arc<Connector> {
    Arc::new(Connector::new(Some(ConnectorOptions::new(POOL_SIZE))))
}

impl Upstreams {
    pub(super) fn new(config: &Config, connector: Arc<Connector>) -> Self {
        let by_name = config
            .routes
            .iter()
            .filter_map(|route| {
                let upstream = &route.upstream;
                Some((upstream.name.clone(), Arc::new(Group::new(upstream)?)))
            })
            .collect();
        Self { connector, by_name }
    }

    pub(super) fn group(&self, name: &str) -> Result<&Group, Fault> {
        self.by_name
            .get(name)
            .map(Arc::as_ref)
            .ok_or(Fault::Internal)
    }

    /// Sends the request and reads the answer's header. `tried` is told each server's name.
    ///
    /// The next server is tried only where no connection came about: once one did, the callback
    /// may have been acted on, and a second copy could book a payment twice.
    pub(super) async fn send<'g>(
        &self,
        group: &'g Group,
        request: UpstreamRequest,
        mut tried: impl FnMut(&'g str),
    ) -> Result<Answer<'g>, Fault> {
        let mut fault = Fault::UpstreamUnreachable;
        for (server, peer) in group.in_turn() {
            tried(&server.name);
            match self.connector.get_http_session(peer).await {
                Ok((session, _)) => return group.exchange(session, peer, request).await,
                Err(error) => {
                    error!("upstream {}: cannot connect: {error}", server.name);
                    fault = match error.etype() {
                        ErrorType::ConnectTimedout => Fault::UpstreamTimeout,
                        _ => Fault::UpstreamUnreachable,
                    };
                }
            }
        }
        Err(fault)
    }

    /// Keeps the connection of an answer that was read to its end, if it may be used again.
    pub(super) async fn release(&self, answer: Answer<'_>) {
        let Answer {
            mut session,
            peer,
            keepalive,
            ..
        } = answer;
        if let HttpSession::H1(http1) = &mut session {
            http1.respect_keepalive();
        }
        if !keepalive.is_zero() {
            self.connector
                .release_http_session(session, peer, Some(keepalive))
                .await;
        }
    }
}

impl Group {
    /// None for an upstream without servers, the built-in echo.
    fn new(upstream: &Upstream) -> Option<Self> {
        let UpstreamTarget::Servers(servers) = &upstream.target else {
            return None;
        };
        let with_peer = |server: &Server| {
            let mut peer = HttpPeer::new(server.address, false, String::new());
            peer.options.connection_timeout = Some(upstream.connect_timeout);
            peer.options.total_connection_timeout = Some(upstream.connect_timeout);
            (server.clone(), peer)
        };
        Some(Self {
            servers: servers.iter().map(with_peer).collect(),
            next: AtomicUsize::new(0),
            read_timeout: upstream.read_timeout,
            write_timeout: upstream.write_timeout,
            keepalive: upstream.keepalive,
        })
    }

    /// Every server once, beginning with another one each time.
    fn in_turn(&self) -> impl Iterator<Item = &(Server, HttpPeer)> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let first = turn.checked_rem(self.servers.len()).unwrap_or(0);
        self.servers
            .iter()
            .cycle()
            .skip(first)
            .take(self.servers.len())
    }

    async fn exchange<'g>(
        &self,
        mut session: HttpSession,
        peer: &'g HttpPeer,
        request: UpstreamRequest,
    ) -> Result<Answer<'g>, Fault> {
        session.set_read_timeout(Some(self.read_timeout));
        session.set_write_timeout(Some(self.write_timeout));
        let mut keepalive = self.keepalive;
        let header = match write(&mut session, request).await {
            // In total: a server may send interim answers, or a byte at a time, for ever.
            Ok(()) => timeout(self.read_timeout, read_header(&mut session))
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorType::ReadTimedout))),
            // It may have answered without reading all of the body.
            Err(error) => {
                // The next request would be taken for what is missing of this one.
                keepalive = Duration::ZERO;
                match timeout(EARLY_ANSWER, read_header(&mut session)).await {
                    Ok(Ok(header)) => Ok(header),
                    _ => Err(error),
                }
            }
        };
        let header = header.map_err(|error| {
            match fault(&error) {
                // pingora would quote all of the header, and secrets with it.
                Fault::UpstreamInvalid => error!("upstream {peer}: its answer is malformed"),
                _ => error!("upstream {peer}: {error}"),
            }
            fault(&error)
        })?;
        if header.status == StatusCode::SWITCHING_PROTOCOLS {
            error!("upstream {peer}: it switches protocols without being asked");
            return Err(Fault::UpstreamInvalid);
        }
        Ok(Answer {
            header,
            session,
            peer,
            keepalive,
        })
    }
}

async fn write(session: &mut HttpSession, request: UpstreamRequest) -> Result<(), Box<Error>> {
    session.write_request_header(request.header).await?;
    session.write_request_body(request.body, true).await
}

/// Reads the final answer's header; interim ones (1xx) were not asked for and end here.
async fn read_header(session: &mut HttpSession) -> Result<ResponseHeader, Box<Error>> {
    loop {
        session.read_response_header().await?;
        let header = session.response_header();
        let is_interim = |status: StatusCode| {
            status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
        };
        if let Some(header) = header.filter(|header| !is_interim(header.status)) {
            return Ok(header.clone());
        }
    }
}

/// What an error on an established connection means.
pub(super) fn fault(error: &Error) -> Fault {
    match error.etype() {
        ErrorType::ReadTimedout | ErrorType::WriteTimedout => Fault::UpstreamTimeout,
        ErrorType::InvalidHTTPHeader => Fault::UpstreamInvalid,
        _ => Fault::UpstreamClosed,
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

    const SOON: Duration = Duration::from_millis(200);

    fn group(address: SocketAddr) -> Group {
        Group::new(&Upstream {
            name: "test".to_owned(),
            target: UpstreamTarget::Servers(vec![Server {
                name: "test".to_owned(),
                address,
            }]),
            connect_timeout: Duration::from_secs(10),
            read_timeout: SOON,
            write_timeout: SOON,
            keepalive: Duration::from_secs(60),
        })
        .unwrap()
    }

    fn upstreams() -> Upstreams {
        Upstreams {
            connector: connector(),
            by_name: HashMap::new(),
        }
    }

    fn post(body: Bytes) -> UpstreamRequest {
        let mut header = RequestHeader::build("POST", b"/", None).unwrap();
        header.append_header("Host", "test").unwrap();
        header.append_header("Content-Length", body.len()).unwrap();
        UpstreamRequest {
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
        let upstreams = upstreams();
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
                let mut answer = upstreams.send(&group, post(body.into()), |_| ()).await?;
                while answer.session.read_response_body().await.unwrap().is_some() {}
                upstreams.release(answer).await;
            }
            Ok::<_, Fault>(())
        };
        let (sent, ()) = tokio::join!(client, server);
        sent.unwrap();
    }

    #[tokio::test]
    async fn interim_answers_do_not_prolong_the_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let group = group(listener.local_addr().unwrap());
        let upstreams = upstreams();
        let server = async {
            let mut stream = accept_header(&listener).await;
            let interim = b"HTTP/1.1 102 Processing\r\n\r\n";
            while stream.write_all(interim).await.is_ok() {}
        };
        let client = upstreams.send(&group, post(Bytes::new()), |_| ());
        let (answer, ()) = tokio::join!(client, server);
        assert_eq!(answer.err(), Some(Fault::UpstreamTimeout));
    }
}
