//! Unix signals, with nginx's meanings.

use std::collections::VecDeque;

use nix::sys::signal as nix;
use tokio::signal::unix::{Signal as Handler, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, SIGINT or SIGQUIT, with its name: finish requests in flight, then exit.
    Stop(&'static str),
    /// SIGHUP: reload the configuration.
    Reload,
    /// SIGUSR1: reopen the log files.
    Reopen,
    /// SIGUSR2: hand over to a new process.
    Upgrade,
}

impl Signal {
    /// The signal that asks another process for the same; SIGTERM for all that stop.
    #[must_use]
    pub const fn unix(self) -> nix::Signal {
        match self {
            Self::Stop(_) => nix::Signal::SIGTERM,
            Self::Reload => nix::Signal::SIGHUP,
            Self::Reopen => nix::Signal::SIGUSR1,
            Self::Upgrade => nix::Signal::SIGUSR2,
        }
    }
}

/// The handlers of all signals.
#[derive(Debug)]
pub struct Signals {
    put_off: VecDeque<Signal>,
    terminate: Handler,
    interrupt: Handler,
    quit: Handler,
    hangup: Handler,
    user1: Handler,
    user2: Handler,
}

impl Signals {
    /// Installs handlers for the signals, so that none of them kills the process any more.
    ///
    /// # Errors
    /// If the system refuses a handler.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            put_off: VecDeque::new(),
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hangup: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
        })
    }

    /// Puts back signals that came at a bad time.
    pub fn again(&mut self, signals: Vec<Signal>) {
        self.put_off.extend(signals);
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> Signal {
        if let Some(signal) = self.put_off.pop_front() {
            return signal;
        }
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop("SIGTERM"),
            _ = self.interrupt.recv() => Signal::Stop("SIGINT"),
            _ = self.quit.recv() => Signal::Stop("SIGQUIT"),
            _ = self.hangup.recv() => Signal::Reload,
            _ = self.user1.recv() => Signal::Reopen,
            _ = self.user2.recv() => Signal::Upgrade,
        }
    }
}
