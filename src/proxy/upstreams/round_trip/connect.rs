//! New connections to servers.

use std::fmt::Debug;
use std::io;
use std::time::Duration;

use pingora::protocols::Stream;
use pingora::protocols::l4::stream::Stream as Socket;
use pingora::protocols::l4::virt::{VirtualSocket, VirtualSocketStream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::early_response::EarlyResponse;
use super::upstream_tls;
use crate::config::ServerTls;
use crate::judge::Fault;
use crate::proxy::tls_words;
use crate::proxy::upstreams::server::Address;

/// Why no connection was established. Nothing of a callback was sent.
#[derive(Debug, thiserror::Error)]
pub(in crate::proxy) enum ConnectError {
    /// It took too long.
    #[error("no connection within {0:?} (connect_timeout)")]
    TimedOut(Duration),
    /// The server accepted the connection and then said nothing, or too little.
    #[error(
        "no complete TLS handshake within {0:?} (connect_timeout): perhaps this port does not speak TLS"
    )]
    HandshakeTimedOut(Duration),
    /// The system's error.
    #[error("cannot connect: {0}")]
    Failed(#[from] io::Error),
    /// What is wrong with the server's certificate, or another TLS error.
    #[error("TLS handshake failed: {}", tls_words::of_server(.0))]
    Tls(io::Error),
    /// Nothing that the server would take.
    #[error("it demands a client certificate, which the proxy cannot present")]
    ClientCertificate,
}

impl ConnectError {
    /// What it means for the callback.
    pub(in crate::proxy) const fn fault(&self) -> Fault {
        match self {
            Self::TimedOut(_) | Self::HandshakeTimedOut(_) => Fault::UpstreamTimeout,
            Self::Failed(_) => Fault::UpstreamUnreachable,
            Self::Tls(_) | Self::ClientCertificate => Fault::UpstreamTls,
        }
    }
}

/// Connects within a time limit, including TLS.
pub(in crate::proxy) async fn connect(
    address: &Address,
    tls: Option<&ServerTls>,
    limit: Duration,
) -> Result<Stream, ConnectError> {
    let mut is_accepted = false;
    match timeout(limit, open(address, tls, &mut is_accepted)).await {
        Ok(stream) => stream,
        Err(_) if is_accepted => Err(ConnectError::HandshakeTimedOut(limit)),
        Err(_) => Err(ConnectError::TimedOut(limit)),
    }
}

/// Notes in `is_accepted` that the connection is there, on which TLS then begins.
async fn open(
    address: &Address,
    tls: Option<&ServerTls>,
    is_accepted: &mut bool,
) -> Result<Stream, ConnectError> {
    match address {
        Address::Inet(address) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            *is_accepted = true;
            over(stream, tls).await
        }
        Address::Unix(path) => {
            let stream = UnixStream::connect(path).await?;
            *is_accepted = true;
            over(stream, tls).await
        }
    }
}

/// Wraps a connection in a stream for pingora, with TLS if it is configured.
pub(in crate::proxy) async fn over<S>(
    stream: S,
    tls: Option<&ServerTls>,
) -> Result<Stream, ConnectError>
where
    S: AsyncRead + AsyncWrite + Debug + Unpin + Send + Sync + 'static,
{
    let heard: Box<dyn VirtualSocket> = match tls {
        None => Box::new(EarlyResponse::new(stream)),
        Some(tls) => {
            let secured = upstream_tls::secure(stream, tls).await;
            let stream =
                secured.map_err(
                    |error| match upstream_tls::demands_certificate(&error, tls) {
                        true => ConnectError::ClientCertificate,
                        false => ConnectError::Tls(error),
                    },
                )?;
            Box::new(EarlyResponse::new(stream))
        }
    };
    Ok(Box::new(Socket::from(VirtualSocketStream::new(heard))))
}
