//! The command `countersign audit`.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::ops::audit_log::{BrokenChain, ChainSummary, LineHash, check_chain};
use crate::ops::escape::visible_lines;

const AFTER_HELP: &str = r#"Each line of the audit log names the hash of the line before. So a changed, inserted or removed line
shows, unless all lines behind it were made anew, or the last ones removed: note the last hash elsewhere
now and then, and name it with `--contains`.

Exit codes:
  0  every line continues the one before
  1  one does not, and is named; or a file cannot be read
  2  the command line has an error

Examples:
  countersign audit verify /var/log/countersign/audit.log
  countersign audit verify audit.log.2 audit.log.1 audit.log
          checks rotated files, too, oldest first"#;

/// The arguments of `countersign audit`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP, subcommand_required = true, arg_required_else_help = true)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
enum AuditCommand {
    /// Check that no line of an audit log was changed, inserted or removed.
    #[command(after_help = AFTER_HELP)]
    Verify(VerifyArgs),
}

#[derive(Clone, Debug, PartialEq, Eq, Args)]
struct VerifyArgs {
    /// Also check that a line has this hash, noted when it was the last one. May be repeated.
    #[arg(long, value_name = "HASH")]
    contains: Vec<LineHash>,

    /// Print the result as JSON.
    #[arg(long)]
    json: bool,

    /// The files, oldest first: each continues the one before.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl AuditArgs {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        let AuditCommand::Verify(args) = &self.command;
        let checked = args.check();
        if args.json {
            let told = match &checked {
                Ok(chain) => json!({
                    "ok": true,
                    "lines": chain.lines,
                    "continues": chain.continues.map(|hash| hash.to_string()),
                    "last": chain.last.map(|hash| hash.to_string()),
                    "torn": chain.torn.iter().map(|(file, line)| json!({
                        "file": file.display().to_string(),
                        "line": line,
                    })).collect::<Vec<_>>(),
                }),
                Err(why) => json!({ "ok": false, "error": why }),
            };
            writeln!(out, "{told}")?;
        } else if let Ok(chain) = &checked {
            tell(chain, out)?;
        }
        Ok(match checked {
            Ok(_) => ExitCode::SUCCESS,
            Err(why) => {
                writeln!(
                    io::stderr(),
                    "{}",
                    visible_lines(&format!("countersign: {why}"))
                )?;
                ExitCode::FAILURE
            }
        })
    }
}

impl VerifyArgs {
    fn check(&self) -> Result<ChainSummary, String> {
        let mut opened = Vec::new();
        for file in &self.files {
            let open = File::open(file).map_err(|source| BrokenChain::System {
                file: file.clone(),
                source,
            });
            let open = open.map_err(|error| error.to_string())?;
            opened.push((file.clone(), BufReader::new(open)));
        }
        let chain = check_chain(opened, &self.contains).map_err(|error| error.to_string())?;
        match self
            .contains
            .iter()
            .find(|hash| !chain.found.contains(hash))
        {
            Some(missing) => Err(format!(
                "no line has the hash {missing}: lines were removed, or made anew"
            )),
            None => Ok(chain),
        }
    }
}

fn tell(chain: &ChainSummary, out: &mut impl Write) -> io::Result<()> {
    let plural = if chain.lines == 1 { "" } else { "s" };
    write!(out, "ok: {} line{plural}", chain.lines)?;
    if let Some((first, last)) = &chain.times {
        let [first, last] = [first, last].map(|time| crate::ops::escape::visible(time.as_bytes()));
        write!(out, ", from {first} to {last}")?;
    }
    writeln!(out)?;
    for (file, line) in &chain.torn {
        let file = file.display();
        writeln!(
            out,
            "note: {file}:{line}: the write of this line was interrupted, as by a crash"
        )?;
    }
    if let Some(before) = chain.continues {
        writeln!(
            out,
            "note: the first line continues a line with the hash {before}"
        )?;
    }
    if let Some(last) = chain.last {
        writeln!(out, "the last line's hash: {last}")?;
    }
    Ok(())
}
