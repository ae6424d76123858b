//! This process in relation to others: the process that started it, its successor, systemd, and
//! senders of signals.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf, absolute};

use log::warn;
use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout, setsid};

use super::core_dumps;
use super::descriptors;
use super::outcome_file::ProcessOutcome;
use super::pid_file::{PidFile, PidFileError};
use super::privileges::{self, IdentityError, RunAs};
use super::service;
use super::upgrade::{Inherited, Origin, Program, Purpose, Readiness, ServerAddresses};
use crate::config::Config;

/// What this process inherited from its parent, and the channels on which it reports its state.
#[derive(Debug)]
pub struct ProcessContext {
    /// How to start the program again.
    pub program: Program,
    /// Listening sockets that were already open.
    pub inherited: Inherited,
    /// What the process before knew of its servers' names.
    pub addresses: Vec<ServerAddresses>,
    purpose: Option<Purpose>,
    readiness: Readiness,
    pid_file: Option<PidFile>,
    /// The configuration file.
    configuration: PathBuf,
    /// The files that a reload reads.
    files: Vec<PathBuf>,
}

/// Why the process cannot complete its start.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The pid file cannot be created.
    #[error(transparent)]
    PidFile(#[from] PidFileError),
    /// The user or group cannot be set.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Core dumps, which would contain secrets, cannot be disabled.
    #[error("cannot disable core dumps: {0}")]
    CoreDumps(io::Error),
}

impl ProcessContext {
    /// Call this once, before other threads exist.
    #[must_use]
    pub fn new() -> Self {
        let Origin {
            purpose,
            inherited,
            addresses,
            readiness,
        } = Origin::take();
        if purpose == Some(Purpose::Daemon) {
            // Detach from the terminal and its signals. This fails only for a process group leader.
            let _ = setsid();
        }
        descriptors::raise_limit();
        Self {
            program: Program::of_this_process(),
            inherited,
            addresses,
            purpose,
            readiness,
            pid_file: None,
            configuration: PathBuf::new(),
            files: Vec::new(),
        }
    }

    /// Whether it was started to take over from another process.
    #[must_use]
    pub fn is_successor(&self) -> bool {
        self.purpose == Some(Purpose::Upgrade)
    }

    /// Whether it was not started by another process of the program.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.purpose.is_none()
    }

    /// Records the configuration file, and which files a reload will read.
    pub fn will_read(&mut self, configuration: &Path, files: Vec<PathBuf>) {
        self.configuration = absolute(configuration).unwrap_or_else(|_| configuration.to_owned());
        self.files = files;
    }

    /// Completes the start once everything is open that needs root privileges: writes the pid file
    /// and drops those privileges.
    ///
    /// # Errors
    /// If another process holds the pid file, or the user and group cannot be set.
    pub fn settle(&mut self, config: &Config) -> Result<(), SettleError> {
        if let Some(path) = &config.pid_file {
            let mut pid_file = PidFile::create(path)?;
            pid_file.runs(&self.configuration);
            self.pid_file = Some(pid_file);
        }
        privileges::become_(&RunAs::of(config))?;
        core_dumps::forbid_if_confidential(config).map_err(SettleError::CoreDumps)?;
        for file in &self.files {
            if let Err(error) = File::open(file) {
                warn!(
                    "a reload will fail: this process's user cannot read {}: {error}",
                    file.display()
                );
            }
        }
        Ok(())
    }

    /// The process serves from now on.
    pub fn ready(&mut self) {
        // `-s upgrade` waits for this.
        if let Some(pid_file) = &mut self.pid_file {
            pid_file.begin();
            pid_file.end(&Ok(()));
        }
        self.readiness.ready();
        // During an upgrade, the old process reports to systemd: until then, it is the service.
        if !self.is_successor() {
            service::ready();
        }
        if self.purpose == Some(Purpose::Daemon)
            && let Err(error) = leave_terminal()
        {
            warn!("cannot detach from the terminal: {error}");
        }
    }

    /// A reload starts.
    pub fn reloading(&mut self) {
        service::reloading();
        if let Some(pid_file) = &mut self.pid_file {
            pid_file.begin();
        }
    }

    /// A reload has ended.
    pub fn reloaded(&mut self, outcome: &ProcessOutcome) {
        service::reloaded(outcome.as_ref().err().map(String::as_str));
        if let Some(pid_file) = &mut self.pid_file {
            pid_file.end(outcome);
        }
    }

    /// A new process is about to be started.
    pub fn prepare_upgrade(&mut self) {
        if let Some(pid_file) = &mut self.pid_file {
            pid_file.begin();
            pid_file.make_room();
        }
    }

    /// The new process failed to start.
    pub fn upgrade_failed(&mut self, why: &str) {
        if let Some(pid_file) = &mut self.pid_file {
            pid_file.take_back();
            pid_file.end(&Err(why.to_owned()));
        }
    }

    /// Shutdown starts.
    pub fn stopping(&mut self) {
        service::stopping();
    }

    /// The new process serves from now on, and this one is about to exit.
    pub fn handed_over(&mut self, pid: u32) {
        service::handed_over(pid);
    }

    /// The process cannot serve. Returns `false` if no process is waiting for this message, so that
    /// the caller must report it elsewhere.
    pub fn failed(&mut self, why: &str) -> bool {
        self.readiness.failed(why)
    }
}

impl Default for ProcessContext {
    fn default() -> Self {
        Self::new()
    }
}

/// Replaces stdin, stdout and stderr by `/dev/null`.
fn leave_terminal() -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    Ok(())
}
