//! Listening sockets that were open before this process began: those of the process it replaces,
//! or systemd's (socket activation). Both come by systemd's protocol, `LISTEN_FDS`.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;

use listenfd::ListenFd;
use log::{info, warn};

/// Sockets that wait for a listener of the configuration to take them, known by the addresses they
/// are bound to.
#[derive(Debug, Default)]
pub struct Inherited {
    tcp: Vec<TcpListener>,
    unix: Vec<UnixListener>,
}

impl Inherited {
    /// Takes them over; those from `end` on are something else.
    pub(super) fn take(sockets: &mut ListenFd, end: usize) -> Self {
        let mut inherited = Self::default();
        for index in 0..end {
            // One that is of no kind we know is the caller's mistake, and no reason not to serve.
            if let Ok(Some(socket)) = sockets.take_tcp_listener(index) {
                inherited.tcp.push(socket);
            } else if let Ok(Some(socket)) = sockets.take_unix_listener(index) {
                inherited.unix.push(socket);
            }
        }
        inherited
    }

    /// The socket that is bound to that address and port.
    pub fn take_tcp(&mut self, address: SocketAddr) -> Option<TcpListener> {
        let bound = |socket: &TcpListener| socket.local_addr().is_ok_and(|bound| bound == address);
        let index = self.tcp.iter().position(bound)?;
        Some(self.tcp.swap_remove(index))
    }

    /// The socket that is bound to that path.
    pub fn take_unix(&mut self, path: &Path) -> Option<UnixListener> {
        let bound = |socket: &UnixListener| {
            let address = socket.local_addr();
            address.is_ok_and(|bound| bound.as_pathname() == Some(path))
        };
        let index = self.unix.iter().position(bound)?;
        Some(self.unix.swap_remove(index))
    }

    /// Closes those that no listener took: the new configuration does not have them any more.
    pub fn close_rest(&mut self) {
        for socket in self.tcp.drain(..) {
            match socket.local_addr() {
                Ok(address) => info!("no longer listening on {address}"),
                Err(error) => warn!("closing an inherited socket: {error}"),
            }
        }
        for socket in self.unix.drain(..) {
            info!("no longer listening on {:?}", socket.local_addr());
        }
    }
}
