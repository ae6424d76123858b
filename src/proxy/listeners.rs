//! The listening sockets, and taking connections from them.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use pingora::protocols::l4::stream::Stream;
use tokio::net::{TcpListener, TcpSocket, UnixListener};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::client::Peer;
use super::handshake;
use super::server::ServeError;
use super::shared::Proxy;
use super::socket::Socket;
use super::unix_socket::{self, SocketFile};
use crate::config::{ListenAddress, Listener};
use crate::ops::upgrade::Inherited;

/// How many connections may wait to be taken; the system caps it (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// How long to wait where no connection can be taken: the process is out of descriptors.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// The listening sockets.
#[derive(Default)]
pub(super) struct Listeners {
    open: Vec<Open>,
}

/// A socket from which connections are taken.
struct Open {
    address: ListenAddress,
    /// The file of a Unix socket that was bound here: that of another process is not ours to remove.
    file: Option<SocketFile>,
    /// Dropped to close the socket.
    settings: watch::Sender<Arc<Listener>>,
    /// The same socket, for the process that takes over.
    socket: OwnedFd,
    task: JoinHandle<()>,
}

/// New sockets, from which no connection is taken yet.
pub(super) struct Bound(Vec<(Listener, Socket, OwnedFd, Option<SocketFile>)>);

impl Listeners {
    /// Binds the addresses that are not open yet, or takes inherited sockets for them.
    ///
    /// # Errors
    /// If one of them cannot be bound; then none is.
    pub(super) fn bind(
        &self,
        wanted: &[Listener],
        inherited: &mut Inherited,
    ) -> Result<Bound, ServeError> {
        let is_open = |listener: &Listener| {
            let mut open = self.open.iter();
            open.any(|open| open.address == listener.address)
        };
        let new = wanted.iter().filter(|listener| !is_open(listener));
        let bound = new.map(|listener| {
            let (socket, copy, file) = match &listener.address {
                ListenAddress::Tcp(address) => {
                    let (socket, copy) = bind(*address, inherited)?;
                    (Socket::Tcp(socket), copy, None)
                }
                ListenAddress::Unix(path) => bind_unix(path, listener.mode, inherited)?,
            };
            Ok((listener.clone(), socket, copy, file))
        });
        bound.collect::<Result<_, _>>().map(Bound)
    }

    /// Takes connections from exactly the wanted addresses from now on.
    pub(super) fn apply(&mut self, wanted: &[Listener], bound: Bound, proxy: &Arc<Proxy>) {
        self.open.retain(|open| {
            let found = wanted
                .iter()
                .find(|listener| listener.address == open.address);
            match found {
                Some(listener) => {
                    open.settings.send_replace(Arc::new(listener.clone()));
                }
                None => {
                    info!("no longer listening on {}", open.address);
                    open.remove_file();
                }
            }
            found.is_some()
        });
        for (listener, socket, copy, file) in bound.0 {
            let address = listener.address.clone();
            let (settings, watched) = watch::channel(Arc::new(listener));
            let task = tokio::spawn(take_connections(socket, watched, Arc::clone(proxy)));
            info!("listening on {address}");
            self.open.push(Open {
                address,
                file,
                settings,
                socket: copy,
                task,
            });
        }
    }

    /// Copies of all sockets, for the process that takes over.
    ///
    /// # Errors
    /// If the process is out of descriptors.
    pub(super) fn copies(&self) -> io::Result<Vec<OwnedFd>> {
        let open = self.open.iter();
        open.map(|open| open.socket.try_clone()).collect()
    }

    /// Removes the files of Unix sockets, where no other process listens on them now.
    pub(super) fn remove_files(&self) {
        self.open.iter().for_each(Open::remove_file);
    }

    /// Closes all sockets: whoever connects from now on is refused, or taken by the process that
    /// took over. Returns once those who had connected already are counted.
    pub(super) async fn close(&mut self) {
        let tasks: Vec<_> = self.open.drain(..).map(|open| open.task).collect();
        for task in tasks {
            // One that panicked takes no connections, either.
            let _ = task.await;
        }
    }
}

impl Open {
    fn remove_file(&self) {
        if let Some(file) = &self.file {
            file.remove();
        }
    }
}

/// The same of a Unix socket; with its file, if it is ours.
fn bind_unix(
    path: &Path,
    mode: u32,
    inherited: &mut Inherited,
) -> Result<(Socket, OwnedFd, Option<SocketFile>), ServeError> {
    let socket = match inherited.take_unix(path) {
        Some(socket) => socket
            .set_nonblocking(true)
            .and_then(|()| UnixListener::from_std(socket))
            .map(|socket| (socket, None)),
        None => unix_socket::bind(path, mode, BACKLOG)
            .map(|socket| (socket, Some(SocketFile::of(path)))),
    };
    let all = socket.and_then(|(socket, file)| {
        let copy = socket.as_fd().try_clone_to_owned()?;
        Ok((Socket::Unix(socket), copy, file))
    });
    all.map_err(|source| ServeError::Listen {
        address: ListenAddress::Unix(path.to_owned()),
        source,
    })
}

/// Takes the inherited socket of that address, or binds one. The copy is for the process that will
/// take over from this one.
pub(super) fn bind(
    address: SocketAddr,
    inherited: &mut Inherited,
) -> Result<(TcpListener, OwnedFd), ServeError> {
    let socket = match inherited.take_tcp(address) {
        Some(socket) => from_std(socket),
        None => bind_new(address),
    };
    let both = socket.and_then(|socket| {
        let copy = socket.as_fd().try_clone_to_owned()?;
        Ok((socket, copy))
    });
    both.map_err(|source| ServeError::Listen {
        address: address.into(),
        source,
    })
}

fn from_std(socket: std::net::TcpListener) -> io::Result<TcpListener> {
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket)
}

fn bind_new(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A restart must not wait for connections of the last run to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Takes connections until the sender of the settings is gone.
async fn take_connections(
    socket: Socket,
    mut settings: watch::Receiver<Arc<Listener>>,
    proxy: Arc<Proxy>,
) {
    loop {
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((stream, peer)) => serve(stream, peer, &settings, &proxy),
                // The client gave up while it waited.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    warn!("cannot take a connection: {error}");
                    tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                }
            },
            changed = settings.changed() => if changed.is_err() {
                // Closing the socket would reset those that wait.
                return socket.take_waiting(|stream, peer| serve(stream, peer, &settings, &proxy));
            },
        }
    }
}

fn serve(
    socket: Stream,
    peer: Peer,
    settings: &watch::Receiver<Arc<Listener>>,
    proxy: &Arc<Proxy>,
) {
    let limit = proxy.current().config.connections.total;
    let Some(slot) = proxy.connections.take(limit) else {
        let say = || warn!("{peer}: there are {limit} connections, as many as there may be");
        return proxy.connections.refused(say);
    };
    // Before the task runs, so that an end that begins now waits for it.
    let connected = proxy.drain.connect();
    let listener = Arc::clone(&settings.borrow());
    let proxy = Arc::clone(proxy);
    tokio::spawn(async move {
        handshake::serve(proxy, socket, peer, listener, slot).await;
        drop(connected);
    });
}
