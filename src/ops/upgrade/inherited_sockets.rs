//! Listening sockets that were open before this process started: those of the process that it
//! replaces, or systemd's (socket activation). Both are passed by systemd's protocol, `LISTEN_FDS`.
//! The previous process uses `LISTEN_FDNAMES` to say which Unix socket files the new one has to
//! remove at its end; systemd removes the files of its own sockets.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;

use listenfd::ListenFd;
use log::{info, warn};

use crate::ops::socket_file::{FileIdentity, SocketFile};

/// The name of a socket that has no file, or whose file this process must not remove.
pub(super) const PLAIN: &str = "socket";

/// Sockets that no listener has claimed yet, identified by their bound addresses.
#[derive(Debug, Default)]
pub struct Inherited {
    tcp: Vec<TcpListener>,
    unix: Vec<(UnixListener, Option<FileIdentity>)>,
}

impl Inherited {
    /// Takes over the sockets; descriptors from `end` on are not sockets. `names` are those that
    /// the previous process gave them, if there was one.
    pub(super) fn take(sockets: &mut ListenFd, end: usize, names: &str) -> Self {
        let mut names = names.split(':');
        let mut inherited = Self::default();
        for index in 0..end {
            let file = names.next().and_then(|name| name.parse().ok());
            // A socket of an unknown kind is the caller's mistake, and no reason not to serve.
            if let Ok(Some(socket)) = sockets.take_tcp_listener(index) {
                inherited.tcp.push(socket);
            } else if let Ok(Some(socket)) = sockets.take_unix_listener(index) {
                inherited.unix.push((socket, file));
            }
        }
        inherited
    }

    /// The socket that is bound to this address and port.
    pub fn take_tcp(&mut self, address: SocketAddr) -> Option<TcpListener> {
        let bound = |socket: &TcpListener| socket.local_addr().is_ok_and(|bound| bound == address);
        let index = self.tcp.iter().position(bound)?;
        Some(self.tcp.swap_remove(index))
    }

    /// The socket that is bound to this path, with its file if this process has to remove it at its
    /// end.
    pub fn take_unix(&mut self, path: &Path) -> Option<(UnixListener, Option<SocketFile>)> {
        let bound = |(socket, _): &(UnixListener, _)| is_bound_to(socket, path);
        let index = self.unix.iter().position(bound)?;
        let (socket, file) = self.unix.swap_remove(index);
        let file = file.map(|identity| SocketFile::inherited(path, identity));
        Some((socket, file))
    }

    /// Closes the sockets that no listener claimed because the new configuration does not have
    /// them.
    pub fn close_rest(&mut self) {
        for socket in self.tcp.drain(..) {
            match socket.local_addr() {
                Ok(address) => info!("no longer listening on {address}"),
                Err(error) => warn!("cannot identify an inherited socket, closing it: {error}"),
            }
        }
        for (socket, file) in self.unix.drain(..) {
            let address = socket.local_addr().ok();
            let path = address.as_ref().and_then(|address| address.as_pathname());
            let path = path.unwrap_or(Path::new("?"));
            info!("no longer listening on unix:{}", path.display());
            if let Some(identity) = file {
                let mut file = SocketFile::inherited(path, identity);
                file.take_over();
            }
        }
    }
}

fn is_bound_to(socket: &UnixListener, path: &Path) -> bool {
    let address = socket.local_addr();
    address.is_ok_and(|bound| bound.as_pathname() == Some(path))
}
