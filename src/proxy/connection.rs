//! A client's connection: which protocol it speaks, and its requests one after the other.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use pingora::ErrorType;
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::http2;
use super::limits::Seat;
use super::request_header::{HEADER_READ, Received, first_bytes, read_header, without_line_ends};
use super::shared::Proxy;
use super::stream::ClientStream;
use super::unserved::Cause;
use crate::judge::Fault;
use crate::judge::Peer;

/// Which protocols a connection may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1 alone.
    Http1,
    /// HTTP/2, as both sides agreed by ALPN.
    Http2,
    /// HTTP/1, or HTTP/2 by prior knowledge: how it begins tells.
    Either,
}

/// How HTTP/2 with prior knowledge begins (RFC 9113, section 3.4). No HTTP/1 method does.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long the end of an idle connection may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long the end of a connection may take that makes room for another one.
pub(super) const BRIEF_FAREWELL: Duration = Duration::from_millis(100);

/// Serves one connection that was just taken, until one of the sides ends it.
pub(super) async fn serve(
    proxy: Arc<Proxy>,
    mut stream: ClientStream,
    peer: Peer,
    protocol: Protocol,
    seat: Arc<Seat>,
) {
    let mut read = BytesMut::new();
    // A client that connects has something to say.
    let deadline = after(proxy.current().config().timeouts.header);
    let is_http2 = match protocol {
        Protocol::Http1 => false,
        Protocol::Http2 | Protocol::Either => {
            let begins = timeout_at(deadline, begins_http2(&mut stream, &mut read, &seat)).await;
            match begins {
                Ok(Some(true)) => true,
                Ok(Some(false)) if protocol == Protocol::Either => false,
                Ok(Some(false)) => {
                    let why = "it agreed on HTTP/2 and speaks something else";
                    proxy.unserved.note(Cause::TlsProtocol, &peer, why);
                    return end(stream, &seat).await;
                }
                // Gone, or nothing said in time.
                _ => return end(stream, &seat).await,
            }
        }
    };
    stream.put_back(read);
    if is_http2 {
        Box::pin(http2::serve(proxy, stream, peer, seat)).await;
    } else {
        let http1 = Http1 { proxy, peer, seat };
        http1.serve(Box::new(stream), deadline).await;
    }
}

/// The moment when so much time is over.
fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}

/// An HTTP/1 connection.
struct Http1 {
    proxy: Arc<Proxy>,
    peer: Peer,
    seat: Arc<Seat>,
}

impl Http1 {
    /// Answers the requests of an HTTP/1 connection until one of the sides ends it. The header of the
    /// first one must be there at a deadline.
    async fn serve(&self, mut stream: Stream, deadline: Instant) {
        let mut early: Option<BytesMut> = None;
        let mut deadline = Some(deadline);
        loop {
            let timeouts = self.proxy.current().config().timeouts.clone();
            let deadline = deadline.take();
            let mut start = match early.take() {
                Some(early) => early,
                None => {
                    let wait = deadline.unwrap_or_else(|| after(timeouts.keepalive));
                    match self.wait_for_request(&mut stream, wait).await {
                        Some(first) => first,
                        None => return end(stream, &self.seat).await,
                    }
                }
            };
            // Only this bounds the whole header: pingora's limits are a megabyte, and for each read.
            let read = read_header(&mut stream, &mut start, &timeouts, deadline);
            let Some(read) = self.seat.hear(read).await else {
                return end(stream, &self.seat).await;
            };
            let mut session = ServerSession::new_http1(stream);
            // Without this, bytes behind a body (a stray line end) would cost the connection.
            session.set_pipelining_enabled(true);
            session.set_pipelined_prefix(start);
            let is_chunk_bad;
            let read = match read {
                Ok(Received::Nothing) => return,
                Ok(received) => {
                    is_chunk_bad = received == Received::BadChunk;
                    timeout(timeouts.header, session.read_request()).await
                }
                Err(fault) => return self.serve_unreadable(session, fault).await,
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
                return self.serve_unreadable(session, fault).await;
            }
            let Self { proxy, peer, seat } = self;
            if is_chunk_bad {
                let refused = proxy.refuse(session, *peer, seat, Fault::BodyIncomplete);
                return Box::pin(refused).await;
            }
            // Boxed, so that a connection that waits does not hold the space that a request takes.
            let Some(reusable) = Box::pin(proxy.serve(session, *peer, seat)).await else {
                return;
            };
            (stream, early) = reusable.into_parts();
            early = early.and_then(without_line_ends);
        }
    }

    /// Answers a request whose header could not be read, which ends the connection.
    async fn serve_unreadable(&self, session: ServerSession, fault: Fault) {
        let Self { proxy, peer, seat } = self;
        Box::pin(proxy.serve_unreadable(session, *peer, seat, fault)).await;
    }

    /// Waits for the next request's first bytes; `None` if the connection should end instead.
    async fn wait_for_request(&self, stream: &mut Stream, limit: Instant) -> Option<BytesMut> {
        let first = async {
            tokio::select! {
                biased;
                first = timeout_at(limit, first_bytes(stream)) => first.ok()?,
                () = self.proxy.drain.grace_over() => None,
            }
        };
        self.seat.wait(first).await?
    }
}

