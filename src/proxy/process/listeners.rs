//! The listening sockets, and accepting connections from them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use pingora::protocols::l4::stream::Stream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::bind::{BoundSocket, SocketGuard, bind};
use super::proxy::Proxy;
use super::serve_error::ServeError;
use super::socket::Socket;
use crate::config::{ListenAddress, Listener};
use crate::judge::Peer;
use crate::ops::privileges::Owner;
use crate::ops::socket_file::ModeChange;
use crate::ops::upgrade::{Handed, Inherited};
use crate::proxy::connection::{UnservedCause, handshake};

/// How long to wait if no connection can be accepted: the process is out of descriptors.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// The listening sockets.
#[derive(Default)]
pub(super) struct Listeners {
    open: Vec<OpenListener>,
}

/// A socket from which connections are accepted.
struct OpenListener {
    address: ListenAddress,
    held: SocketGuard,
    /// Closes the socket on drop.
    settings: watch::Sender<Arc<Listener>>,
    task: JoinHandle<()>,
}

/// What a configuration needs and is not open yet. On drop, everything is as before.
pub(in crate::proxy) struct BoundListeners {
    new: Vec<(Listener, BoundSocket)>,
    modes: Vec<ModeChange>,
}

impl Listeners {
    /// Binds the addresses that are not open yet, or uses inherited sockets for them; the files of
    /// open ones get their configured mode.
    ///
    /// # Errors
    /// If one of them cannot be bound; then nothing has changed.
    pub(in crate::proxy) fn bind(
        &self,
        wanted: &[Listener],
        owner: Option<Owner>,
        inherited: &mut Inherited,
    ) -> Result<BoundListeners, ServeError> {
        let mut bound = BoundListeners {
            new: Vec::new(),
            modes: Vec::new(),
        };
        for listener in wanted {
            let Listener { address, mode, .. } = listener;
            let mut open = self.open.iter();
            match open.find(|open| open.address == *address) {
                Some(open) => bound.modes.extend(open.held.change_mode(address, *mode)?),
                None => {
                    let socket = bind(address, *mode, owner, inherited)?;
                    bound.new.push((listener.clone(), socket));
                }
            }
        }
        Ok(bound)
    }

    /// From now on, accepts connections from exactly the configured addresses.
    pub(in crate::proxy) fn apply(
        &mut self,
        wanted: &[Listener],
        bound: BoundListeners,
        proxy: &Arc<Proxy>,
    ) {
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
        bound.modes.into_iter().for_each(ModeChange::keep);
        for (listener, socket) in bound.new {
            let (socket, held) = socket.open();
            let address = listener.address.clone();
            let (settings, watched) = watch::channel(Arc::new(listener));
            let task = tokio::spawn(take_connections(socket, watched, Arc::clone(proxy)));
            info!("listening on {address}");
            self.open.push(OpenListener {
                address,
                held,
                settings,
                task,
            });
        }
    }

    /// Copies of all sockets, for the process that takes over.
    ///
    /// # Errors
    /// If this process is out of descriptors.
    pub(in crate::proxy) fn for_successor(&self) -> io::Result<Vec<Handed>> {
        let open = self.open.iter();
        open.map(|open| open.held.for_successor()).collect()
    }

    /// Another process took over.
    pub(in crate::proxy) fn hand_over(&mut self) {
        self.open.iter_mut().for_each(|open| open.held.hand_over());
    }

    /// Closes all sockets, and removes their files unless another process took over: from now on,
    /// new connections are refused, or accepted by that process. Returns once all connections that
    /// were already established are counted.
    pub(in crate::proxy) async fn close(&mut self) {
        let tasks: Vec<_> = self.open.drain(..).map(|open| open.task).collect();
        for task in tasks {
            // A listener that panicked accepts no connections, either.
            let _ = task.await;
        }
    }
}

/// Accepts connections until the sender of the settings is gone.
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
                    warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                }
            },
            changed = settings.changed() => if changed.is_err() {
                // Closing the socket would reset the connections in its queue.
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
    let limit = proxy.connection_limit();
    let say = || {
        warn!(
            "the limit of {limit} connections is reached: connections that are idle, have sent \
             no complete header, or whose bodies have stalled are closed to make room for new \
             ones"
        );
    };
    let Some(permit) = proxy.connections.take(limit, say) else {
        let why = format_args!("the limit of {limit} connections is reached");
        return proxy.unserved.note(UnservedCause::Limit, &peer, why);
    };
    // Count it before the task runs, so that a shutdown that starts now waits for it.
    let connected = proxy.drain.connect();
    let listener = Arc::clone(&settings.borrow());
    let proxy = Arc::clone(proxy);
    tokio::spawn(async move {
        handshake::serve(proxy, socket, peer, listener, permit).await;
        drop(connected);
    });
}
