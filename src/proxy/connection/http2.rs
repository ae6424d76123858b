//! A client's HTTP/2 connection, which pingora runs.

use std::sync::Arc;

use async_trait::async_trait;
use pingora::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream, ServerApp};
use pingora::protocols::http::ServerSession;
use pingora::server::ShutdownWatch;
use tokio::sync::watch;
use tokio::time::sleep;

use super::farewell::BRIEF_FAREWELL;
use super::stream::ClientStream;
use crate::config::ListenAddress;
use crate::judge::{Fault, Peer};
use crate::proxy::limits::{Gauge, Slot};
use crate::proxy::process::Proxy;

/// The most requests in progress on one HTTP/2 connection. pingora allows 100 open streams. A
/// stream that the client has reset is no longer open, but its callback may be with a backend; a
/// stream whose answer is out may not be recorded as closed yet. So this limit is twice as high.
const MAX_STREAMS_UNDER_WAY: usize = 200;

/// Serves an HTTP/2 connection until either side closes it, or it makes room for another one.
pub(in crate::proxy) async fn serve(
    proxy: Arc<Proxy>,
    stream: ClientStream,
    peer: Peer,
    slot: Arc<Slot>,
    listener: ListenAddress,
) {
    let mut ending = proxy.drain.watch();
    let (end, told) = watch::channel(false);
    let app = Arc::new(Http2::new(proxy, peer, Arc::clone(&slot), listener));
    let makes_room = async {
        tokio::select! {
            () = async { drop(ending.wait_for(|ending| *ending).await) } => {
                end.send_replace(true);
                // New requests, which would need the room, are no longer accepted.
                std::future::pending().await
            }
            () = slot.must_leave() => {
                // So that the client learns which requests were not processed.
                end.send_replace(true);
                sleep(BRIEF_FAREWELL).await;
            }
        }
    };
    slot.end();
    tokio::select! {
        _ = app.process_new(Box::new(stream), &told) => {}
        () = makes_room => {}
    }
}

/// HTTP/2 connections: pingora runs them and hands over each stream.
struct Http2 {
    proxy: Arc<Proxy>,
    peer: Peer,
    slot: Arc<Slot>,
    /// Where it was accepted.
    listener: ListenAddress,
    under_way: Gauge,
    options: HttpServerOptions,
}

impl Http2 {
    fn new(proxy: Arc<Proxy>, peer: Peer, slot: Arc<Slot>, listener: ListenAddress) -> Self {
        let mut options = HttpServerOptions::default();
        options.h2c = true;
        options.h2_idle_timeout = Some(proxy.current().config().timeouts.keepalive);
        Self {
            proxy,
            peer,
            slot,
            listener,
            under_way: Gauge::new(Some(MAX_STREAMS_UNDER_WAY), None),
            options,
        }
    }
}

#[async_trait]
impl HttpServerApp for Http2 {
    async fn process_new_http(
        self: &Arc<Self>,
        session: ServerSession,
        _shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        // The client was told that the connection is closing, and that this stream was not
        // processed.
        let _request = self.slot.request()?;
        let under_way = self.under_way.count();
        // A stream is handed over once its header is complete.
        let mut session = Box::new(session);
        if session.read_request().await.is_ok_and(|read| read) {
            match under_way {
                Ok(_under_way) => {
                    let serve = self
                        .proxy
                        .serve(session, self.peer, &self.slot, &self.listener);
                    drop(serve.await);
                }
                Err(_) => {
                    let (peer, slot) = (self.peer, &self.slot);
                    let refused = self.proxy.refuse(session, peer, slot, Fault::Overloaded);
                    Box::pin(refused).await;
                }
            }
        }
        None
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        Some(&self.options)
    }
}
