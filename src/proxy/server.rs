//! The life of the process: it begins, reloads when told, and ends.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;

use log::{error, info, warn};

use super::admin::{self, AdminListener};
use super::exchange::Proxy;
use super::generation::Setup;
use super::listeners::{self, Listeners};
use crate::config::Config;
use crate::ops::log_sinks;
use crate::ops::signals::{Signal, Signals};

/// Why the proxy could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The metrics cannot be made.
    #[error("cannot start: {0}")]
    Metrics(#[from] prometheus::Error),
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
pub fn serve(setup: Setup, reload: Reload) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(setup.config.workers)
        .thread_name("worker")
        .enable_all()
        .build()?;
    let ended = runtime.block_on(run(setup, reload));
    // What still runs are idle connections, and requests that took too long.
    runtime.shutdown_background();
    ended
}

async fn run(mut setup: Setup, mut reload: Reload) -> Result<(), ServeError> {
    let mut signals = Signals::listen()?;
    let mut open = Open::default();
    let bound = open.bind(&setup.config)?;
    let mut watch = mem::take(&mut setup.watch);
    let proxy = Arc::new(Proxy::new(setup)?);
    open.apply(bound, &proxy);
    loop {
        let signal = tokio::select! {
            signal = signals.next() => signal,
            () = watch.changed() => {
                info!("files have changed: reloading");
                Signal::Reload
            }
        };
        match signal {
            Signal::Stop(name) => {
                // Not inside `info!`, whose arguments nobody evaluates under a higher log level.
                info!("{name}: ending");
                break;
            }
            // It reads files and looks up names, but no request waits for this thread.
            Signal::Reload => {
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
                proxy.reloaded(result);
            }
            Signal::Reopen => {
                log_sinks::reopen();
                info!("log files opened anew");
            }
            Signal::Upgrade => warn!("this signal has no effect yet"),
        }
    }
    // The admin listener stays, so that whoever balances load sees the end.
    open.traffic.close();
    end(&proxy, &mut signals).await;
    Ok(())
}

/// Puts a new configuration in force, in one step, or leaves the old one.
fn replace(setup: Setup, proxy: &Arc<Proxy>, open: &mut Open) -> Result<(), String> {
    let bound = open
        .bind(&setup.config)
        .map_err(|error| error.to_string())?;
    if setup.config.workers != proxy.current().config.workers {
        warn!("the new number of workers needs a restart");
    }
    proxy.replace(setup);
    open.apply(bound, proxy);
    Ok(())
}

/// All that is listened on.
#[derive(Default)]
struct Open {
    traffic: Listeners,
    admin: AdminListener,
}

/// New sockets, from which no connection is taken yet.
struct Bound {
    traffic: listeners::Bound,
    admin: admin::Bound,
}

impl Open {
    /// Binds what is not open yet: all of it, or nothing.
    fn bind(&self, wanted: &Config) -> Result<Bound, ServeError> {
        Ok(Bound {
            traffic: self.traffic.bind(&wanted.listeners)?,
            admin: self.admin.bind(wanted.admin.as_ref())?,
        })
    }

    /// Takes connections from exactly what the configuration in force wants.
    fn apply(&mut self, bound: Bound, proxy: &Arc<Proxy>) {
        let generation = proxy.current();
        let wanted = &generation.config;
        self.traffic.apply(&wanted.listeners, bound.traffic, proxy);
        self.admin.apply(wanted.admin.as_ref(), bound.admin, proxy);
    }
}

/// Waits for the requests in flight, as long as they may take and nobody asks a second time.
async fn end(proxy: &Proxy, signals: &mut Signals) {
    let limit = proxy.current().config.shutdown_timeout;
    let again = async {
        loop {
            if let Signal::Stop(name) = signals.next().await {
                return name;
            }
        }
    };
    tokio::select! {
        ended = proxy.drain.end(limit) => {
            if !ended {
                warn!("some requests did not end within {limit:?}");
            }
        }
        name = again => warn!("{name} again: ending at once"),
    }
}
