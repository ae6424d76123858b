//! Starts the program again, and waits until it serves.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf, absolute};
use std::process::{Child, Command};
use std::time::Duration;

use command_fds::{CommandFdExt as _, FdMapping};
use nix::sys::signal::kill;
use nix::unistd::Pid;
use tokio::io::AsyncReadExt as _;

use super::inherited_sockets::PLAIN;
use super::readiness::READY;
use super::server_addresses::{ADDRESSES, ServerAddresses};
use super::{NAMES, Purpose, STARTED_FOR};
use crate::ops::signals::Signal;
use crate::ops::socket_file::FileIdentity;

/// The first descriptor in systemd's protocol.
const FIRST: i32 = 3;

/// The most bytes of a failure message.
const MAX_SAID: u64 = 1 << 20;

/// The program that this process runs, and its arguments.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

/// A listening socket for a new process.
#[derive(Debug)]
pub struct Handed {
    /// The socket.
    pub socket: OwnedFd,
    /// Its file, if the new process has to remove it at its end.
    pub file: Option<FileIdentity>,
}

/// A new process that has not reported yet whether it serves.
#[derive(Debug)]
pub struct Successor {
    child: Child,
    channel: UnixStream,
}

/// Why a new process does not serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It reported an error.
    #[error("{0}")]
    Said(String),
    /// It exited, or closed the channel, without a message.
    #[error("it did not report that it is ready ({0})")]
    Silent(String),
    /// It took too long.
    #[error("it was not ready within {0:?}")]
    Late(Duration),
    /// The system cannot start the process or read from it.
    #[error("{0}")]
    System(#[from] io::Error),
}

impl Program {
    /// Call this early: the working directory or the file may change later.
    #[must_use]
    pub fn of_this_process() -> Self {
        let mut arguments = env::args_os();
        let name = arguments.next().map(PathBuf::from);
        // By the name it was called, to follow a symbolic link that is switched to a new version.
        let path = name
            .and_then(|name| on_disk(&name))
            .or_else(|| env::current_exe().ok())
            .unwrap_or_default();
        Self {
            path,
            arguments: arguments.collect(),
        }
    }

    /// The path of the executable.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts whatever executable is at the path now, and passes it these sockets and what is known
    /// of its servers' names.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(
        &self,
        purpose: Purpose,
        sockets: Vec<Handed>,
        addresses: &[ServerAddresses],
    ) -> io::Result<Successor> {
        let (channel, theirs) = UnixStream::pair()?;
        let name = |handed: &Handed| match handed.file {
            Some(file) => file.to_string(),
            None => PLAIN.to_owned(),
        };
        let mut names: Vec<_> = sockets.iter().map(name).collect();
        names.push("channel".to_owned());
        let sockets = sockets.into_iter().map(|handed| handed.socket);
        let mappings =
            (FIRST..)
                .zip(sockets.chain([theirs.into()]))
                .map(|(child_fd, parent_fd)| FdMapping {
                    parent_fd,
                    child_fd,
                });
        let mut command = Command::new(&self.path);
        command
            .args(&self.arguments)
            .env("LISTEN_FDS", names.len().to_string())
            .env(NAMES, names.join(":"))
            .env(STARTED_FOR, purpose.name())
            .env(ADDRESSES, ServerAddresses::write(addresses))
            // They refer to this process or its descriptors.
            .env_remove("LISTEN_PID")
            .env_remove("WATCHDOG_PID")
            .fd_mappings(mappings.collect())
            .map_err(io::Error::other)?;
        let child = command.spawn()?;
        Ok(Successor { child, channel })
    }
}

/// The absolute path of a program, from the name it was called by.
fn on_disk(name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 || name.is_absolute() {
        return absolute(name).ok().filter(|path| path.is_file());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .filter_map(|folder| absolute(folder.join(name)).ok())
        .find(|path| path.is_file())
}

impl Successor {
    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, once it serves.
    ///
    /// # Errors
    /// If it has exited.
    pub fn ask(&self, signal: Signal) -> io::Result<()> {
        let pid = i32::try_from(self.pid()).map_err(io::Error::other)?;
        Ok(kill(Pid::from_raw(pid), signal.unix())?)
    }

    /// Waits until it serves. If it does not, kills it.
    ///
    /// # Errors
    /// If it cannot serve, or does not report that it can within `limit`.
    pub async fn ready(&mut self, limit: Duration) -> Result<(), StartError> {
        let said = match tokio::time::timeout(limit, self.said()).await {
            Ok(said) => said,
            Err(_) => Err(StartError::Late(limit)),
        };
        let failed = match said {
            Ok(said) if said == READY => return Ok(()),
            Ok(said) if said.trim().is_empty() => None,
            Ok(said) => Some(StartError::Said(said.trim().to_owned())),
            Err(error) => Some(error),
        };
        let status = self.end();
        Err(failed.unwrap_or(StartError::Silent(status)))
    }

    /// Reads its message until it closes the channel.
    async fn said(&mut self) -> Result<String, StartError> {
        let channel = self.channel.try_clone()?;
        channel.set_nonblocking(true)?;
        let mut said = String::new();
        let channel = tokio::net::UnixStream::from_std(channel)?;
        channel.take(MAX_SAID).read_to_string(&mut said).await?;
        Ok(said)
    }

    /// Kills it, and returns its exit status.
    pub fn end(&mut self) -> String {
        // It may be about to exit by itself, with a status that says more than our signal.
        let _ = self.channel.shutdown(std::net::Shutdown::Both);
        let ended = match self.child.try_wait() {
            Ok(Some(status)) => Ok(status),
            _ => self.child.kill().and_then(|()| self.child.wait()),
        };
        ended.map_or_else(|error| error.to_string(), |status| status.to_string())
    }
}
