//! The requests of an HTTP/1 connection, one after the other.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use tokio::time::{Instant, timeout_at};

use super::farewell::end;
use super::request_header::{HeaderRead, first_bytes, parse, read_header, without_line_ends};
use crate::config::ListenAddress;
use crate::judge::{Fault, Peer};
use crate::proxy::limits::Slot;
use crate::proxy::process::Proxy;
use crate::proxy::request::{Unreadable, framing};

/// An HTTP/1 connection.
pub(super) struct Http1 {
    pub(super) proxy: Arc<Proxy>,
    pub(super) peer: Peer,
    pub(super) slot: Arc<Slot>,
    /// Where it was accepted.
    pub(super) listener: ListenAddress,
}

impl Http1 {
    /// Answers the requests of an HTTP/1 connection until either side closes it. The header of the
    /// first one must arrive by a deadline.
    pub(super) async fn serve(&self, mut stream: Stream, deadline: Instant) {
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
                        None => return end(stream, &self.slot).await,
                    }
                }
            };
            // This is the only limit on the whole header: pingora's limits are a megabyte, and per
            // read.
            let read = read_header(&mut stream, &mut start, &timeouts, deadline);
            let Some(read) = self.slot.receive(pin!(read)).await else {
                return end(stream, &self.slot).await;
            };
            let mut session = Box::new(ServerSession::new_http1(stream));
            // Without this, bytes after a body (a stray line end) would cost the connection.
            session.set_pipelining_enabled(true);
            let is_chunk_bad = match read {
                Ok(HeaderRead::Nothing) => return,
                Ok(received) => received == HeaderRead::BadChunk,
                Err(fault) => {
                    let unreadable = Unreadable::new(fault, &start);
                    return self.serve_unreadable(session, unreadable).await;
                }
            };
            if let Err(unreadable) = parse(&mut session, start) {
                return self.serve_unreadable(session, unreadable).await;
            }
            let Self {
                proxy,
                peer,
                slot,
                listener,
            } = self;
            if is_chunk_bad {
                // A fault of the header comes first, as if the chunk had arrived after it.
                let fault = framing::check(&mut session).err();
                let fault = fault.unwrap_or(Fault::BodyIncomplete);
                let refused = proxy.refuse(session, *peer, slot, fault);
                return Box::pin(refused).await;
            }
            // Boxed, so that an idle connection does not hold the space that a request takes.
            let served = Box::pin(proxy.serve(session, *peer, slot, listener)).await;
            let Some(reusable) = served else {
                return;
            };
            (stream, early) = reusable.into_parts();
            early = early.and_then(without_line_ends);
        }
    }

    /// Answers a request whose header could not be read, which ends the connection.
    async fn serve_unreadable(&self, session: Box<ServerSession>, unreadable: Box<Unreadable>) {
        let Self {
            proxy, peer, slot, ..
        } = self;
        Box::pin(proxy.serve_unreadable(session, *peer, slot, unreadable)).await;
    }

    /// Waits for the next request's first bytes; `None` if the connection should close instead.
    async fn wait_for_request(&self, stream: &mut Stream, limit: Instant) -> Option<BytesMut> {
        let first = async {
            tokio::select! {
                biased;
                first = timeout_at(limit, first_bytes(stream)) => first.ok()?,
                () = self.proxy.drain.grace_over() => None,
            }
        };
        self.slot.wait(pin!(first)).await?
    }
}

/// The time after this duration.
pub(super) fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}
