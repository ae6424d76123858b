//! The command line: one file for each command.

pub mod args;
pub mod captured;
pub mod commands;
mod config_file;
pub mod control_client;
mod daemon;
mod explainer;
mod manual;
mod misunderstanding;
mod named_scheme;
mod new_key;
pub mod run;
mod scheme_list;
mod scheme_test;
mod sender;
pub mod signal;
mod signer;
pub mod test_config;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::config::diagnostic::stderr_is_colored;

/// Parses the command line, executes it, and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let args = args::Args::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let colored = stderr_is_colored();
    if args.build {
        let printed = io::stdout().write_all(args::build().as_bytes());
        return printed.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    if let Some(command) = &args.command {
        let done = command.run(args::Args::command, &mut io::stdout().lock());
        return done.unwrap_or(ExitCode::FAILURE);
    }
    let (input, no_file) = (args.input(), args.no_file());
    let serves = !args.test && !args.dump && args.signal.is_none();
    if let Some(why) = no_file.as_ref().filter(|_| !serves) {
        // If stderr is closed, the exit code still tells.
        let _ = io::stderr().write_all(why.as_bytes());
        return ExitCode::FAILURE;
    }
    if args.test {
        let mut err = io::stderr().lock();
        let tested = test_config::test(&input, colored, &mut err).unwrap_or(ExitCode::FAILURE);
        match &args.verify {
            Some(request) if tested == ExitCode::SUCCESS => {
                let out = &mut io::stdout().lock();
                let told = explainer::verify(request, &input, out, &mut err);
                told.unwrap_or(ExitCode::FAILURE)
            }
            _ => tested,
        }
    } else if args.dump {
        let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
        test_config::dump(&input, colored, &mut out, &mut err).unwrap_or(ExitCode::FAILURE)
    } else if let Some(signal) = args.signal {
        signal::signal(signal, &input, args.wait, colored)
    } else {
        run::run(input, no_file, colored)
    }
}
