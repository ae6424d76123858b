//! A client's connection: which protocol it speaks, and its requests one after the other.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Buf as _, BytesMut};
use pingora::ErrorType;
use pingora::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream, ServerApp};
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use pingora::protocols::l4::stream as l4;
use pingora::server::ShutdownWatch;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use super::client::Peer;
use super::exchange::Proxy;
use super::refusal::Fault;

/// How HTTP/2 with prior knowledge begins (RFC 9113, section 3.4). No HTTP/1 method does.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The longest header of an HTTP/1 request, as of HTTP/2's. It counts against no budget.
const MAX_HEADER: usize = 64 << 10;

/// How much of a header is read at a time; nearly every one is whole then.
const HEADER_READ: usize = 4 << 10;

/// Serves one connection that was just taken, until one of the sides ends it.
pub(super) async fn serve(proxy: Arc<Proxy>, stream: l4::Stream, peer: Peer, http2: bool) {
    let _connected = proxy.drain.connect();
    let mut stream: Stream = Box::new(stream);
    if http2 {
        let limit = proxy.current().config.timeouts.header;
        match timeout(limit, begins_http2(&mut stream)).await {
            Ok(Some(true)) => {
                let ending = proxy.drain.watch();
                let http2 = Arc::new(Http2::new(proxy, peer));
                http2.process_new(stream, &ending).await;
                return;
            }
            Ok(Some(false)) => {}
            // Gone, or nothing said in time.
            Ok(None) | Err(_) => return,
        }
    }
    Http1 { proxy, peer }.serve(stream).await;
}

/// An HTTP/1 connection.
struct Http1 {
    proxy: Arc<Proxy>,
    peer: Peer,
}

impl Http1 {
    /// Answers the requests of an HTTP/1 connection until one of the sides ends it.
    async fn serve(&self, mut stream: Stream) {
        let mut early: Option<BytesMut> = None;
        let mut is_first = true;
        loop {
            let timeouts = self.proxy.current().config.timeouts.clone();
            // A client that connects has something to say.
            let wait = if is_first {
                timeouts.header
            } else {
                timeouts.keepalive
            };
            is_first = false;
            if early.is_none() && !self.wait_for_request(&mut stream, wait).await {
                return;
            }
            let mut start = early.take().unwrap_or_default();
            // Only this bounds the whole header: pingora's limits are a megabyte, and for each read.
            let read = timeout(timeouts.header, read_header(&mut stream, &mut start)).await;
            let mut session = ServerSession::new_http1(stream);
            // Without this, bytes behind a body (a stray line end) would cost the connection.
            session.set_pipelining_enabled(true);
            session.set_pipelined_prefix(start);
            let read = match read {
                Ok(Ok(true)) => timeout(timeouts.header, session.read_request()).await,
                Ok(Ok(false)) => return,
                Ok(Err(fault)) => {
                    return self.proxy.serve_unreadable(session, self.peer, fault).await;
                }
                Err(late) => Err(late),
            };
            let fault = match read {
                Ok(Ok(true)) => None,
                Ok(Ok(false)) => return,
                Ok(Err(error)) if *error.etype() == ErrorType::InvalidHTTPHeader => {
                    Some(Fault::RequestMalformed)
                }
                Ok(Err(_)) => return,
                Err(_) => Some(Fault::HeaderTimeout),
            };
            if let Some(fault) = fault {
                return self.proxy.serve_unreadable(session, self.peer, fault).await;
            }
            let Some(reusable) = self.proxy.serve(session, self.peer).await else {
                return;
            };
            (stream, early) = reusable.into_parts();
            early = early.and_then(without_line_ends);
        }
    }

    /// Waits for the first byte of the next request; `false` if the connection should end instead.
    async fn wait_for_request(&self, stream: &mut Stream, limit: Duration) -> bool {
        let mut first = [0];
        tokio::select! {
            biased;
            peeked = timeout(limit, stream.try_peek(&mut first)) => matches!(peeked, Ok(Ok(true))),
            () = self.proxy.drain.grace_over() => false,
        }
    }
}

