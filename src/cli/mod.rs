//! The command: one file a task.

pub mod args;
pub mod run;
pub mod test;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

use crate::config::diagnostic::stderr_is_colored;

/// Parses the command line and does what it says. Gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let args = args::Args::parse();
    let colored = stderr_is_colored();
    if args.test {
        test::test(&args.config, colored, &mut io::stderr().lock()).unwrap_or(ExitCode::FAILURE)
    } else {
        run::run(&args.config, colored)
    }
}
