//! Listening sockets that were open before this process began: those of the process it replaces,
//! or systemd's (socket activation). Both come by systemd's protocol, `LISTEN_FDS`. The process
//! before this one says by `LISTEN_FDNAMES` which files of Unix sockets are to be removed at the
//! end; those of systemd's sockets are systemd's.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;

use listenfd::ListenFd;
use log::{info, warn};

use crate::ops::socket_file::{FileIdentity, SocketFile};

/// The name of a socket without a file that would be up to this process.
pub(super) const PLAIN: &str = "socket";

/// Sockets that wait for a listener of the configuration to take them, known by the addresses they
/// are bound to.
#[derive(Debug, Default)]
pub struct Inherited {
    tcp: Vec<TcpListener>,
    unix: Vec<(UnixListener, Option<FileIdentity>)>,
}

impl Inherited {
    /// Takes them over; those from `end` on are something else. The names are those that the process
    /// before this one gave them, if there was one.
    pub(super) fn take(sockets: &mut ListenFd, end: usize, names: &str) -> Self {
        let mut names = names.split(':');
        let mut inherited = Self::default();
        for index in 0..end {
            let file = names.next().and_then(|name| name.parse().ok());
            // One that is of no kind we know is the caller's mistake, and no reason not to serve.
            if let Ok(Some(socket)) = sockets.take_tcp_listener(index) {
                inherited.tcp.push(socket);
            } else if let Ok(Some(socket)) = sockets.take_unix_listener(index) {
                inherited.unix.push((socket, file));
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

    /// The socket that is bound to that path; with its file, if that is to be removed at the end.
    pub fn take_unix(&mut self, path: &Path) -> Option<(UnixListener, Option<SocketFile>)> {
        let bound = |(socket, _): &(UnixListener, _)| is_bound_to(socket, path);
        let index = self.unix.iter().position(bound)?;
        let (socket, file) = self.unix.swap_remove(index);
        let file = file.map(|identity| SocketFile::inherited(path, identity));
        Some((socket, file))
    }

    /// Closes those that no listener took: the new configuration does not have them any more.
    pub fn close_rest(&mut self) {
        for socket in self.tcp.drain(..) {
            match socket.local_addr() {
                Ok(address) => info!("no longer listening on {address}"),
                Err(error) => warn!("closing an inherited socket: {error}"),
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
