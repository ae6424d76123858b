//! One process taking over from another without a refused connection.
//!
//! The process that runs starts the program anew (`program`), with its listening sockets as
//! `LISTEN_FDS` and, behind them, one end of a socket pair. The new process takes the sockets that
//! its configuration names (`inherited`), and says over the pair that it is ready, or why it cannot
//! be (`readiness`). Only then the old one stops taking connections. Going into the background is
//! the same without sockets: the process in the foreground ends once the other one is ready.

mod inherited;
mod program;
mod readiness;

pub use inherited::Inherited;
pub use program::{Handed, Program, StartError, Successor};
pub use readiness::Readiness;

use std::env;
use std::os::unix::net::UnixStream;

use listenfd::ListenFd;

/// Names, in the environment, what the process was started for.
const STARTED_FOR: &str = "COUNTERSIGN_STARTED_FOR";

/// The names of the descriptors, by systemd's protocol.
const NAMES: &str = "LISTEN_FDNAMES";

/// What a process is started for by another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To take over the sockets of the one that started it.
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

/// How this process came to be.
#[derive(Debug)]
pub struct Origin {
    /// What for, if another process of the program started it.
    pub purpose: Option<Purpose>,
    /// The sockets it was given.
    pub inherited: Inherited,
    /// Where it says that it is ready.
    pub readiness: Readiness,
}

impl Origin {
    /// Reads the environment and takes the descriptors. To be called once, before there are other
    /// threads: what was taken is removed from the environment.
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
        // The variable alone is left over from the process before.
        let purpose = purpose.filter(|_| channel.is_some());
        let names = env::var(NAMES).ok().filter(|_| purpose.is_some());
        Self {
            purpose,
            inherited: Inherited::take(&mut sockets, end, names.as_deref().unwrap_or_default()),
            readiness: Readiness::new(channel),
        }
    }
}
