//! The command `countersign scheme`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::scheme_test;

const AFTER_HELP: &str = r#"Exit codes:
  0  every case passed
  1  a case failed, a file has no case, or it has an error
  2  the command line has an error

Examples:
  countersign scheme test schemes/acme.toml
          runs the cases of the schemes in this file
  countersign scheme test --json /etc/countersign/countersign.toml
          runs those of a whole configuration, and prints an object for each"#;

/// The arguments of `countersign scheme`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(arg_required_else_help = true)]
pub struct SchemeArgs {
    #[command(subcommand)]
    command: SchemeCommand,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
enum SchemeCommand {
    /// Run the cases of schemes: signed requests, and what must come out of them.
    ///
    /// Each `[[scheme.case]]` is verified as a request that comes over a socket, with the keys and at
    /// the time that it says. Of each that is genuine, every byte that the scheme can read is then
    /// changed in turn: the output names those of which the signature does not notice a change.
    ///
    /// Output of failed cases shows what was signed, with the secrets of the case.
    #[command(after_help = AFTER_HELP)]
    Test(TestArgs),
}

#[derive(Clone, Debug, PartialEq, Eq, Args)]
struct TestArgs {
    /// Print a JSON object for each case, on a line of its own.
    #[arg(long)]
    json: bool,

    /// Files with `[[scheme]]` tables: of an include directory, or whole configurations.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl SchemeArgs {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        let SchemeCommand::Test(TestArgs { json, files }) = &self.command;
        scheme_test::test(files, *json, out, &mut io::stderr().lock())
    }
}