/// Ends a connection on which nothing is under way, and says so where the protocol can.
async fn end(mut stream: impl AsyncWrite + Unpin, seat: &Seat) {
    // It takes one write, on a socket that had nothing to write.
    let farewell = timeout(FAREWELL, stream.shutdown());
    let brief = async {
        seat.must_leave().await;
        sleep(BRIEF_FAREWELL).await;
    };
    tokio::select! {
        _ = farewell => {}
        () = brief => {}
    }
}

/// Whether the connection begins with HTTP/2's preface; `None` if it ended first. An HTTP/1 request
/// may be shorter than that, so the first byte that differs tells. What was read is in `read`.
async fn begins_http2(stream: &mut ClientStream, read: &mut BytesMut, seat: &Seat) -> Option<bool> {
    loop {
        let length = read.len().min(PREFACE.len());
        if read.get(..length) != PREFACE.get(..length) {
            return Some(false);
        }
        if length == PREFACE.len() {
            return Some(true);
        }
        let is_first = read.is_empty();
        read.reserve(HEADER_READ);
        let more = stream.read_buf(read);
        let more = if is_first {
            seat.wait(more).await?
        } else {
            seat.hear(more).await?
        };
        if !more.is_ok_and(|bytes| bytes > 0) {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use pingora::protocols::l4::stream as l4;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::proxy::Setup;
    use crate::proxy::request_header::MAX_HEADER;

    /// A request that is refused, but leaves no doubt where it ends.
    const NEXT: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    fn proxy() -> Arc<Proxy> {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conf/countersign.toml");
        let config = crate::config::load(&file).unwrap().config;
        let setup = Setup {
            file,
            overridden: Vec::new(),
            config,
            access_log: None,
            error_log: None,
            watch: Default::default(),
        };
        Arc::new(Proxy::new(setup).unwrap())
    }

    /// What a client that sends `request` gets until the connection ends.
    async fn answers(protocol: Protocol, request: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let (accepted, address) = listener.accept().await.unwrap();
        let peer = Peer::new(Some(address));
        let stream = ClientStream::from(l4::Stream::from(accepted));
        let proxy = proxy();
        let slot = proxy.connections.take(1, || ()).unwrap();
        let serve = serve(
            Arc::clone(&proxy),
            stream,
            peer,
            protocol,
            Arc::clone(&slot.seat),
        );
        let answers = async {
            let mut received = String::new();
            // A connection that is closed unread ends in a reset.
            let _ = client.read_to_string(&mut received).await;
            drop(client);
            received
        };
        tokio::join!(answers, serve).0
    }

    #[tokio::test]
    async fn an_unreadable_header_is_answered() {
        for request in ["POST /\r\n\r\n", "GET / HTTP/1.1\r\nA B\r\n\r\n"] {
            let answer = answers(Protocol::Http1, request.to_owned()).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{request}: {answer}");
        }
    }

    #[tokio::test]
    async fn a_header_is_bounded() {
        let header = |length: usize| {
            let value = "b".repeat(length);
            format!("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nA: {value}\r\n\r\n")
        };
        let allowed = answers(Protocol::Http1, header(MAX_HEADER - 100)).await;
        assert!(allowed.starts_with("HTTP/1.1 404 "), "{allowed}");
        // However much of it comes at once.
        for length in [MAX_HEADER, MAX_HEADER + HEADER_READ, 4 * MAX_HEADER] {
            let refused = answers(Protocol::Http1, header(length)).await;
            assert!(refused.starts_with("HTTP/1.1 431 "), "{length}: {refused}");
        }
    }

    #[tokio::test]
    async fn nothing_is_read_behind_a_request_whose_end_is_in_doubt() {
        let callback = "POST /cheezeepay/callback HTTP/1.1\r\nHost: a\r\n";
        let chunked = "Transfer-Encoding: chunked\r\n\r\n";
        for doubtful in [
            format!("{callback}X: a\n\r\n"),
            format!("{callback}Content-Length: 0, 0\r\n\r\n"),
            format!("{callback}Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
            format!("{callback}Upgrade: websocket\r\n\r\n"),
            format!("{callback}{chunked}zz\r\n"),
            format!("{callback}{chunked}1\r\nabc"),
            format!("{callback}{chunked}1;a\nb\r\na\r\n0\r\n\r\n"),
            format!("{callback}{chunked}0;\n\r\n"),
            format!("{callback}{chunked}\r\n\r\n"),
        ] {
            let answer = answers(Protocol::Http1, format!("{doubtful}{NEXT}")).await;
            let (first, rest) = answer.split_once("\r\n\r\n").unwrap();
            assert!(first.starts_with("HTTP/1.1 400 "), "{doubtful}: {first}");
            assert!(first.contains("Connection: close"), "{doubtful}: {first}");
            assert!(!rest.contains("HTTP/1.1"), "{doubtful}: {rest}");
        }
    }

    #[tokio::test]
    async fn what_only_begins_like_http2_is_read_as_http1() {
        let request = "PRI /somewhere HTTP/1.1\r\nA B\r\n\r\n".to_owned();
        let answer = answers(Protocol::Either, request).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}
