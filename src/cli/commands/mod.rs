//! The subcommands, one file each.
//!
//! A new one is a file here, a variant of [`Command`], and a line of [`Command::run`].

mod schema;
mod scheme;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Subcommand;

/// Commands that the program executes instead of serving.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Print the JSON Schema of the configuration file, for completion and checks in editors.
    Schema(schema::Schema),
    /// Test schemes on requests that were signed by their rules.
    Scheme(scheme::SchemeArgs),
}

impl Command {
    /// Executes the command, writing to `out`. Returns the exit code.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        match self {
            Self::Schema(schema) => schema.run(out),
            Self::Scheme(scheme) => scheme.run(out),
        }
    }
}
