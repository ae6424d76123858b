//! The admin listener's socket, and taking connections from it.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::connection;
use crate::config::Admin;
use crate::ops::upgrade::Inherited;
use crate::proxy::listeners::bind;
use crate::proxy::server::ServeError;
use crate::proxy::shared::Proxy;

/// The most connections at once. Further ones wait: each has but a few seconds.
const MAX_CONNECTIONS: usize = 32;

/// How long to wait where no connection can be taken: the process is out of descriptors.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// The admin listener, if there is one. It closes when dropped.
#[derive(Default)]
pub(in crate::proxy) struct AdminListener {
    open: Option<Open>,
}

struct Open {
    address: SocketAddr,
    /// The same socket, for the process that takes over.
    socket: OwnedFd,
    /// Dropped to close the socket.
    _end: watch::Sender<()>,
}

/// A new socket, from which no connection is taken yet.
pub(in crate::proxy) struct Bound(Option<(SocketAddr, TcpListener, OwnedFd)>);

impl AdminListener {
    /// Binds the address, unless it is open already.
    pub(in crate::proxy) fn bind(
        &self,
        wanted: Option<&Admin>,
        inherited: &mut Inherited,
    ) -> Result<Bound, ServeError> {
        let open = self.open.as_ref().map(|open| open.address);
        let new = wanted.filter(|admin| Some(admin.address) != open);
        let bound = new.map(|admin| {
            let address = admin.address;
            let (socket, copy) = bind(address, inherited)?;
            Ok::<_, ServeError>((address, socket, copy))
        });
        Ok(Bound(bound.transpose()?))
    }

    /// Takes connections from exactly the wanted address from now on.
    pub(in crate::proxy) fn apply(
        &mut self,
        wanted: Option<&Admin>,
        bound: Bound,
        proxy: &Arc<Proxy>,
    ) {
        if let Some((address, socket, copy)) = bound.0 {
            let (end, ended) = watch::channel(());
            tokio::spawn(take_connections(socket, ended, Arc::clone(proxy)));
            info!("admin listener on {address}");
            self.open = Some(Open {
                address,
                socket: copy,
                _end: end,
            });
        } else if wanted.is_none() && self.open.take().is_some() {
            info!("no admin listener any more");
        }
    }

    /// A copy of the socket, for the process that takes over.
    pub(in crate::proxy) fn copy(&self) -> Option<io::Result<OwnedFd>> {
        self.open.as_ref().map(|open| open.socket.try_clone())
    }

    /// Closes the socket.
    pub(in crate::proxy) fn close(&mut self) {
        self.open = None;
    }
}

async fn take_connections(socket: TcpListener, mut ended: watch::Receiver<()>, proxy: Arc<Proxy>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let take = async {
        loop {
            // Nobody closes it.
            let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            match socket.accept().await {
                Ok((stream, _)) => {
                    let proxy = Arc::clone(&proxy);
                    tokio::spawn(async move {
                        connection::serve(&proxy, stream).await;
                        drop(place);
                    });
                }
                // The client gave up while it waited.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    warn!("admin listener: cannot take a connection: {error}");
                    tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                }
            }
        }
    };
    tokio::select! {
        () = take => {}
        // Nothing is ever sent: this is the sender's end.
        _ = ended.changed() => {}
    }
}
