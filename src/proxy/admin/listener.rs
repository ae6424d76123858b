//! The admin listener's socket, and accepting connections from it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use tokio::sync::{Semaphore, watch};

use super::http;
use super::idle::IdleOnes;
use crate::config::{Admin, ListenAddress};
use crate::ops::privileges::Owner;
use crate::ops::socket_file::ModeChange;
use crate::ops::upgrade::{Handed, Inherited};
use crate::proxy::process::{BoundSocket, Proxy, ServeError, Socket, SocketGuard, bind};

/// The most connections at once. A further one replaces the one that has been idle for longest; if
/// none is idle, it waits, but only for a few seconds.
const MAX_CONNECTIONS: usize = 32;

/// How long to wait if no connection can be accepted: the process is out of descriptors.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// The admin listener, if there is one. On drop, it closes and removes its file.
#[derive(Default)]
pub(in crate::proxy) struct AdminListener {
    open: Option<OpenAdmin>,
}

struct OpenAdmin {
    address: ListenAddress,
    held: SocketGuard,
    /// Closes the socket on drop.
    _end: watch::Sender<()>,
}

/// What a configuration needs and is not open yet. On drop, everything is as before.
#[derive(Default)]
pub(in crate::proxy) struct BoundAdmin {
    new: Option<(ListenAddress, BoundSocket)>,
    mode: Option<ModeChange>,
}

impl AdminListener {
    /// Binds the address, unless it is already open; then only the mode of its file is changed.
    ///
    /// # Errors
    /// If it cannot be bound; then nothing has changed.
    pub(in crate::proxy) fn bind(
        &self,
        wanted: Option<&Admin>,
        owner: Option<Owner>,
        inherited: &mut Inherited,
    ) -> Result<BoundAdmin, ServeError> {
        let mut bound = BoundAdmin::default();
        if let Some(Admin { address, mode }) = wanted {
            match &self.open {
                Some(open) if open.address == *address => {
                    bound.mode = open.held.change_mode(address, *mode)?;
                }
                _ => {
                    let socket = bind(address, *mode, owner, inherited)?;
                    bound.new = Some((address.clone(), socket));
                }
            }
        }
        Ok(bound)
    }

    /// From now on, accepts connections from exactly the configured address.
    pub(in crate::proxy) fn apply(
        &mut self,
        wanted: Option<&Admin>,
        bound: BoundAdmin,
        proxy: &Arc<Proxy>,
    ) {
        if let Some(mode) = bound.mode {
            mode.keep();
        }
        if let Some((address, socket)) = bound.new {
            let (socket, held) = socket.open();
            let (end, ended) = watch::channel(());
            tokio::spawn(take_connections(socket, ended, Arc::clone(proxy)));
            info!("admin listener on {address}");
            self.open = Some(OpenAdmin {
                address,
                held,
                _end: end,
            });
        } else if wanted.is_none() && self.open.take().is_some() {
            info!("the admin listener is closed");
        }
    }

    /// The socket, for the process that takes over.
    pub(in crate::proxy) fn for_successor(&self) -> Option<io::Result<Handed>> {
        self.open.as_ref().map(|open| open.held.for_successor())
    }

    /// Another process took over: closes the socket.
    pub(in crate::proxy) fn hand_over(&mut self) {
        if let Some(mut open) = self.open.take() {
            open.held.hand_over();
        }
    }
}

async fn take_connections(socket: Socket, mut ended: watch::Receiver<()>, proxy: Arc<Proxy>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let idle_ones = IdleOnes::default();
    let take = async {
        loop {
            match socket.accept().await {
                Ok((stream, _)) => {
                    if room.available_permits() == 0 {
                        idle_ones.make_room();
                    }
                    // Nobody closes it.
                    let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                        return;
                    };
                    let (proxy, idle) = (Arc::clone(&proxy), idle_ones.connection());
                    tokio::spawn(async move {
                        http::serve(&proxy, stream, &idle).await;
                        drop(place);
                    });
                }
                // The client gave up while it waited.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    warn!("admin listener: cannot accept a connection: {error}");
                    tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                }
            }
        }
    };
    tokio::select! {
        () = take => {}
        // Nothing is ever sent: dropping the sender is the signal.
        _ = ended.changed() => {}
    }
}
