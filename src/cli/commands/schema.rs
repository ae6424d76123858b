//! The command `countersign schema`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;

use crate::config::json_schema::{SchemaOf, json_schema};

/// The arguments of `countersign schema`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
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
