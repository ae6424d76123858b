//! The life of the process: it begins, reloads when told, hands over, and ends.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use log::{error, info, warn};

use super::admin::{self, AdminListener};
use super::generation::Setup;
use super::listeners::{self, Listeners};
use super::once::OpenError;
use super::shared::Proxy;
use super::takeover::{Upgrade, upgrade};
use crate::config::{Config, ListenAddress};
use crate::ops::core_dumps;
use crate::ops::drain::GRACE;
use crate::ops::log_sinks;
use crate::ops::privileges::{self, Identity};
use crate::ops::process::{Process, SettleError};
use crate::ops::service;
use crate::ops::signals::{Signal, Signals};
use crate::ops::upgrade::{Handed, Inherited};

/// Why the proxy could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: ListenAddress,
        /// What the system says.
        source: io::Error,
    },
    /// The store of callbacks cannot be opened.
    #[error(transparent)]
    Once(#[from] OpenError),
    /// The metrics cannot be made.
    #[error("cannot start: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The pid file or the user cannot be had.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The system refuses threads or signal handlers.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// Reads the configuration anew; or says what is wrong first, which has been reported in full.
pub type Reload = Box<dyn FnMut() -> Result<Setup, String>>;

/// Runs the proxy until a signal asks for the end and the requests in flight are answered.
///
/// # Errors
/// If it cannot begin.
pub fn serve(setup: Setup, reload: Reload, process: &mut Process) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(setup.config.workers)
        .thread_name("worker")
        .enable_all()
        .build()?;
    let ended = runtime.block_on(run(setup, reload, process));
    // What still runs are idle connections, and requests that took too long.
    runtime.shutdown_background();
    ended
}

async fn run(
    mut setup: Setup,
    mut reload: Reload,
    process: &mut Process,
) -> Result<(), ServeError> {
    let mut signals = Signals::listen()?;
    let mut open = Open::new(mem::take(&mut process.inherited));
    let bound = open.bind(&setup.config)?;
    let mut watch = mem::take(&mut setup.watch);
    process.settle(&setup.config)?;
    let proxy = Arc::new(Proxy::new(setup)?);
    warn_of_descriptors(&proxy);
    open.apply(bound, &proxy);
    process.ready();
    tokio::spawn(stay_alive());
    let grace = loop {
        let signal = tokio::select! {
            signal = signals.next() => signal,
            () = watch.changed() => {
                info!("files have changed: reloading");
                Signal::Reload
            }
        };
        let stopped = match signal {
            Signal::Stop(name) => name,
            // It reads files and looks up names, but no request waits for this thread.
            Signal::Reload => {
                process.reloading();
                let result = reload().and_then(|mut setup| {
                    watch = mem::take(&mut setup.watch);
                    replace(setup, &proxy, &mut open)
                });
                match &result {
                    Ok(()) => info!("reloaded"),
                    Err(why) => {
                        error!("reload failed: {why}; the old configuration stays in force");
                    }
                }
                process.reloaded(&result);
                proxy.reloaded(result);
                continue;
            }
            Signal::Reopen => {
                reopen_logs();
                continue;
            }
            Signal::Upgrade => match upgrade(process, &open, &mut signals).await {
                Upgrade::Taken => {
                    open.hand_over();
                    // Nobody waits for this process, so connections may wait for a last request.
                    break proxy.current().config().shutdown_timeout.mul_f64(0.5);
                }
                Upgrade::Failed => continue,
                Upgrade::Stopped(name) => name,
            },
        };
        // Not inside `info!`, whose arguments nobody evaluates under a higher log level.
        info!("{stopped}: ending");
        process.stopping();
        break GRACE;
    };
    // The admin listener stays open when the service ends, so that whoever balances load sees it.
    open.traffic.close().await;
    end(&proxy, &mut signals, grace).await;
    proxy.warn_of_forgetting();
    Ok(())
}

fn reopen_logs() {
    log_sinks::reopen();
    info!("log files opened anew");
}

/// Tells systemd that the workers run, if it wants to hear it.
async fn stay_alive() {
    if let Some(interval) = service::alive_interval() {
        let mut interval = tokio::time::interval(interval);
        loop {
            interval.tick().await;
            service::alive();
        }
    }
}

