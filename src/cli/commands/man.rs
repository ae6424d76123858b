//! The command `countersign man`.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::manual;

const AFTER_HELP: &str = r#"Exit codes:
  0  the page was printed, or all were written
  1  there is no such command, or a file cannot be written
  2  the command line has an error

Examples:
  countersign man sign | man -l -
          shows the manual page of a command
  countersign man --out /usr/local/share/man/man1
          installs all pages: `man countersign`, `man countersign-sign`"#;

/// The arguments of `countersign man`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ManArgs {
    /// The command, such as `sign` or `scheme test` [default: the program].
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    command: Vec<String>,

    /// Write the pages of all commands into this directory.
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
}

impl ManArgs {
    pub(super) fn run(&self, whole: clap::Command, out: &mut impl Write) -> io::Result<ExitCode> {
        let Some(folder) = &self.out else {
            let page = manual::page(whole, &self.command)?;
            let Some(page) = page else {
                let name = self.command.join(" ");
                writeln!(
                    io::stderr(),
                    "countersign man: there is no command `{name}`"
                )?;
                return Ok(ExitCode::FAILURE);
            };
            out.write_all(&page.text)?;
            return Ok(ExitCode::SUCCESS);
        };
        for page in manual::pages(whole)? {
            let path = folder.join(page.file);
            if let Err(error) = fs::write(&path, page.text) {
                let path = path.display();
                writeln!(
                    io::stderr(),
                    "countersign man: cannot write {path}: {error}"
                )?;
                return Ok(ExitCode::FAILURE);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
