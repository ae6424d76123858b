//! The command `countersign completions`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use clap_complete::{Shell, generate};

const AFTER_HELP: &str = r#"Exit codes:
  0  they were printed
  2  the command line has an error

Examples:
  countersign completions bash > ~/.local/share/bash-completion/completions/countersign
          installs them for bash
  countersign completions zsh > ~/.zfunc/_countersign
          installs them for zsh, if ~/.zfunc is in its fpath
  countersign completions fish > ~/.config/fish/completions/countersign.fish
          installs them for fish"#;

/// The arguments of `countersign completions`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(
        &self,
        mut whole: clap::Command,
        out: &mut impl Write,
    ) -> io::Result<ExitCode> {
        // What writes them panics if it cannot: a buffer always can.
        let mut completions = Vec::new();
        generate(self.shell, &mut whole, "countersign", &mut completions);
        out.write_all(&completions)?;
        Ok(ExitCode::SUCCESS)
    }
}
