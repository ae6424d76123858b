//! All listening sockets: the service's, the admin listener's and the control socket.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::listeners::{self, Listeners};
use super::proxy::Proxy;
use super::serve_error::ServeError;
use crate::config::Config;
use crate::ops::privileges::{self, RunAs};
use crate::ops::process::SettleError;
use crate::ops::upgrade::{Handed, Inherited};
use crate::proxy::admin::{self, AdminListener};
use crate::proxy::control::{BoundControl, ControlListener};

/// The listening sockets.
pub(super) struct Sockets {
    traffic: Listeners,
    admin: AdminListener,
    control: ControlListener,
    /// Inherited sockets that no listener has claimed yet.
    inherited: Inherited,
}

/// New sockets from which no connection is accepted yet.
pub(super) struct NewSockets {
    traffic: listeners::BoundListeners,
    admin: admin::BoundAdmin,
    control: BoundControl,
}

impl Sockets {
    pub(super) fn new(inherited: Inherited) -> Self {
        Self {
            traffic: Listeners::default(),
            admin: AdminListener::default(),
            control: ControlListener::default(),
            inherited,
        }
    }

    /// Copies of all sockets, for the process that takes over.
    pub(super) fn for_successor(&self) -> io::Result<Vec<Handed>> {
        let mut all = self.traffic.for_successor()?;
        all.extend(self.admin.for_successor().transpose()?);
        all.extend(self.control.for_successor().transpose()?);
        Ok(all)
    }

    /// Another process took over.
    pub(super) fn hand_over(&mut self) {
        self.traffic.hand_over();
        self.admin.hand_over();
        self.control.hand_over();
    }

    /// Stops accepting connections for the service. The admin listener stays open, so that load
    /// balancers see the shutdown.
    pub(super) async fn close_traffic(&mut self) {
        self.traffic.close().await;
    }

    /// Binds what is not open yet: all of it, or nothing.
    pub(super) fn bind(&mut self, wanted: &Config) -> Result<NewSockets, ServeError> {
        let owner = privileges::owner(&RunAs::of(wanted)).map_err(SettleError::Identity)?;
        let inherited = &mut self.inherited;
        Ok(NewSockets {
            traffic: self.traffic.bind(&wanted.listeners, owner, inherited)?,
            admin: self.admin.bind(wanted.admin.as_ref(), owner, inherited)?,
            control: self.control.bind(control(wanted), owner, inherited)?,
        })
    }

    /// Accepts connections from exactly what the active configuration names.
    pub(super) fn apply(&mut self, bound: NewSockets, proxy: &Arc<Proxy>) {
        let generation = proxy.current();
        let wanted = &generation.config();
        self.traffic.apply(&wanted.listeners, bound.traffic, proxy);
        self.admin.apply(wanted.admin.as_ref(), bound.admin, proxy);
        self.control.apply(control(wanted), bound.control, proxy);
        self.inherited.close_rest();
    }
}

/// The control socket's path.
fn control(config: &Config) -> Option<&Path> {
    config
        .control
        .as_ref()
        .map(|control| control.socket.as_path())
}
