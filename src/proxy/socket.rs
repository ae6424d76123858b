//! A listening socket of either kind.

use std::io;

use pingora::protocols::l4::stream::Stream;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use super::client::Peer;

/// A listening socket.
pub(super) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Socket {
    /// Takes the next connection.
    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Self::Tcp(socket) => socket.accept().await.map(|(stream, address)| {
                // A client that is gone already shows when it is read from.
                let _ = stream.set_nodelay(true);
                let address = Some(address);
                (
                    stream.into(),
                    Peer {
                        address,
                        tls: false,
                    },
                )
            }),
            Self::Unix(socket) => socket
                .accept()
                .await
                .map(|(stream, _)| (stream.into(), LOCAL)),
        }
    }

    /// Takes the connections that are waiting already, and closes the socket. The system is asked
    /// itself; the runtime may not have heard of the last ones yet.
    pub(super) fn take_waiting(self, mut taken: impl FnMut(Stream, Peer)) {
        match self {
            Self::Tcp(socket) => {
                let Ok(socket) = socket.into_std() else {
                    return;
                };
                while let Ok((stream, address)) = socket.accept() {
                    let _ = stream.set_nodelay(true);
                    let ready = stream.set_nonblocking(true);
                    let stream = ready.and_then(|()| TcpStream::from_std(stream));
                    let address = Some(address);
                    if let Ok(stream) = stream {
                        taken(
                            stream.into(),
                            Peer {
                                address,
                                tls: false,
                            },
                        );
                    }
                }
            }
            Self::Unix(socket) => {
                let Ok(socket) = socket.into_std() else {
                    return;
                };
                while let Ok((stream, _)) = socket.accept() {
                    let ready = stream.set_nonblocking(true);
                    let stream = ready.and_then(|()| UnixStream::from_std(stream));
                    if let Ok(stream) = stream {
                        taken(stream.into(), LOCAL);
                    }
                }
            }
        }
    }
}

/// Somebody on a Unix socket.
const LOCAL: Peer = Peer {
    address: None,
    tls: false,
};
