//! Handing the listening sockets over to a new process of the program.

use std::time::Duration;

use log::{error, info, warn};

use super::sockets::Sockets;
use crate::ops::process::ProcessContext;
use crate::ops::signals::{Signal, Signals};
use crate::ops::upgrade::{Purpose, ServerAddresses, StartError, Successor};

/// How long a new process may take until it serves: it reads files and resolves names.
const LIMIT: Duration = Duration::from_secs(60);

/// The result of an upgrade.
pub(super) enum Upgrade {
    /// The new process accepts connections, and this one still does, too.
    Taken,
    /// There is no new process; the reason was logged.
    Failed,
    /// A signal, by name, asked for shutdown meanwhile. There is no new process.
    Stopped(&'static str),
}

/// Starts the program again, with what is known of the servers' names, and waits until it serves,
/// too.
pub(super) async fn upgrade(
    process: &mut ProcessContext,
    sockets: &Sockets,
    addresses: &[ServerAddresses],
    signals: &mut Signals,
) -> Upgrade {
    info!("upgrade: starting {}", process.program.path().display());
    let mut put_off = Vec::new();
    let outcome = match start(process, sockets, addresses) {
        Ok(mut successor) => {
            let outcome = wait(&mut successor, signals, &mut put_off).await;
            outcome.map(|()| successor)
        }
        Err(error) => Err(Ended::Failed(error)),
    };
    match outcome {
        Ok(successor) => {
            let pid = successor.pid();
            info!("upgrade: process {pid} takes over");
            process.handed_over(pid);
            for signal in put_off {
                if let Err(error) = successor.ask(signal) {
                    warn!("upgrade: cannot send a signal to process {pid}: {error}");
                }
            }
            Upgrade::Taken
        }
        Err(Ended::Failed(error)) => {
            for line in error.to_string().lines() {
                error!("upgrade: {line}");
            }
            error!("upgrade failed: this process continues to serve");
            process.upgrade_failed(&error.to_string());
            signals.again(put_off);
            Upgrade::Failed
        }
        Err(Ended::Stopped(name)) => {
            process.upgrade_failed("a signal asked for shutdown");
            Upgrade::Stopped(name)
        }
    }
}

/// Why there is no new process.
enum Ended {
    Failed(StartError),
    Stopped(&'static str),
}

fn start(
    process: &mut ProcessContext,
    sockets: &Sockets,
    addresses: &[ServerAddresses],
) -> Result<Successor, StartError> {
    // First, or the requester would not see that it failed.
    process.prepare_upgrade();
    let handed = sockets.for_successor()?;
    Ok(process.program.start(Purpose::Upgrade, handed, addresses)?)
}

async fn wait(
    successor: &mut Successor,
    signals: &mut Signals,
    put_off: &mut Vec<Signal>,
) -> Result<(), Ended> {
    let stopped = async {
        loop {
            match signals.next().await {
                Signal::Stop(name) => return name,
                Signal::Upgrade => warn!("an upgrade is already in progress"),
                // The new process may already have read the configuration and opened its logs.
                signal => {
                    warn!("an upgrade is in progress: {} is deferred", signal.unix());
                    if !put_off.contains(&signal) {
                        put_off.push(signal);
                    }
                }
            }
        }
    };
    let ended = tokio::select! {
        ready = successor.ready(LIMIT) => ready.map_err(Ended::Failed),
        name = stopped => Err(Ended::Stopped(name)),
    };
    if let Err(Ended::Stopped(_)) = ended {
        successor.end();
    }
    ended
}
