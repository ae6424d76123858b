//! One exchange with a backend that consists of the bytes that it sends.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use pingora::http::RequestHeader;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::group::Group;
use super::known::ServerMemory;
use super::round_trip::{Answer, AttemptError, ConnectError, Wire, over};
use super::server::Connection;
use crate::config::{Balance, Endpoint, SentHost, Upstream, UpstreamServer, UpstreamTarget};
use crate::judge::Fault;

/// More than enough time for anything in memory.
const LIMIT: Duration = Duration::from_secs(10);

/// A backend that accepts every request, sends these bytes, and closes.
#[derive(Debug)]
pub(in crate::proxy) struct Script {
    bytes: Bytes,
    /// How many bytes arrive at once.
    piece: usize,
    /// How many were read.
    read: Arc<AtomicUsize>,
}

impl Script {
    pub(in crate::proxy) fn new(bytes: Bytes, piece: usize) -> Self {
        Self {
            bytes,
            piece,
            read: Arc::default(),
        }
    }

    /// How many of its bytes have been read so far.
    pub(in crate::proxy) fn read(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.read)
    }
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let most = self.piece.min(into.remaining()).min(self.bytes.len());
        into.put_slice(&self.bytes.split_to(most));
        self.read.fetch_add(most, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The answer to a request with this method.
pub(in crate::proxy) async fn answer(
    script: Script,
    method: &Method,
) -> Result<Box<Answer>, Fault> {
    let header = RequestHeader::build(method.clone(), b"/", None).map_err(|_| Fault::Internal)?;
    let request = Wire {
        header: Box::new(header),
        body: Bytes::new(),
        line: None,
    };
    let upstream = Upstream {
        name: "dry-run".to_owned(),
        target: UpstreamTarget::Servers(vec![UpstreamServer {
            name: "dry-run".to_owned(),
            endpoint: Endpoint::Unix("/".into()),
            weight: 1,
            backup: false,
            down: false,
            max_fails: 0,
            fail_timeout: LIMIT,
            tls: None,
        }]),
        host: SentHost::Client,
        balance: Balance::RoundRobin,
        tries: None,
        retry_timeout: Duration::ZERO,
        connect_timeout: LIMIT,
        read_timeout: LIMIT,
        write_timeout: LIMIT,
        keepalive: LIMIT,
        health_check: None,
        resolve: Duration::ZERO,
    };
    let memory = ServerMemory::default();
    let group = Group::new(&Arc::new(upstream), &mut memory.recall()).ok_or(Fault::Internal)?;
    let picked = group.candidates(None).next(Instant::now());
    let picked = picked.ok_or(Fault::Internal)?;
    let stream = over(script, None)
        .await
        .map_err(|error: ConnectError| error.fault())?;
    let connection = Connection {
        stream,
        is_used: false,
    };
    let answer = group.exchange(connection, picked, request).await;
    answer.map_err(|cause: AttemptError| cause.fault())
}
