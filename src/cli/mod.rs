//! The command: one file a task.

pub mod args;
pub mod run;
pub mod test;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::Parser as _;

/// Parses the command line and does what it says. Gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let args = args::Args::parse();
    // https://no-color.org: set to anything but nothing.
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colored = io::stderr().is_terminal() && !no_color;
    if args.test {
        test::test(&args.config, colored, &mut io::stderr().lock()).unwrap_or(ExitCode::FAILURE)
    } else {
        run::run(&args.config, colored)
    }
}