/// Puts a new configuration in force, in one step, or leaves the old one.
fn replace(setup: Setup, proxy: &Arc<Proxy>, open: &mut Open) -> Result<(), String> {
    let bound = open
        .bind(&setup.config)
        .map_err(|error| error.to_string())?;
    core_dumps::forbid_with_secrets(&setup.config)
        .map_err(|error| format!("cannot switch core dumps off: {error}"))?;
    warn_of_restart(&setup.config, proxy.current().config());
    proxy.replace(setup).map_err(|error| error.to_string())?;
    warn_of_descriptors(proxy);
    open.apply(bound, proxy);
    Ok(())
}

/// Names what a reload cannot change.
fn warn_of_restart(new: &Config, old: &Config) {
    for (key, same) in [
        ("workers", new.workers == old.workers),
        ("pid_file", new.pid_file == old.pid_file),
        ("daemon", new.daemon == old.daemon),
        ("user", new.user == old.user),
        ("group", new.group == old.group),
    ] {
        if !same {
            warn!("the new `{key}` needs a restart");
        }
    }
}

/// Says so where the system does not allow what the configuration does.
fn warn_of_descriptors(proxy: &Proxy) {
    let wanted = proxy.current().config().connections.total;
    let limit = proxy.connection_limit();
    if limit < wanted {
        warn!(
            "`connections` is {wanted}, but of the descriptors that this process may have \
             (`ulimit -n`), connections take {limit} at most"
        );
    }
}

/// All that is listened on.
pub(super) struct Open {
    traffic: Listeners,
    admin: AdminListener,
    /// What was open before this process began, and is not taken yet.
    inherited: Inherited,
}

/// New sockets, from which no connection is taken yet.
struct Bound {
    traffic: listeners::Bound,
    admin: admin::Bound,
}

impl Open {
    fn new(inherited: Inherited) -> Self {
        Self {
            traffic: Listeners::default(),
            admin: AdminListener::default(),
            inherited,
        }
    }

    /// All sockets, for the process that takes over.
    pub(super) fn for_successor(&self) -> io::Result<Vec<Handed>> {
        let mut all = self.traffic.for_successor()?;
        all.extend(self.admin.for_successor().transpose()?);
        Ok(all)
    }

    /// Another process took over.
    fn hand_over(&mut self) {
        self.traffic.hand_over();
        self.admin.hand_over();
    }

    /// Binds what is not open yet: all of it, or nothing.
    fn bind(&mut self, wanted: &Config) -> Result<Bound, ServeError> {
        let owner = privileges::owner(&Identity::of(wanted)).map_err(SettleError::Identity)?;
        let inherited = &mut self.inherited;
        Ok(Bound {
            traffic: self.traffic.bind(&wanted.listeners, owner, inherited)?,
            admin: self.admin.bind(wanted.admin.as_ref(), owner, inherited)?,
        })
    }

    /// Takes connections from exactly what the configuration in force wants.
    fn apply(&mut self, bound: Bound, proxy: &Arc<Proxy>) {
        let generation = proxy.current();
        let wanted = &generation.config();
        self.traffic.apply(&wanted.listeners, bound.traffic, proxy);
        self.admin.apply(wanted.admin.as_ref(), bound.admin, proxy);
        self.inherited.close_rest();
    }
}

/// Waits for the requests in flight, as long as they may take and nobody asks a second time.
async fn end(proxy: &Proxy, signals: &mut Signals, grace: Duration) {
    let limit = proxy.current().config().shutdown_timeout;
    let again = async {
        loop {
            match signals.next().await {
                Signal::Stop(name) => return name,
                // Requests in flight are logged as well.
                Signal::Reopen => reopen_logs(),
                Signal::Reload | Signal::Upgrade => {}
            }
        }
    };
    tokio::select! {
        ended = proxy.drain.end(limit, grace) => {
            if !ended {
                warn!("some requests did not end within {limit:?}");
            }
        }
        name = again => warn!("{name} again: ending at once"),
    }
}
