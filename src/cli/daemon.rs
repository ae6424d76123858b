//! Starting in the background: a new process runs the program, and this one exits once the new one
//! serves.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Builder;

use crate::ops::upgrade::{Program, Purpose, StartError};

/// How long the start may take: it reads files and resolves names.
const LIMIT: Duration = Duration::from_secs(60);

/// Starts the program in the background. Returns the exit code once it serves or has failed.
pub(super) fn start(program: &Program) -> ExitCode {
    match try_start(program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let text = match error {
                // The new process has already worded the message.
                StartError::Said(why) => format!("{why}\n"),
                other => format!("countersign: cannot start in the background: {other}\n"),
            };
            // If stderr is closed, the exit code still tells.
            let _ = io::stderr().write_all(text.as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn try_start(program: &Program) -> Result<(), StartError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut successor = program.start(Purpose::Daemon, Vec::new(), &[])?;
    runtime.block_on(successor.ready(LIMIT))
}
