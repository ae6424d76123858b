//! The subcommands, one file each.
//!
//! A new one is a file here, a variant of [`Command`], and a line of [`Command::run`].

mod schema;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Subcommand;

/// What the program does in place of serving.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Print the JSON Schema of the configuration file, with which editors complete and check it.
    Schema(schema::Schema),
}

impl Command {
    /// Runs it, writing to `out`. Gives the exit code.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        match self {
            Self::Schema(schema) => schema.run(out),
        }
    }
}
