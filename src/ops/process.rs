//! This process, as the processes around it see it: the one that started it, the one that will
//! take over, systemd, and whoever sends it signals.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use log::warn;
use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout, setsid};

use super::core_dumps;
use super::descriptors;
use super::outcome::Outcome;
use super::pid_file::{PidFile, PidFileError};
use super::privileges::{self, Identity, IdentityError};
use super::service;
use super::upgrade::{Inherited, Origin, Program, Purpose, Readiness};
use crate::config::Config;

/// What this process has from the one that started it, and what others are told about it.
#[derive(Debug)]
pub struct Process {
    /// The program, to start it anew.
    pub program: Program,
    /// Listening sockets that were open before.
    pub inherited: Inherited,
    purpose: Option<Purpose>,
    readiness: Readiness,
    pid_file: Option<PidFile>,
    /// What a reload will read, too.
    files: Vec<PathBuf>,
}

/// Why the process cannot take its place.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// No pid file.
    #[error(transparent)]
    PidFile(#[from] PidFileError),
    /// Not the user and group that it should be.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Core dumps would hold secrets.
    #[error("cannot switch core dumps off: {0}")]
    CoreDumps(io::Error),
}

impl Process {
    /// To be called once, before there are other threads.
    #[must_use]
    pub fn new() -> Self {
        let Origin {
            purpose,
            inherited,
            readiness,
        } = Origin::take();
        if purpose == Some(Purpose::Daemon) {
            // Away from the terminal and its signals. It fails for the leader of a group only.
            let _ = setsid();
        }
        descriptors::raise_limit();
        Self {
            program: Program::of_this_process(),
            inherited,
            purpose,
            readiness,
            pid_file: None,
            files: Vec::new(),
        }
    }

    /// Whether it was started to take over from another process.
    #[must_use]
    pub fn is_successor(&self) -> bool {
        self.purpose == Some(Purpose::Upgrade)
    }

    /// Whether no other process of the program started it.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.purpose.is_none()
    }

    /// Notes which files a reload will read.
    pub fn will_read(&mut self, files: Vec<PathBuf>) {
        self.files = files;
    }

    /// Takes its place, once all is open that needs root's rights: writes the pid file, and gives
    /// up those rights.
    ///
    /// # Errors
    /// If another process has the pid file, or the user and group cannot be had.
    pub fn settle(&mut self, config: &Config) -> Result<(), SettleError> {
        if let Some(path) = &config.pid_file {
            self.pid_file = Some(PidFile::create(path)?);
        }
        privileges::become_(&Identity::of(config))?;
        core_dumps::forbid_with_secrets(config).map_err(SettleError::CoreDumps)?;
        for file in &self.files {
            if let Err(error) = File::open(file) {
                warn!(
                    "a reload will fail: the user of this process cannot read {}: {error}",
                    file.display()
                );
            }
        }
        Ok(())
    }

    /// It serves from now on.
    pub fn ready(&mut self) {
        // `-s upgrade` waits for it.
        if let Some(pid_file) = &mut self.pid_file {
            pid_file.begin();
            pid_file.end(&Ok(()));
        }
        self.readiness.ready();
        // Of a process that takes over, the one before it speaks: it is the service until then.
        if !self.is_successor() {
            service::ready();
        }
        if self.purpose == Some(Purpose::Daemon)
            && let Err(error) = leave_terminal()
        {
            warn!("cannot leave the terminal: {error}");
        }
    }

    /// A reload begins.
    pub fn reloading(&mut self) {
        service::reloading();
        if let Some(pid_file) = &mut self.pid_file {
            pid_file.begin();
        }
    }

    /// A reload has ended.
    pub fn reloaded(&mut self, outcome: &Outcome) {
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

    /// No new process came about.
    pub fn upgrade_failed(&mut self, why: &str) {
        if let Some(pid_file) = &mut self.pid_file {
            pid_file.take_back();
            pid_file.end(&Err(why.to_owned()));
        }
    }

    /// The end begins.
    pub fn stopping(&mut self) {
        service::stopping();
    }

    /// That process serves from now on, and this one is about to end.
    pub fn handed_over(&mut self, pid: u32) {
        service::handed_over(pid);
    }

    /// It cannot serve. `false` if no process waits to hear that, so that it must be told otherwise.
    pub fn failed(&mut self, why: &str) -> bool {
        self.readiness.failed(why)
    }
}

impl Default for Process {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads and writes nothing of the terminal any more.
fn leave_terminal() -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    Ok(())
}
