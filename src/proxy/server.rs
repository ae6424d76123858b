//! The life of the process: it begins, reloads when told, and ends.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use log::{error, info, warn};

use super::exchange::Proxy;
use super::generation::Setup;
use super::listeners::Listeners;
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

/// Reads the configuration anew; `None` if that cannot be used, which has been reported.
pub type Reload = Box<dyn FnMut() -> Option<Setup>>;

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

async fn run(setup: Setup, mut reload: Reload) -> Result<(), ServeError> {
    let mut signals = Signals::listen()?;
    let mut listeners = Listeners::default();
    let bound = listeners.bind(&setup.config.listeners)?;
    let wanted = setup.config.listeners.clone();
    let proxy = Arc::new(Proxy::new(setup)?);
    listeners.apply(&wanted, bound, &proxy);
    loop {
        match signals.next().await {
            Signal::Stop(name) => {
                // Not inside `info!`, whose arguments nobody evaluates under a higher log level.
                info!("{name}: ending");
                break;
            }
            // It reads files and looks up names, but no request waits for this thread.
            Signal::Reload => match reload() {
                Some(setup) => apply(setup, &proxy, &mut listeners),
                None => error!("reload failed: the old configuration stays in force"),
            },
            Signal::Reopen | Signal::Upgrade => warn!("this signal has no effect yet"),
        }
    }
    listeners.close();
    end(&proxy, &mut signals).await;
    Ok(())
}

/// Puts a new configuration in force, in one step, or leaves the old one.
fn apply(setup: Setup, proxy: &Arc<Proxy>, listeners: &mut Listeners) {
    let bound = match listeners.bind(&setup.config.listeners) {
        Ok(bound) => bound,
        Err(error) => {
            return error!("reload failed: {error}; the old configuration stays in force");
        }
    };
    if setup.config.workers != proxy.current().config.workers {
        warn!("the new number of workers needs a restart");
    }
    let wanted = setup.config.listeners.clone();
    proxy.replace(setup);
    listeners.apply(&wanted, bound, proxy);
    info!("reloaded");
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
