//! From a connection that was just taken to the bytes of HTTP on it.

use std::sync::Arc;

use log::debug;
use pingora::protocols::l4::stream::Stream as Socket;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::client::Peer;
use super::connection::{self, Protocol};
use super::exchange::Proxy;
use super::stream::ClientStream;
use crate::config::{Listener, Tls};

/// Serves one connection that was just taken, until one of the sides ends it.
pub(super) async fn serve(
    proxy: Arc<Proxy>,
    socket: Socket,
    mut peer: Peer,
    listener: Arc<Listener>,
) {
    let _connected = proxy.drain.connect();
    // The client has nothing to wait for, so all of this takes no longer than a header may.
    let limit = proxy.current().config.timeouts.header;
    let (stream, protocol) = match &listener.tls {
        None if listener.http2 => (socket.into(), Protocol::Either),
        None => (socket.into(), Protocol::Http1),
        Some(tls) => {
            peer.tls = true;
            match timeout(limit, encrypted(socket, tls)).await {
                Ok(Ok(encrypted)) => encrypted,
                // Whoever looks for open ports ends here, so it is nothing to wake people for.
                Ok(Err(error)) => return debug!("{peer}: TLS handshake: {error}"),
                Err(_) => return debug!("{peer}: TLS handshake: not done within {limit:?}"),
            }
        }
    };
    drop(listener);
    connection::serve(proxy, stream, peer, protocol).await;
}

async fn encrypted(socket: Socket, tls: &Tls) -> std::io::Result<(ClientStream, Protocol)> {
    let stream = TlsAcceptor::from(tls.handshakes()).accept(socket).await?;
    let protocol = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        _ => Protocol::Http1,
    };
    Ok((stream.into(), protocol))
}
