//! Setting up listening sockets: bound, or inherited from another process.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use tokio::net::{TcpListener, TcpSocket, UnixListener, UnixSocket};

use super::serve_error::ServeError;
use super::socket::{BACKLOG, Socket};
use crate::config::ListenAddress;
use crate::ops::privileges::Owner;
use crate::ops::socket_file::{self, ModeChange, SocketFile};
use crate::ops::upgrade::{Handed, Inherited};

/// A listening socket from which no connection is accepted yet. If it is dropped, nothing remains
/// of it.
pub(in crate::proxy) struct BoundSocket {
    socket: Socket,
    held: SocketGuard,
    mode: Option<ModeChange>,
}

/// The parts of a listening socket besides accepting connections. On drop, the socket's file is
/// removed.
pub(in crate::proxy) struct SocketGuard {
    /// The file of a Unix socket, if this process is responsible for it.
    file: Option<SocketFile>,
    /// A copy of the socket, for the process that takes over.
    copy: OwnedFd,
}

/// Uses the inherited socket with this address, or binds a new one.
///
/// # Errors
/// If there is none and the address cannot be bound.
pub(in crate::proxy) fn bind(
    address: &ListenAddress,
    mode: u32,
    owner: Option<Owner>,
    inherited: &mut Inherited,
) -> Result<BoundSocket, ServeError> {
    let bound = match address {
        ListenAddress::Tcp(address) => bind_tcp(*address, inherited),
        ListenAddress::Unix(path) => bind_unix(path, mode, owner, inherited),
    };
    bound.map_err(|source| not_listening(address, source))
}

fn not_listening(address: &ListenAddress, source: io::Error) -> ServeError {
    ServeError::Listen {
        address: address.clone(),
        source,
    }
}

impl BoundSocket {
    /// The socket is in use from now on.
    pub(in crate::proxy) fn open(self) -> (Socket, SocketGuard) {
        let Self {
            socket,
            mut held,
            mode,
        } = self;
        if let Some(mode) = mode {
            mode.keep();
        }
        if let Some(file) = &mut held.file {
            file.take_over();
        }
        (socket, held)
    }
}

impl SocketGuard {
    /// Sets the mode of a Unix socket's file.
    ///
    /// # Errors
    /// If the system refuses.
    pub(in crate::proxy) fn change_mode(
        &self,
        address: &ListenAddress,
        mode: u32,
    ) -> Result<Option<ModeChange>, ServeError> {
        let change = self.file.as_ref().map(|file| file.change_mode(mode));
        let change = change.transpose();
        change.map_err(|source| not_listening(address, source))
    }

    /// A copy for the process that takes over.
    ///
    /// # Errors
    /// If this process is out of descriptors.
    pub(in crate::proxy) fn for_successor(&self) -> io::Result<Handed> {
        Ok(Handed {
            socket: self.copy.try_clone()?,
            file: self.file.as_ref().map(SocketFile::identity),
        })
    }

    /// Another process took over and is responsible for the file.
    pub(in crate::proxy) fn hand_over(&mut self) {
        if let Some(file) = &mut self.file {
            file.hand_over();
        }
    }
}

fn bind_tcp(address: SocketAddr, inherited: &mut Inherited) -> io::Result<BoundSocket> {
    let socket = match inherited.take_tcp(address) {
        Some(socket) => {
            socket.set_nonblocking(true)?;
            TcpListener::from_std(socket)?
        }
        None => bind_new(address)?,
    };
    Ok(BoundSocket {
        held: SocketGuard {
            file: None,
            copy: socket.as_fd().try_clone_to_owned()?,
        },
        socket: Socket::Tcp(socket),
        mode: None,
    })
}

fn bind_new(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A restart must not wait until the system forgets the connections of the last run.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn bind_unix(
    path: &Path,
    mode: u32,
    owner: Option<Owner>,
    inherited: &mut Inherited,
) -> io::Result<BoundSocket> {
    let (socket, file, mode) = match inherited.take_unix(path) {
        Some((socket, file)) => {
            let mode = file.as_ref().map(|file| file.change_mode(mode));
            socket.set_nonblocking(true)?;
            (UnixListener::from_std(socket)?, file, mode.transpose()?)
        }
        None => {
            let (socket, file) = bind_new_unix(path, mode, owner)?;
            (socket, Some(file), None)
        }
    };
    Ok(BoundSocket {
        held: SocketGuard {
            file,
            copy: socket.as_fd().try_clone_to_owned()?,
        },
        socket: Socket::Unix(socket),
        mode,
    })
}

/// Binds a socket to a path. Replaces the stale file of a process that is gone.
fn bind_new_unix(
    path: &Path,
    mode: u32,
    owner: Option<Owner>,
) -> io::Result<(UnixListener, SocketFile)> {
    let _cleared = socket_file::clear(path)?;
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    let file = SocketFile::made(path)?;
    // Before listening: until then nobody can connect, whatever the file's mode is.
    if let Some(owner) = owner {
        file.give_to(owner)?;
    }
    file.change_mode(mode)?.keep();
    Ok((socket.listen(BACKLOG)?, file))
}
