//! A listening socket, TCP or Unix.

use std::io;

use pingora::protocols::l4::stream::Stream;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::judge::Peer;

/// The accept queue's length; the system caps it (`net.core.somaxconn`).
pub(super) const BACKLOG: u32 = 4096;

/// A listening socket.
pub(in crate::proxy) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Socket {
    /// Accepts the next connection.
    pub(in crate::proxy) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Self::Tcp(socket) => socket.accept().await.map(|(stream, address)| {
                // If the client is already gone, reading will show it.
                let _ = stream.set_nodelay(true);
                (stream.into(), Peer::new(Some(address)))
            }),
            Self::Unix(socket) => socket
                .accept()
                .await
                .map(|(stream, _)| (stream.into(), LOCAL)),
        }
    }

    /// Accepts the connections in the queue, and closes the socket. It asks the system directly,
    /// because the runtime may not know of the last ones yet.
    pub(super) fn take_waiting(self, mut taken: impl FnMut(Stream, Peer)) {
        match self {
            Self::Tcp(socket) => {
                let Ok(socket) = socket.into_std() else {
                    return;
                };
                waiting(
                    || socket.accept(),
                    |(stream, address)| {
                        let _ = stream.set_nodelay(true);
                        let ready = stream.set_nonblocking(true);
                        let stream = ready.and_then(|()| TcpStream::from_std(stream));
                        if let Ok(stream) = stream {
                            taken(stream.into(), Peer::new(Some(address)));
                        }
                    },
                );
            }
            Self::Unix(socket) => {
                let Ok(socket) = socket.into_std() else {
                    return;
                };
                waiting(
                    || socket.accept(),
                    |(stream, _)| {
                        let ready = stream.set_nonblocking(true);
                        let stream = ready.and_then(|()| UnixStream::from_std(stream));
                        if let Ok(stream) = stream {
                            taken(stream.into(), LOCAL);
                        }
                    },
                );
            }
        }
    }
}

/// Accepts no more connections than the queue holds: a client that keeps connecting must not delay
/// shutdown.
fn waiting<T>(accept: impl Fn() -> io::Result<T>, mut taken: impl FnMut(T)) {
    for _ in 0..BACKLOG {
        match accept() {
            Ok(accepted) => taken(accepted),
            // The client gave up; there may be others in the queue.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => return,
        }
    }
}

/// A client on a Unix socket.
const LOCAL: Peer = Peer::new(None);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_keeps_connecting_does_not_delay_shutdown() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || std::net::TcpStream::connect(address).unwrap();
        let _first = connect();
        let mut count = 0;
        Socket::Tcp(listener).take_waiting(|stream, _| {
            drop(stream);
            count += 1;
            assert!(count <= BACKLOG);
            connect();
        });
        assert_eq!(count, BACKLOG);
    }
}
