//! Asking the running process, over its control socket.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use nix::unistd::geteuid;

use super::config_file::found_file;
use crate::config::Input;
use crate::control::{ControlAnswer, ControlRefusal, ControlRequest, Greeting, frame};

/// How long the process may take for each part of its answer: longer than it takes itself to give up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which process to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct ControlTarget {
    /// The configuration file of the running process, in which `control` names its socket [default: as
    /// without a command].
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The control socket itself.
    #[arg(long, value_name = "SOCKET", conflicts_with = "config")]
    control: Option<PathBuf>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The configuration has no control socket.
    #[error(
        "{} sets no `control`, so the running process cannot be asked: add, for example, \
         `control = \"/run/countersign/control.sock\"` above the first `[...]` line, and reload", .0.display()
    )]
    Off(PathBuf),
    /// The configuration file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Configuration {
        /// The file.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// There is no process.
    #[error(
        "cannot connect to {}: {source}: no process with this control socket runs, or it was started \
         without it", socket.display()
    )]
    NotRunning {
        /// The socket.
        socket: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The system does not let this user connect.
    #[error(
        "user {user} may not connect to {}: only root and the user that the process runs as are answered",
        socket.display()
    )]
    NotPermitted {
        /// The socket.
        socket: PathBuf,
        /// This user's number.
        user: u32,
    },
    /// The connection broke, or the process did not answer in time.
    #[error("no answer from {}: {source}", socket.display())]
    System {
        /// The socket.
        socket: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It speaks otherwise.
    #[error("{0}")]
    Version(String),
    /// What it says is not of this protocol.
    #[error("{} does not speak this protocol: {source}", socket.display())]
    Protocol {
        /// The socket.
        socket: PathBuf,
        /// What is wrong.
        source: frame::FrameError,
    },
    /// It does not do what it was asked for.
    #[error("{}", .0.message)]
    Refused(ControlRefusal),
    /// It answers something else.
    #[error("the process answered something else than it was asked for")]
    OtherAnswer,
}

impl ControlTarget {
    /// The process with this configuration, or with this socket.
    pub(super) fn new(config: Option<PathBuf>, control: Option<PathBuf>) -> Self {
        Self { config, control }
    }

    /// Asks the process for something.
    ///
    /// # Errors
    /// If it does not answer, or refuses.
    pub fn ask(&self, request: &ControlRequest) -> Result<ControlAnswer, ControlError> {
        let socket = self.socket()?;
        match exchange(&socket, request)? {
            ControlAnswer::Refused(refusal) => Err(ControlError::Refused(refusal)),
            answer => Ok(answer),
        }
    }

    fn socket(&self) -> Result<PathBuf, ControlError> {
        if let Some(socket) = &self.control {
            return Ok(socket.clone());
        }
        let file = found_file(self.config.as_deref());
        if let Err(source) = std::fs::File::open(&file) {
            return Err(ControlError::Configuration { file, source });
        }
        let socket = Input::from(file.as_path()).control_socket();
        socket.ok_or(ControlError::Off(file))
    }
}

fn exchange(socket: &Path, request: &ControlRequest) -> Result<ControlAnswer, ControlError> {
    let mut stream = UnixStream::connect(socket).map_err(|source| match source.kind() {
        io::ErrorKind::PermissionDenied => ControlError::NotPermitted {
            socket: socket.to_owned(),
            user: geteuid().as_raw(),
        },
        _ => ControlError::NotRunning {
            socket: socket.to_owned(),
            source,
        },
    })?;
    let system = |source| ControlError::System {
        socket: socket.to_owned(),
        source,
    };
    let protocol = |source| ControlError::Protocol {
        socket: socket.to_owned(),
        source,
    };
    stream.set_read_timeout(Some(PATIENCE)).map_err(system)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(system)?;
    let greeting = received(&mut stream, frame::MAX_REQUEST).map_err(system)?;
    let greeting: Greeting = frame::decode(&greeting.map_err(protocol)?).map_err(protocol)?;
    if let Some(misfit) = greeting.misfit() {
        return Err(ControlError::Version(misfit));
    }
    let request = frame::encode(request, frame::MAX_REQUEST).map_err(protocol)?;
    // A process that turns this user away has closed the connection, and said why.
    let sent = stream.write_all(&request);
    let answer = match (received(&mut stream, frame::MAX_ANSWER), sent) {
        (Ok(answer), _) => answer.map_err(protocol)?,
        (Err(_), Err(source)) | (Err(source), Ok(())) => return Err(system(source)),
    };
    frame::decode(&answer).map_err(protocol)
}

/// The body of the next frame.
fn received(stream: &mut UnixStream, max: usize) -> io::Result<Result<Vec<u8>, frame::FrameError>> {
    let mut head = [0; frame::HEAD];
    stream.read_exact(&mut head)?;
    let length = match frame::length(head, max) {
        Ok(length) => length,
        Err(error) => return Ok(Err(error)),
    };
    let mut body = Vec::new();
    let expected = u64::try_from(length).unwrap_or(u64::MAX);
    stream.take(expected).read_to_end(&mut body)?;
    match body.len() == length {
        true => Ok(Ok(body)),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