/// Reads until the end of a header is there, with whatever comes along; `false` if the client
/// ended first.
async fn read_header(stream: &mut Stream, read: &mut BytesMut) -> Result<bool, Fault> {
    let mut searched: usize = 0;
    loop {
        // Empty lines in front are no end.
        read.advance(read.iter().take_while(|byte| is_line_end(byte)).count());
        let unsearched = read.get(searched..).unwrap_or_default();
        if unsearched
            .windows(3)
            .any(|end| matches!(end, b"\n\r\n" | [_, b'\n', b'\n']))
        {
            return Ok(true);
        }
        if read.len() > MAX_HEADER {
            return Err(Fault::HeaderTooLarge);
        }
        searched = read.len().saturating_sub(2);
        read.reserve(HEADER_READ);
        if !stream.read_buf(read).await.is_ok_and(|bytes| bytes > 0) {
            return Ok(false);
        }
    }
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// What was read behind a request, less the line ends that some clients send after a body.
fn without_line_ends(mut early: BytesMut) -> Option<BytesMut> {
    let start = early.iter().position(|byte| !is_line_end(byte))?;
    Some(early.split_off(start))
}

/// Whether the connection begins with HTTP/2's preface, all of which is then there; `None` if it
/// ended first. The first three bytes are looked at alone, so that no HTTP/1 request is too short.
/// Had pingora to find that it is none after all, it would read HTTP/1 without our time limits.
async fn begins_http2(stream: &mut Stream) -> Option<bool> {
    let mut start = [0; 3];
    stream.try_peek(&mut start).await.ok()?;
    if !PREFACE.starts_with(&start) {
        return Some(false);
    }
    let mut whole = [0; PREFACE.len()];
    stream.try_peek(&mut whole).await.ok()?;
    Some(whole == *PREFACE)
}

/// HTTP/2 connections: pingora runs them and hands over each stream.
struct Http2 {
    proxy: Arc<Proxy>,
    peer: Peer,
    options: HttpServerOptions,
}

impl Http2 {
    fn new(proxy: Arc<Proxy>, peer: Peer) -> Self {
        let mut options = HttpServerOptions::default();
        options.h2c = true;
        options.h2_idle_timeout = Some(proxy.current().config.timeouts.keepalive);
        Self {
            proxy,
            peer,
            options,
        }
    }
}

#[async_trait]
impl HttpServerApp for Http2 {
    async fn process_new_http(
        self: &Arc<Self>,
        mut session: ServerSession,
        _shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        // The header of a stream is whole before the stream is handed over.
        if !session.read_request().await.is_ok_and(|read| read) {
            return None;
        }
        self.proxy.serve(session, self.peer).await;
        None
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        Some(&self.options)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::proxy::Setup;

    /// A request that is refused, but leaves no doubt where it ends.
    const NEXT: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    fn proxy() -> Arc<Proxy> {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conf/countersign.toml");
        let config = crate::config::load(&file).unwrap().config;
        Arc::new(Proxy::new(Setup {
            config,
            access_log: None,
        }))
    }

    /// What a client that sends `request` gets until the connection ends.
    async fn answers(http2: bool, request: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let (accepted, address) = listener.accept().await.unwrap();
        let peer = Peer {
            address: Some(address),
        };
        let serve = serve(proxy(), accepted.into(), peer, http2);
        let mut received = String::new();
        // A connection that is closed unread ends in a reset.
        let (_, ()) = tokio::join!(client.read_to_string(&mut received), serve);
        received
    }

    #[tokio::test]
    async fn an_unreadable_header_is_answered() {
        for request in ["POST /\r\n\r\n", "GET / HTTP/1.1\r\nA B\r\n\r\n"] {
            let answer = answers(false, request.to_owned()).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{request}: {answer}");
        }
    }

    #[tokio::test]
    async fn a_header_is_bounded() {
        let header = |length: usize| {
            let value = "b".repeat(length);
            format!("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nA: {value}\r\n\r\n")
        };
        let allowed = answers(false, header(MAX_HEADER - 100)).await;
        assert!(allowed.starts_with("HTTP/1.1 404 "), "{allowed}");
        let refused = answers(false, header(4 * MAX_HEADER)).await;
        assert!(refused.starts_with("HTTP/1.1 431 "), "{refused}");
    }

    #[tokio::test]
    async fn nothing_is_read_behind_a_request_whose_end_is_in_doubt() {
        let callback = "POST /cheezeepay/callback HTTP/1.1\r\nHost: a\r\n";
        let chunked = "Transfer-Encoding: chunked\r\n\r\n";
        for doubtful in [
            format!("{callback}X: a\n\r\n"),
            format!("{callback}Content-Length: 0, 0\r\n\r\n"),
            format!("{callback}Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
            format!("{callback}Upgrade: h2c\r\n\r\n"),
            format!("{callback}{chunked}zz\r\n"),
            format!("{callback}{chunked}1\r\nabc"),
        ] {
            let answer = answers(false, format!("{doubtful}{NEXT}")).await;
            let (first, rest) = answer.split_once("\r\n\r\n").unwrap();
            assert!(first.starts_with("HTTP/1.1 400 "), "{doubtful}: {first}");
            assert!(first.contains("Connection: close"), "{doubtful}: {first}");
            assert!(!rest.contains("HTTP/1.1"), "{doubtful}: {rest}");
        }
    }

    #[tokio::test]
    async fn what_only_begins_like_http2_is_read_as_http1() {
        let request = "PRI /somewhere HTTP/1.1\r\nA B\r\n\r\n".to_owned();
        let answer = answers(true, request).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}
