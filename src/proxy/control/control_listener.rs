//! The control socket, and accepting connections from it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, watch};

use super::asker::Asker;
use super::control_connection;
use crate::config::ListenAddress;
use crate::ops::privileges::Owner;
use crate::ops::socket_file::ModeChange;
use crate::ops::upgrade::{Handed, Inherited};
use crate::proxy::process::{BoundSocket, Proxy, ServeError, Socket, SocketGuard, bind};

/// The owner alone may connect.
const MODE: u32 = 0o600;

/// The most connections at once. A further one waits; each has its time.
const MAX_CONNECTIONS: usize = 16;

/// How long to wait if no connection can be accepted: the process is out of descriptors.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// The control socket, if there is one. On drop, it closes and removes its file.
#[derive(Default)]
pub(in crate::proxy) struct ControlListener {
    open: Option<OpenControl>,
}

struct OpenControl {
    path: PathBuf,
    held: SocketGuard,
    /// Closes the socket on drop.
    _end: watch::Sender<()>,
}

/// What a configuration needs and is not open yet. On drop, everything is as before.
#[derive(Default)]
pub(in crate::proxy) struct BoundControl {
    new: Option<(PathBuf, BoundSocket)>,
    mode: Option<ModeChange>,
}

impl ControlListener {
    /// Binds the path, unless it is already open; then only the mode of its file is set again.
    ///
    /// # Errors
    /// If it cannot be bound; then nothing has changed.
    pub(in crate::proxy) fn bind(
        &self,
        wanted: Option<&Path>,
        owner: Option<Owner>,
        inherited: &mut Inherited,
    ) -> Result<BoundControl, ServeError> {
        let mut bound = BoundControl::default();
        if let Some(path) = wanted {
            let address = ListenAddress::Unix(path.to_owned());
            match &self.open {
                Some(open) if open.path == path => {
                    bound.mode = open.held.change_mode(&address, MODE)?;
                }
                _ => {
                    let socket = bind(&address, MODE, owner, inherited)?;
                    bound.new = Some((path.to_owned(), socket));
                }
            }
        }
        Ok(bound)
    }

    /// From now on, accepts connections from exactly the configured path.
    pub(in crate::proxy) fn apply(
        &mut self,
        wanted: Option<&Path>,
        bound: BoundControl,
        proxy: &Arc<Proxy>,
    ) {
        if let Some(mode) = bound.mode {
            mode.keep();
        }
        if let Some((path, socket)) = bound.new {
            let (socket, held) = socket.open();
            let (end, ended) = watch::channel(());
            if let Socket::Unix(socket) = socket {
                tokio::spawn(take_connections(socket, ended, Arc::clone(proxy)));
            }
            info!("control socket at {}", path.display());
            self.open = Some(OpenControl {
                path,
                held,
                _end: end,
            });
        } else if wanted.is_none() && self.open.take().is_some() {
            info!("the control socket is closed");
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

async fn take_connections(socket: UnixListener, mut ended: watch::Receiver<()>, proxy: Arc<Proxy>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let take = async {
        loop {
            match socket.accept().await {
                Ok((stream, _)) => {
                    let Some(asker) = Asker::of(&stream).filter(|asker| asker.is_permitted())
                    else {
                        control_connection::turn_away(&stream);
                        continue;
                    };
                    // Nobody closes it.
                    let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                        return;
                    };
                    let proxy = Arc::clone(&proxy);
                    tokio::spawn(async move {
                        control_connection::serve(&proxy, stream, asker).await;
                        drop(place);
                    });
                }
                // The command gave up while it waited.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    warn!("control socket: cannot accept a connection: {error}");
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
