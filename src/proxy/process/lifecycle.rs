//! The life of the process: start, reload, handover, shutdown.

use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use log::{error, info, warn};
use tokio::task::spawn_blocking;

use super::generation::Setup;
use super::proxy::Proxy;
use super::report_reminders::ReportReminders;
use super::serve_error::ServeError;
use super::sockets::Sockets;
use super::takeover::{Upgrade, upgrade};
use crate::config::Config;
use crate::ops::drain::GRACE;
use crate::ops::process::ProcessContext;
use crate::ops::signals::{Signal, Signals};
use crate::ops::{audit_log, core_dumps, log_sinks, service};

/// Reads the configuration again. On failure, returns the first error; the full report is already
/// logged.
pub type Reload = Box<dyn FnMut() -> Result<Setup, String>>;

/// Runs the proxy until a signal stops it and the requests in flight are finished.
///
/// # Errors
/// If it cannot start.
pub fn serve(setup: Setup, reload: Reload, process: &mut ProcessContext) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(setup.config.workers)
        .thread_name("worker")
        .enable_all()
        .build()?;
    let ended = runtime.block_on(run(setup, reload, process));
    // What is still running are idle connections, and requests that took too long.
    runtime.shutdown_background();
    ended
}

async fn run(
    mut setup: Setup,
    mut reload: Reload,
    process: &mut ProcessContext,
) -> Result<(), ServeError> {
    let mut signals = Signals::listen()?;
    let start = StartSettings::of(&setup.config);
    let mut sockets = Sockets::new(mem::take(&mut process.inherited));
    let bound = sockets.bind(&setup.config)?;
    let mut watch = mem::take(&mut setup.watch);
    process.settle(&setup.config)?;
    let addresses = mem::take(&mut process.addresses);
    let proxy = Arc::new(Proxy::new(setup, addresses)?);
    warn_of_descriptors(&proxy);
    sockets.apply(bound, &proxy);
    process.ready();
    tokio::spawn(stay_alive());
    tokio::spawn(Arc::clone(proxy.captures()).expire());
    let mut reminders = ReportReminders::of(proxy.current().config());
    let grace = loop {
        let signal = tokio::select! {
            signal = signals.next() => signal,
            () = watch.changed() => {
                info!("files have changed, reloading");
                Signal::Reload
            }
            () = reminders.remind() => continue,
        };
        let stopped = match signal {
            Signal::Stop(name) => name,
            // This reads files and resolves names, but no request waits for this thread.
            Signal::Reload => {
                process.reloading();
                let result = reload().and_then(|mut setup| {
                    watch = mem::take(&mut setup.watch);
                    replace(setup, &proxy, &mut sockets, &start)
                });
                match &result {
                    Ok(()) => {
                        reminders = ReportReminders::of(proxy.current().config());
                        info!("reloaded");
                    }
                    Err(why) => {
                        error!("reload failed: {why}; the old configuration stays active");
                    }
                }
                process.reloaded(&result);
                proxy.reloaded(result);
                continue;
            }
            Signal::Reopen => {
                reopen_logs().await;
                continue;
            }
            Signal::Upgrade => match take_over(process, &sockets, &proxy, &mut signals).await {
                Upgrade::Taken => {
                    sockets.hand_over();
                    proxy.drain.hand_over();
                    // Nobody waits for this process, so connections may wait for a last request.
                    break proxy.current().config().shutdown_timeout.mul_f64(0.5);
                }
                Upgrade::Failed => continue,
                Upgrade::Stopped(name) => name,
            },
        };
        // Outside of `info!`, which does not evaluate its arguments at a higher log level.
        info!("{stopped}: shutting down");
        process.stopping();
        break GRACE;
    };
    sockets.close_traffic().await;
    end(&proxy, &mut signals, grace).await;
    proxy.warn_of_forgetting();
    Ok(())
}

async fn take_over(
    process: &mut ProcessContext,
    sockets: &Sockets,
    proxy: &Proxy,
    signals: &mut Signals,
) -> Upgrade {
    let addresses = proxy.server_addresses();
    upgrade(process, sockets, &addresses, signals).await
}

async fn reopen_logs() {
    let reopen = || {
        audit_log::reopen();
        log_sinks::reopen()
    };
    match spawn_blocking(reopen).await {
        Ok(true) => info!("log files reopened"),
        _ => warn!("log files are still to be reopened: a log accepts no lines"),
    }
}

/// Tells systemd's watchdog that the workers run, if it is enabled.
async fn stay_alive() {
    if let Some(interval) = service::alive_interval() {
        let mut interval = tokio::time::interval(interval);
        loop {
            interval.tick().await;
            service::alive();
        }
    }
}

/// Activates a new configuration in one step, or keeps the old one.
fn replace(
    setup: Setup,
    proxy: &Arc<Proxy>,
    sockets: &mut Sockets,
    start: &StartSettings,
) -> Result<(), String> {
    let bound = sockets
        .bind(&setup.config)
        .map_err(|error| error.to_string())?;
    core_dumps::forbid_if_confidential(&setup.config)
        .map_err(|error| format!("cannot disable core dumps: {error}"))?;
    start.warn_of_changes(&setup.config);
    proxy.replace(setup).map_err(|error| error.to_string())?;
    warn_of_descriptors(proxy);
    sockets.apply(bound, proxy);
    Ok(())
}

/// The settings that the process started with and that a reload cannot change.
struct StartSettings {
    workers: usize,
    pid_file: Option<PathBuf>,
    daemon: bool,
    user: Option<String>,
    group: Option<String>,
}

impl StartSettings {
    fn of(config: &Config) -> Self {
        Self {
            workers: config.workers,
            pid_file: config.pid_file.clone(),
            daemon: config.daemon,
            user: config.user.clone(),
            group: config.group.clone(),
        }
    }

    /// Warns of changes since the start that a reload cannot apply.
    fn warn_of_changes(&self, new: &Config) {
        for (key, same) in [
            ("workers", new.workers == self.workers),
            ("pid_file", new.pid_file == self.pid_file),
            ("daemon", new.daemon == self.daemon),
            ("user", new.user == self.user),
            ("group", new.group == self.group),
        ] {
            if !same {
                warn!("the new `{key}` needs a restart");
            }
        }
    }
}

/// Warns if the system's limit is lower than the configuration's.
fn warn_of_descriptors(proxy: &Proxy) {
    let wanted = proxy.current().config().connections.total;
    let limit = proxy.connection_limit();
    if limit < wanted {
        warn!(
            "`connections` is {wanted}, but the process's limit on file descriptors (`ulimit \
             -n`) allows only {limit}"
        );
    }
}

/// Waits for the requests in flight, until their time limit or a second signal.
async fn end(proxy: &Proxy, signals: &mut Signals, grace: Duration) {
    let limit = proxy.current().config().shutdown_timeout;
    let again = async {
        loop {
            match signals.next().await {
                Signal::Stop(name) => return name,
                // Requests in flight are logged, too.
                Signal::Reopen => reopen_logs().await,
                Signal::Reload | Signal::Upgrade => {}
            }
        }
    };
    tokio::select! {
        ended = proxy.drain.end(limit, grace) => {
            if !ended {
                warn!("some requests did not finish within {limit:?}");
            }
        }
        name = again => warn!("{name} again: exiting at once"),
    }
}
