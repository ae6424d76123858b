//! An HTTP/2 client with prior knowledge.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use h2::client::SendRequest;
use http::{Request, StatusCode};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::{Callback, PATIENCE};

/// A connection and the runtime that drives it.
pub(crate) struct Http2 {
    runtime: Runtime,
    send: SendRequest<Bytes>,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Http2 {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::connect_over(address, None)
    }

    /// Connects to a host over TLS.
    pub(crate) fn connect_tls(address: SocketAddr, config: Arc<ClientConfig>, host: &str) -> Self {
        Self::connect_over(address, Some((config, host)))
    }

    fn connect_over(address: SocketAddr, tls: Option<(Arc<ClientConfig>, &str)>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let send = runtime.block_on(async {
            let stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let Some((config, host)) = tls else {
                return start(stream).await;
            };
            let name = ServerName::try_from(host.to_owned()).unwrap();
            let tls = TlsConnector::from(config)
                .connect(name, stream)
                .await
                .unwrap();
            assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            start(tls).await
        });
        Self { runtime, send }
    }

    /// Sends a callback in pieces of at most this size, with or without `Content-Length`.
    pub(crate) fn send(&self, callback: &Callback, piece: usize, length: bool) -> Answer {
        self.exchange(request(callback, length), &callback.body, piece)
            .unwrap()
    }

    /// Sends a callback whose response may break off.
    pub(crate) fn try_send(&self, callback: &Callback) -> Result<Answer, h2::Error> {
        self.exchange(request(callback, true), &callback.body, usize::MAX)
    }

    /// Sends a request unchanged.
    pub(crate) fn exchange(
        &self,
        request: Request<()>,
        body: &[u8],
        piece: usize,
    ) -> Result<Answer, h2::Error> {
        let whole = async {
            let mut send = self.send.clone().ready().await?;
            let (answer, mut stream) = send.send_request(request, body.is_empty())?;
            let answer = async {
                let (head, mut data) = answer.await?.into_parts();
                let mut body = Vec::new();
                while let Some(chunk) = data.data().await {
                    let chunk = chunk?;
                    data.flow_control().release_capacity(chunk.len())?;
                    body.extend_from_slice(&chunk);
                }
                Ok(Answer {
                    status: head.status,
                    headers: head.headers,
                    body,
                })
            };
            let sent = async {
                let mut rest = body.chunks(piece).peekable();
                while let Some(chunk) = rest.next() {
                    let last = rest.peek().is_none();
                    // A server that rejects the body stops reading it; the response shows why.
                    if send_all(&mut stream, chunk, last).await.is_none() {
                        return;
                    }
                }
            };
            let (answer, ()) = tokio::join!(answer, sent);
            answer
        };
        self.runtime
            .block_on(async { timeout(PATIENCE, whole).await })
            .expect("no answer")
    }
}

/// A request in progress.
pub(crate) struct UnderWay {
    stream: h2::SendStream<Bytes>,
    answer: Option<h2::RecvStream>,
}

impl UnderWay {
    /// Cancels the request, as a client does that no longer wants the response.
    pub(crate) fn reset(mut self) {
        self.stream.send_reset(h2::Reason::CANCEL);
        drop(self.answer);
    }
}

impl Http2 {
    /// Sends this many bytes of a callback's body. After the whole body, also waits until the
    /// response's body begins.
    pub(crate) fn begin(&self, callback: &Callback, bytes: usize) -> UnderWay {
        let is_whole = bytes == callback.body.len();
        let begin = async {
            let mut send = self.send.clone().ready().await.unwrap();
            let (answer, mut stream) = send.send_request(request(callback, true), false).unwrap();
            let body = &callback.body[..bytes];
            send_all(&mut stream, body, is_whole).await.unwrap();
            let mut begun = UnderWay {
                stream,
                answer: None,
            };
            if is_whole {
                let mut data = answer.await.unwrap().into_body();
                data.data().await.unwrap().unwrap();
                begun.answer = Some(data);
            } else {
                // Dropping the response future would end the stream.
                tokio::spawn(answer);
            }
            begun
        };
        self.runtime
            .block_on(async { timeout(PATIENCE, begin).await })
            .expect("no answer")
    }
}

async fn start(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> SendRequest<Bytes> {
    let (send, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    send
}

fn request(callback: &Callback, length: bool) -> Request<()> {
    let mut request = Request::builder()
        .method(callback.method.as_str())
        .uri(format!("http://pay.example{}", callback.target));
    for (name, value) in &callback.headers {
        request = request.header(name, value.as_slice());
    }
    if length {
        request = request.header("content-length", callback.body.len());
    }
    request.body(()).unwrap()
}

/// Sends a piece as fast as flow control allows; returns `None` if the stream ended.
async fn send_all(stream: &mut h2::SendStream<Bytes>, mut piece: &[u8], last: bool) -> Option<()> {
    while !piece.is_empty() {
        stream.reserve_capacity(piece.len());
        let room = std::future::poll_fn(|context| stream.poll_capacity(context)).await?;
        let (now, later) = piece.split_at(room.ok()?.min(piece.len()));
        let end = last && later.is_empty();
        stream.send_data(Bytes::copy_from_slice(now), end).ok()?;
        piece = later;
    }
    Some(())
}
