//! One process takes over from another without refusing a connection.
//!
//! The running process starts the program again (`program`). It passes its listening sockets as
//! `LISTEN_FDS` and, after them, one end of a socket pair. The new process takes the sockets that
//! its configuration names (`inherited`), and reports over the pair that it is ready, or why it
//! failed (`readiness`). Only then does the old process stop accepting connections. Starting in the
//! background works the same way without sockets: the process in the foreground exits once the
//! other one is ready.

mod inherited_sockets;
mod program;
mod readiness;
mod server_addresses;

pub use inherited_sockets::Inherited;
pub use program::{Handed, Program, StartError, Successor};
pub use readiness::Readiness;
pub use server_addresses::ServerAddresses;

use std::env;
use std::os::unix::net::UnixStream;

use listenfd::ListenFd;

use server_addresses::ADDRESSES;

/// The environment variable that says what the process was started for.
const STARTED_FOR: &str = "COUNTERSIGN_STARTED_FOR";

/// The environment variable with the descriptors' names, from systemd's protocol.
const NAMES: &str = "LISTEN_FDNAMES";

/// What one process starts another one for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To take over the sockets of its parent.
    Upgrade,
    /// To run in the background.
    Daemon,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Upgrade => "upgrade",
            Self::Daemon => "daemon",
        }
    }
}

/// How this process was started.
#[derive(Debug)]
pub struct Origin {
    /// The purpose, if another process of the program started it.
    pub purpose: Option<Purpose>,
    /// The sockets it inherited.
    pub inherited: Inherited,
    /// What the process before knows of its servers' names.
    pub addresses: Vec<ServerAddresses>,
    /// Where it reports that it is ready.
    pub readiness: Readiness,
}

impl Origin {
    /// Reads the environment and takes the descriptors. Call this once, before other threads exist:
    /// it removes what it takes from the environment.
    #[must_use]
    pub fn take() -> Self {
        const AF_UNIX: i32 = 1;
        const SOCK_STREAM: i32 = 1;
        let purpose = env::var(STARTED_FOR).ok().and_then(|name| {
            let mut all = [Purpose::Upgrade, Purpose::Daemon].into_iter();
            all.find(|purpose| purpose.name() == name)
        });
        let mut sockets = ListenFd::from_env();
        let (end, channel) = match (purpose, sockets.len().checked_sub(1)) {
            (Some(_), Some(last)) => (
                last,
                sockets.take_custom::<UnixStream>(last, AF_UNIX, SOCK_STREAM, "channel"),
            ),
            _ => (sockets.len(), Ok(None)),
        };
        let channel = channel.ok().flatten();
        // Without the channel, the variable is left over from the previous process.
        let purpose = purpose.filter(|_| channel.is_some());
        let addresses = env::var(ADDRESSES).ok();
        let addresses = addresses.filter(|_| purpose == Some(Purpose::Upgrade));
        let names = env::var(NAMES).ok().filter(|_| purpose.is_some());
        Self {
            purpose,
            inherited: Inherited::take(&mut sockets, end, names.as_deref().unwrap_or_default()),
            addresses: ServerAddresses::read(&addresses.unwrap_or_default()),
            readiness: Readiness::new(channel),
        }
    }
}
