//! New connections to servers.

use std::io;
use std::path::Path;
use std::time::Duration;

use pingora::protocols::Stream;
use pingora::protocols::l4::stream::Stream as Socket;
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::server::Address;
use crate::proxy::refusal::Fault;

/// Why no connection came about. Nothing of a callback was sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    /// It took too long.
    #[error("no connection within {0:?}")]
    TimedOut(Duration),
    /// The system's message.
    #[error("cannot connect: {0}")]
    Failed(#[from] io::Error),
}

impl ConnectError {
    /// What it means for the callback.
    pub(super) const fn fault(&self) -> Fault {
        match self {
            Self::TimedOut(_) => Fault::UpstreamTimeout,
            Self::Failed(_) => Fault::UpstreamUnreachable,
        }
    }
}

/// Connects within a time limit.
pub(super) async fn connect(address: &Address, limit: Duration) -> Result<Stream, ConnectError> {
    match timeout(limit, open(address)).await {
        Ok(stream) => stream,
        Err(_) => Err(ConnectError::TimedOut(limit)),
    }
}

async fn open(address: &Address) -> Result<Stream, ConnectError> {
    match address {
        Address::Inet(address) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(Socket::from(stream)))
        }
        Address::Unix(path) => Ok(Box::new(Socket::from(unix(path).await?))),
    }
}

async fn unix(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path).await
}
