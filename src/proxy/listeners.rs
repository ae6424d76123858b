//! The listening sockets, and taking connections from them.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use pingora::protocols::l4::stream::Stream;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::client::Peer;
use super::exchange::Proxy;
use super::handshake;
use super::server::ServeError;
use crate::config::Listener;
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
    address: SocketAddr,
    /// Dropped to close the socket.
    settings: watch::Sender<Arc<Listener>>,
    /// The same socket, for the process that takes over.
    socket: OwnedFd,
    task: JoinHandle<()>,
}

/// New sockets, from which no connection is taken yet.
pub(super) struct Bound(Vec<(Listener, TcpListener, OwnedFd)>);

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
            let address = listener.address;
            let (socket, copy) = bind(address, inherited)?;
            Ok((listener.clone(), socket, copy))
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
                None => info!("no longer listening on {}", open.address),
            }
            found.is_some()
        });
        for (listener, socket, copy) in bound.0 {
            let address = listener.address;
            let (settings, watched) = watch::channel(Arc::new(listener));
            let task = tokio::spawn(take_connections(socket, watched, Arc::clone(proxy)));
            info!("listening on {address}");
            self.open.push(Open {
                address,
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
    both.map_err(|source| ServeError::Listen { address, source })
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
    socket: TcpListener,
    mut settings: watch::Receiver<Arc<Listener>>,
    proxy: Arc<Proxy>,
) {
    loop {
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((stream, address)) => serve(stream, address, &settings, &proxy),
                // The client gave up while it waited.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    warn!("cannot take a connection: {error}");
                    tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                }
            },
            changed = settings.changed() => if changed.is_err() {
                return take_waiting(socket, &settings, &proxy);
            },
        }
    }
}

/// Takes the connections that are waiting already: closing the socket would reset them.
fn take_waiting(
    socket: TcpListener,
    settings: &watch::Receiver<Arc<Listener>>,
    proxy: &Arc<Proxy>,
) {
    // The system is asked itself; the runtime may not have heard of the last ones yet.
    let Ok(socket) = socket.into_std() else {
        return;
    };
    while let Ok((stream, address)) = socket.accept() {
        if stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            serve(stream, address, settings, proxy);
        }
    }
}

fn serve(
    stream: TcpStream,
    address: SocketAddr,
    settings: &watch::Receiver<Arc<Listener>>,
    proxy: &Arc<Proxy>,
) {
    let limit = proxy.current().config.connections.total;
    let Some(slot) = proxy.connections.take(limit) else {
        let say = || warn!("{address}: there are {limit} connections, as many as there may be");
        return proxy.connections.refused(say);
    };
    // Before the task runs, so that an end that begins now waits for it.
    let connected = proxy.drain.connect();
    // A client that is gone already shows when it is read from.
    let _ = stream.set_nodelay(true);
    let peer = Peer {
        address: Some(address),
        tls: false,
    };
    let listener = Arc::clone(&settings.borrow());
    let proxy = Arc::clone(proxy);
    let socket = Stream::from(stream);
    tokio::spawn(async move {
        handshake::serve(proxy, socket, peer, listener, slot).await;
        drop(connected);
    });
}
