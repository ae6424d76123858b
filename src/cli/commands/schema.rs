//! The command `countersign schema`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;

use crate::config::json_schema::{SchemaOf, json_schema};

const AFTER_HELP: &str = r#"Exit codes:
  0  it was printed
  2  the command line has an error

Examples:
  countersign schema > countersign.schema.json
          for `#:schema ./countersign.schema.json` at the top of a configuration
  countersign schema --included > included.schema.json
          the same for files of an include directory"#;

/// The arguments of `countersign schema`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Schema {
    /// Print the schema of files in an `include` directory instead.
    #[arg(long)]
    included: bool,
}

impl Schema {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        let of = if self.included {
            SchemaOf::Included
        } else {
            SchemaOf::Main
        };
        serde_json::to_writer_pretty(&mut *out, &json_schema(of))?;
        writeln!(out)?;
        Ok(ExitCode::SUCCESS)
    }
}
