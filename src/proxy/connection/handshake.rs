//! From an accepted connection to HTTP on it: the PROXY protocol, then TLS.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use bytes::BytesMut;
use log::debug;
use pingora::protocols::Peek as _;
use pingora::protocols::l4::stream::Stream as Socket;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::protocol::{self, Protocol};
use super::proxy_header::{MAX_V2, ProxyHeader, ProxyHeaderError};
use super::stream::ClientStream;
use super::unserved::{self, UnservedCause};
use crate::config::{Config, Listener, ListenerTls};
use crate::judge::{Peer, ProxySource};
use crate::proxy::limits::ConnectionPermit;
use crate::proxy::process::Proxy;

/// Serves one accepted connection until either side closes it.
pub(in crate::proxy) async fn serve(
    proxy: Arc<Proxy>,
    socket: Socket,
    mut peer: Peer,
    listener: Arc<Listener>,
    mut permit: ConnectionPermit,
) {
    let generation = proxy.current();
    // The client has nothing to wait for, so all of this must finish within the time limit of a
    // header.
    let limit = generation.config().timeouts.header;
    let mut awaited = "byte";
    let established = establish(
        socket,
        &mut peer,
        &listener,
        generation.config(),
        &mut permit,
        &mut awaited,
    );
    let established = timeout(limit, established).await;
    let address = listener.address.clone();
    // A connection may outlive many configurations.
    drop((generation, listener));
    match established {
        Ok(Ok((stream, protocol))) => {
            let slot = Arc::clone(&permit.slot);
            protocol::serve(proxy, stream, peer, protocol, slot, address).await;
        }
        Ok(Err(NotEstablished::Refused(cause, why))) => proxy.unserved.note(cause, &peer, why),
        Ok(Err(silent)) => debug!("{peer}: {silent}"),
        Err(_) => {
            let why = format_args!("no {awaited} within {limit:?}");
            proxy
                .unserved
                .note(UnservedCause::HandshakeTimeout, &peer, why);
        }
    }
    drop(permit);
}

/// Why a connection never got as far as HTTP.
#[derive(Debug, thiserror::Error)]
enum NotEstablished {
    /// There is a cause to report.
    #[error("{1}")]
    Refused(UnservedCause, String),
    #[error("it had not sent a request when others needed the room")]
    MadeRoom,
    /// As load balancers' health checks do.
    #[error("it closed the connection without sending anything")]
    Gone,
}

impl NotEstablished {
    fn refused(cause: UnservedCause, why: impl Into<String>) -> Self {
        Self::Refused(cause, why.into())
    }
}

/// `awaited` names what the client has yet to send.
async fn establish(
    mut socket: Socket,
    peer: &mut Peer,
    listener: &Listener,
    config: &Config,
    permit: &mut ConnectionPermit,
    awaited: &mut &'static str,
) -> Result<(ClientStream, Protocol), NotEstablished> {
    if listener.proxy_protocol {
        // Otherwise anybody could claim to be anybody.
        if !config.trusted_proxies.contains(peer.ip()) {
            return Err(NotEstablished::refused(
                UnservedCause::ProxyUntrusted,
                "it is not in `trusted_proxies`, so it may not use the PROXY protocol",
            ));
        }
    }
    if listener.proxy_protocol || listener.tls.is_some() {
        // A silent client must not keep others out.
        let begun = permit.slot.wait(pin!(socket.try_peek(&mut [0]))).await;
        let begun = begun.ok_or(NotEstablished::MadeRoom)?;
        begun.map_err(|_| NotEstablished::Gone)?;
    }
    if listener.proxy_protocol {
        *awaited = "complete PROXY header";
        let read = pin!(read_proxy_header(&mut socket, peer));
        let read = permit.slot.receive(read).await;
        read.ok_or(NotEstablished::MadeRoom)??;
    }
    // All clients of a proxy share its address.
    if let Some(limit) = config.connections.per_client
        && !config.trusted_proxies.contains(peer.ip())
        && !permit.count_for(peer.client(), limit)
    {
        return Err(NotEstablished::refused(
            UnservedCause::ClientLimit,
            format!(
                "it has as many connections as one client may have ({limit}): raise \
                 `connections_per_client` or, if it is a proxy, list it in `trusted_proxies`"
            ),
        ));
    }
    match &listener.tls {
        Some(tls) => {
            peer.tls = true;
            *awaited = "complete TLS handshake";
            let handshake = async {
                if listener.proxy_protocol {
                    // The balancer may only have probed the port, with no connection to pass on.
                    let begun = socket.try_peek(&mut [0]).await;
                    begun.map_err(|_| NotEstablished::Gone)?;
                }
                encrypted(socket, tls).await.map_err(|error| {
                    let (cause, why) = unserved::of_handshake(&error);
                    NotEstablished::refused(cause, why)
                })
            };
            let established = permit.slot.receive(pin!(handshake)).await;
            established.ok_or(NotEstablished::MadeRoom)?
        }
        None if listener.http2 => Ok((socket.into(), Protocol::Either)),
        None => Ok((socket.into(), Protocol::Http1)),
    }
}

/// Reads which client the proxy says the connection is from.
async fn read_proxy_header(socket: &mut Socket, peer: &mut Peer) -> Result<(), NotEstablished> {
    let mut read = BytesMut::new();
    let header = loop {
        match ProxyHeader::parse(&read) {
            Ok(Some(header)) => break header,
            Ok(None) => read.reserve(MAX_V2),
            Err(error) => {
                let cause = match error {
                    ProxyHeaderError::Missing => UnservedCause::ProxyHeaderMissing,
                    ProxyHeaderError::Malformed | ProxyHeaderError::TooLong => {
                        UnservedCause::ProxyHeaderInvalid
                    }
                };
                return Err(NotEstablished::refused(cause, error.to_string()));
            }
        }
        if !socket.read_buf(&mut read).await.is_ok_and(|read| read > 0) {
            return Err(NotEstablished::refused(
                UnservedCause::ProxyHeaderInvalid,
                "the PROXY header is truncated",
            ));
        }
    };
    socket.rewind(read.get(header.length..).unwrap_or_default());
    match header.source {
        ProxySource::Client(address) => peer.address = Some(address),
        source => peer.unnamed = Some(source),
    }
    peer.tls = header.tls;
    Ok(())
}

async fn encrypted(socket: Socket, tls: &ListenerTls) -> io::Result<(ClientStream, Protocol)> {
    let stream = TlsAcceptor::from(tls.handshakes()).accept(socket).await?;
    let protocol = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        _ => Protocol::Http1,
    };
    Ok((stream.into(), protocol))
}
