//! The command `-s`: sends a signal to a running process and waits for the outcome.

use std::fs;
use std::io::{self, Write as _};
use std::iter;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf, absolute};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use nix::errno::Errno;
use nix::sys::signal::{Signal as Unix, kill};
use nix::unistd::Pid;

use crate::config::Input;
use crate::ops::pid_file::{NotRunning, Running, last_outcome};

/// How long a process may take to report the outcome: a reload resolves names.
const PATIENCE: Duration = Duration::from_secs(90);
const BETWEEN: Duration = Duration::from_millis(10);
/// How often to look for an outcome file that is being written.
const WRITTEN_WITHIN: usize = 50;

/// The signals, with nginx's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignalCommand {
    /// Reload the configuration.
    Reload,
    /// Finish requests in flight, then exit.
    Quit,
    /// The same as quit.
    Stop,
    /// Reopen the log files.
    Reopen,
    /// Start the program on disk as a new process and hand over to it.
    Upgrade,
}

impl SignalCommand {
    /// Whether the signal ends the process without a successor.
    pub(super) const fn ends(self) -> bool {
        matches!(self, Self::Quit | Self::Stop)
    }
}

/// Why the signal could not be sent, or had no effect.
#[derive(Debug, thiserror::Error)]
enum SignalError {
    #[error(
        "the configuration sets no `pid_file`, so the running process cannot be found: add, for \
         example, `pid_file = \"/run/countersign.pid\"` above the first `[...]` line, and restart"
    )]
    NoPidFile,
    #[error(transparent)]
    NotRunning(#[from] NotRunning),
    #[error(
        "{other}; nothing was {}: if you mean that process, type `countersign -s {} -c {}`; otherwise \
         give each configuration a `pid_file` of its own",
        signal.done(), signal.name(), other.runs.display()
    )]
    OtherConfiguration {
        other: OtherConfiguration,
        signal: SignalCommand,
    },
    #[error(
        "{other}; nothing was {}: put the file back, or end the process with `countersign -s stop -c {}` \
         and start it anew",
        signal.done(), other.given.display()
    )]
    ConfigurationGone {
        other: OtherConfiguration,
        signal: SignalCommand,
    },
    #[error("cannot send a signal to process {pid}: it belongs to another user")]
    NotPermitted { pid: i32 },
    #[error("cannot send a signal to process {pid}: {source}")]
    System { pid: i32, source: Errno },
    #[error("process {0} exited before it had reported the outcome")]
    Ended(i32),
    #[error("process {pid} reported no outcome within {PATIENCE:?}; see its error log")]
    Silent { pid: i32 },
    #[error("{what} failed: {why}")]
    Failed { what: &'static str, why: String },
}

/// A process that has the pid file, but was started with another configuration file.
#[derive(Debug, thiserror::Error)]
#[error(
    "process {pid} has the pid file {}, but runs the configuration file {}{}, not {}",
    pid_file.display(), runs.display(), if *is_there { "" } else { " (which is gone)" }, given.display()
)]
struct OtherConfiguration {
    pid: i32,
    pid_file: PathBuf,
    runs: PathBuf,
    /// Whether that file is there. It may have been renamed to the one that was given.
    is_there: bool,
    given: PathBuf,
}

/// Sends the signal. Waits for the outcome of a reload or an upgrade and, if `wait`, until the
/// process has exited.
pub fn signal(signal: SignalCommand, input: &Input, wait: bool, color: bool) -> ExitCode {
    let pid_file = match input.load() {
        Ok(loaded) => loaded.config.pid_file,
        Err(report) if signal == SignalCommand::Reload => {
            return fail(&format!(
                "{}countersign: the configuration has an error; nothing was reloaded\n",
                report.render(color)
            ));
        }
        // An error in a file must not keep a process from being stopped.
        Err(report) => match input.pid_file() {
            Some(pid_file) => Some(pid_file),
            None => {
                return fail(&format!(
                    "{}countersign: {}\n",
                    report.render(color),
                    SignalError::NoPidFile
                ));
            }
        },
    };
    match ask(signal, pid_file, &input.file, wait) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("countersign: {error}\n")),
    }
}

