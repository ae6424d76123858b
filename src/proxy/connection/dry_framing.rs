//! Reads HTTP/1 requests as connections do, for tests and fuzzing.

use pingora::http::ResponseHeader;
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use pingora::protocols::l4::stream::Stream as Socket;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use super::chunk_lines::ChunkLines;
use super::request_header::{HeaderRead, first_bytes, parse, read_header, without_line_ends};
use super::stream::ClientStream;
use crate::config::ClientTimeouts;
use crate::judge::Fault;
use crate::proxy::request::{framing, request_head};

/// Reads HTTP/1 requests from bytes, through a pair of sockets.
pub struct DryFraming {
    runtime: Runtime,
    timeouts: ClientTimeouts,
}

/// A request that the framing check accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framed {
    /// Its target: the path and the query, as they are routed and forwarded.
    pub target: Vec<u8>,
    /// Its body.
    pub body: Vec<u8>,
    /// What is read as the next request: all bytes after this one, without leading line ends.
    /// `None` if the connection ends with this one.
    pub rest: Option<Vec<u8>>,
}

/// The state of a chunked body's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunks {
    /// Well-formed so far.
    Unfinished,
    /// Well-formed up to the line of the last chunk.
    Finished,
    /// Malformed.
    Bad,
}

impl DryFraming {
    /// A reader with these limits.
    ///
    /// # Errors
    /// If the system lacks the resources.
    pub fn new(timeouts: ClientTimeouts) -> std::io::Result<Self> {
        Ok(Self {
            runtime: Builder::new_current_thread().enable_all().build()?,
            timeouts,
        })
    }

    /// Reads the first request of a connection that sends these pieces and then ends.
    ///
    /// # Errors
    /// The code of the refusal; `closed` if the connection is closed without one.
    pub fn read(&self, pieces: &[&[u8]]) -> Result<Framed, &'static str> {
        self.runtime.block_on(async {
            let (ours, mut client) = UnixStream::pair().map_err(|_| Fault::Internal.code())?;
            let sends = async {
                for piece in pieces {
                    if client.write_all(piece).await.is_err() {
                        break;
                    }
                    // So that they are not read together.
                    for _ in 0..4 {
                        yield_now().await;
                    }
                }
                let _ = client.shutdown().await;
                // Answers are not read: they are short.
                std::future::pending().await
            };
            tokio::select! {
                biased;
                framed = self.receive(Box::new(ClientStream::from(Socket::from(ours)))) => framed,
                () = sends => Err(Fault::Internal.code()),
            }
        })
    }

    async fn receive(&self, mut stream: Stream) -> Result<Framed, &'static str> {
        const CLOSED: &str = "closed";
        let mut start = first_bytes(&mut stream).await.ok_or(CLOSED)?;
        let read = read_header(&mut stream, &mut start, &self.timeouts, None).await;
        let read = read.map_err(Fault::code)?;
        if read == HeaderRead::Nothing {
            return Err(CLOSED);
        }
        let mut session = ServerSession::new_http1(stream);
        session.set_pipelining_enabled(true);
        parse(&mut session, start).map_err(|unreadable| unreadable.fault.code())?;
        framing::check(&mut session).map_err(Fault::code)?;
        if read == HeaderRead::BadChunk {
            return Err(Fault::BodyIncomplete.code());
        }
        let target = request_head::target(session.req_header()).to_vec();
        let mut body = Vec::new();
        loop {
            match session.read_request_body().await {
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                Ok(None) => break,
                Err(_) => return Err(Fault::BodyIncomplete.code()),
            }
        }
        let rest = rest(session).await;
        Ok(Framed { target, body, rest })
    }
}

/// What follows a request.
async fn rest(mut session: ServerSession) -> Option<Vec<u8>> {
    let answer = ResponseHeader::build(204, None).ok()?;
    session.write_response_header(Box::new(answer)).await.ok()?;
    let (mut stream, early) = session.finish().await.ok()??.into_parts();
    let mut rest = early.unwrap_or_default();
    while stream.read_buf(&mut rest).await.ok()? > 0 {}
    Some(without_line_ends(rest).unwrap_or_default().to_vec())
}

/// Checks the lines of a chunked body that arrives in pieces.
#[must_use]
pub fn chunk_lines(pieces: &[&[u8]]) -> Chunks {
    let mut lines = ChunkLines::START;
    for piece in pieces {
        if lines.look_at(piece).is_err() {
            return Chunks::Bad;
        }
    }
    match lines {
        ChunkLines::Last => Chunks::Finished,
        _ => Chunks::Unfinished,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HEAD: &str = "POST / HTTP/1.1\r\nHost: a\r\n";

    #[test]
    fn a_request_ends_where_the_next_one_begins() {
        let hour = Duration::from_secs(3600);
        let reader = DryFraming::new(ClientTimeouts {
            header: hour,
            body: hour,
            min_rate: None,
            keepalive: hour,
            write: hour,
            decrypt: hour,
        });
        let reader = reader.unwrap();
        let chunked = "Transfer-Encoding: chunked\r\n\r\n";
        for (request, expected) in [
            (
                "Content-Length: 3\r\n\r\nabcGET /",
                Ok(("abc", Some("GET /"))),
            ),
            (
                "\r\nGET / HTTP/1.1\r\n\r\n",
                Ok(("", Some("GET / HTTP/1.1\r\n\r\n"))),
            ),
            (
                &format!("{chunked}3\r\nabc\r\n0\r\nX: y\r\n\r\n\r\nGET /"),
                Ok(("abc", Some("GET /"))),
            ),
            (
                &format!("Connection: close\r\n{chunked}1\r\na\r\n0\r\n\r\nb"),
                Ok(("a", None)),
            ),
            (&format!("{chunked}1;\n\r\na"), Err("body_incomplete")),
            ("Content-Length: 3\r\n\r\nab", Err("body_incomplete")),
            ("Content-Length: 3, 3\r\n\r\nabc", Err("length_ambiguous")),
            ("X: y\n\r\n", Err("request_malformed")),
            // Headers whose names only begin like those about the body.
            (
                "Transfer-Encoding-Y: chunked\r\nContent-LengthX: 1\r\n\r\nzz",
                Ok(("", Some("zz"))),
            ),
            (
                &format!("Content-Length-Y: 2\r\n{chunked}0\r\n\r\n"),
                Ok(("", Some(""))),
            ),
            // The fault of the header comes first, even if a bad chunk arrives with it.
            (
                "Transfer-Encoding: gzip, chunked\r\n\r\n0\x1d\n\r\n",
                Err("encoding_unsupported"),
            ),
            (
                &format!("X: y\0z\r\n{chunked}0\n"),
                Err("request_malformed"),
            ),
            ("X: y", Err("closed")),
        ] {
            let request = format!("{HEAD}{request}");
            let expected = expected.map(|(body, rest)| Framed {
                target: b"/".into(),
                body: body.into(),
                rest: rest.map(Into::into),
            });
            for at in 0..request.len() {
                let (head, tail) = request.as_bytes().split_at(at);
                assert_eq!(
                    reader.read(&[head, tail]),
                    expected,
                    "{request:?} cut at {at}"
                );
            }
        }
    }
}
