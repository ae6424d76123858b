//! The command `countersign schemes`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;

use crate::cli::scheme_list;

const AFTER_HELP: &str = r#"Exit codes:
  0  it was printed
  1  there is no such scheme
  2  the command line has an error

Examples:
  countersign schemes
          lists the schemes that a route can name: `scheme = "stripe"`
  countersign schemes stripe
          prints the file with this scheme
  countersign schemes stripe > schemes/shop.toml
          starts a scheme of your own; change its name, or it takes the place of this one"#;

/// The arguments of `countersign schemes`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP)]
pub struct SchemesArgs {
    /// Print the list as JSON: an array with an object for each scheme.
    #[arg(long, conflicts_with = "name")]
    json: bool,

    /// Print the file with this scheme.
    name: Option<String>,
}

impl SchemesArgs {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        match &self.name {
            Some(name) => scheme_list::print(name, out, &mut io::stderr().lock()),
            None => scheme_list::list(self.json, out, &mut io::stderr().lock()),
        }
    }
}