fn ask(
    signal: SignalCommand,
    pid_file: Option<PathBuf>,
    configuration: &Path,
    wait: bool,
) -> Result<(), SignalError> {
    let path = pid_file.ok_or(SignalError::NoPidFile)?;
    let running = Running::find(&path)?;
    let pid = running.pid;
    if let Some(other) = other_configuration(pid, &path, configuration) {
        // A new log file changes nothing for the others.
        if other.is_there && signal != SignalCommand::Reopen {
            return Err(SignalError::OtherConfiguration { other, signal });
        }
        // Both read the file that the process was started with.
        if matches!(signal, SignalCommand::Reload | SignalCommand::Upgrade) {
            return Err(SignalError::ConfigurationGone { other, signal });
        }
        let _ = writeln!(io::stderr(), "countersign: note: {other}");
    }
    let begun = last_outcome(&path).map_or(0, |done| done.begun);
    kill(Pid::from_raw(pid), signal.unix()).map_err(|source| match source {
        Errno::EPERM => SignalError::NotPermitted { pid },
        _ => SignalError::System { pid, source },
    })?;
    match signal {
        SignalCommand::Reload => wait_until(pid, || {
            if running.is_gone() {
                return Some(Err(SignalError::Ended(pid)));
            }
            outcome(&path, begun, "reload")
        }),
        SignalCommand::Upgrade => wait_until(pid, || {
            // The new process has its own pid file and outcome file.
            let taken = Running::find(&path).is_ok_and(|new| new.pid != pid);
            if taken && ready(&path) {
                return Some(Ok(()));
            }
            if running.is_gone() && !taken {
                return Some(Err(SignalError::Ended(pid)));
            }
            outcome(&path, begun, "upgrade").filter(Result::is_err)
        }),
        SignalCommand::Quit | SignalCommand::Stop if wait => {
            while !running.is_gone() {
                thread::sleep(BETWEEN);
            }
            Ok(())
        }
        SignalCommand::Quit | SignalCommand::Stop | SignalCommand::Reopen => Ok(()),
    }
}

/// Whether the process runs another configuration file than this one. A process of an earlier version
/// does not say which it runs.
fn other_configuration(
    pid: i32,
    pid_file: &Path,
    configuration: &Path,
) -> Option<OtherConfiguration> {
    // The file may be in the middle of being written.
    let mut tries = iter::repeat_with(|| last_outcome(pid_file)).take(WRITTEN_WITHIN);
    let done = tries.find_map(|done| {
        if done.is_none() {
            thread::sleep(BETWEEN);
        }
        done
    });
    let runs = done?.configuration?;
    let given = absolute(configuration).unwrap_or_else(|_| configuration.to_owned());
    let file = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    let theirs = file(&runs);
    if runs == given || (theirs.is_some() && theirs == file(&given)) {
        return None;
    }
    Some(OtherConfiguration {
        pid,
        pid_file: pid_file.to_owned(),
        is_there: theirs.is_some(),
        runs,
        given,
    })
}

/// The outcome of the request that follows the first `begun` ones; `None` while it is in progress.
fn outcome(path: &Path, begun: u64, what: &'static str) -> Option<Result<(), SignalError>> {
    let done = last_outcome(path).filter(|done| done.ended > begun)?;
    Some(done.last.map_err(|why| SignalError::Failed { what, why }))
}

/// Whether the process that owns the pid file serves.
fn ready(path: &Path) -> bool {
    last_outcome(path).is_some_and(|done| done.ended > 0)
}

fn wait_until(
    pid: i32,
    mut ended: impl FnMut() -> Option<Result<(), SignalError>>,
) -> Result<(), SignalError> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(outcome) = ended() {
            return outcome;
        }
        thread::sleep(BETWEEN);
    }
    Err(SignalError::Silent { pid })
}

impl SignalCommand {
    /// What it does to a process, as a participle.
    const fn done(self) -> &'static str {
        match self {
            Self::Reload => "reloaded",
            Self::Quit | Self::Stop => "stopped",
            Self::Reopen => "reopened",
            Self::Upgrade => "upgraded",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Quit => "quit",
            Self::Stop => "stop",
            Self::Reopen => "reopen",
            Self::Upgrade => "upgrade",
        }
    }

    const fn unix(self) -> Unix {
        match self {
            Self::Reload => Unix::SIGHUP,
            Self::Quit => Unix::SIGQUIT,
            Self::Stop => Unix::SIGTERM,
            Self::Reopen => Unix::SIGUSR1,
            Self::Upgrade => Unix::SIGUSR2,
        }
    }
}

fn fail(message: &str) -> ExitCode {
    // If stderr is closed, the exit code still tells.
    let _ = io::stderr().write_all(message.as_bytes());
    ExitCode::FAILURE
}
