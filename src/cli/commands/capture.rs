//! The command `countersign capture`.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::captured::{
    ExportFormat, captured, export, hides_something, list_json, tell, tell_list,
};
use crate::cli::control_client::{ControlError, ControlTarget};
use crate::control::{CapturePurpose, ControlAnswer, ControlRequest, SentCapture, UnreadCapture};
use crate::ops::escape::visible_lines;

const AFTER_HELP: &str = r#"Captured requests are in the memory of the running process only. Their bodies can hold personal data; every
read of one is a line of the audit log.

Exit codes:
  0  it was shown
  1  there is no such request, or the process cannot be asked
  2  the command line has an error

Examples:
  countersign capture list --route shop
          lists the rejected requests of a route, newest first
  countersign capture show 019ad3c1f0a27d5e8b64c1a2b3d4e5f6
          shows one, by the id that the access log has, with control characters made visible
  countersign capture export 019ad3c1f0a2 > request.http
          writes it byte for byte, for `countersign explain`, `nc` or an editor
  countersign capture export --format curl 019ad3c1f0a2
          writes a command line that sends it again"#;

/// The arguments of `countersign capture`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP, subcommand_required = true, arg_required_else_help = true)]
pub struct CaptureArgs {
    #[command(subcommand)]
    command: CaptureCommand,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
enum CaptureCommand {
    /// List the captured requests, newest first.
    #[command(after_help = AFTER_HELP)]
    List(ListArgs),
    /// Show a captured request.
    #[command(after_help = AFTER_HELP)]
    Show(ShowArgs),
    /// Write a captured request for other programs.
    #[command(after_help = AFTER_HELP)]
    Export(ExportArgs),
}

#[derive(Clone, Debug, PartialEq, Eq, Args)]
struct ListArgs {
    #[command(flatten)]
    target: ControlTarget,

    /// Those of this route alone.
    #[arg(long, value_name = "NAME")]
    route: Option<String>,

    /// The most that are listed.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: usize,

    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Args)]
struct ShowArgs {
    #[command(flatten)]
    target: ControlTarget,

    /// Print the request as JSON.
    #[arg(long)]
    json: bool,

    /// The request's `id` in the access log, or the beginning of it.
    id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Args)]
struct ExportArgs {
    #[command(flatten)]
    target: ControlTarget,

    /// The form.
    #[arg(long, value_enum, default_value = "http")]
    format: ExportFormat,

    /// The request's `id` in the access log, or the beginning of it.
    id: String,
}

/// Why a captured request is not shown.
#[derive(Debug, thiserror::Error)]
enum CaptureError {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    Unread(#[from] UnreadCapture),
    #[error(
        "the request has bytes that a terminal would not show as they are: write it to a file with `>`, or \
         look at it with `countersign capture show`"
    )]
    Terminal,
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl CaptureArgs {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        let done = match &self.command {
            CaptureCommand::List(args) => args.run(out),
            CaptureCommand::Show(args) => args.run(out),
            CaptureCommand::Export(args) => args.run(out),
        };
        match done {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(CaptureError::Output(error)) => Err(error),
            Err(error) => {
                writeln!(
                    io::stderr(),
                    "{}",
                    visible_lines(&format!("countersign: {error}"))
                )?;
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

impl ListArgs {
    fn run(&self, out: &mut impl Write) -> Result<(), CaptureError> {
        let request = ControlRequest::CaptureList {
            route: self.route.clone(),
            limit: self.limit,
        };
        let ControlAnswer::Captures(list) = self.target.ask(&request)? else {
            return Err(ControlError::OtherAnswer.into());
        };
        match self.json {
            true => writeln!(out, "{}", list_json(&list))?,
            false => tell_list(&list, out)?,
        }
        Ok(())
    }
}

impl ShowArgs {
    fn run(&self, out: &mut impl Write) -> Result<(), CaptureError> {
        let capture = captured(&self.target, &self.id, CapturePurpose::Show)?;
        match self.json {
            true => out.write_all(&export(&capture, ExportFormat::Json)?)?,
            false => tell(&capture, out)??,
        }
        Ok(())
    }
}

impl ExportArgs {
    fn run(&self, out: &mut impl Write) -> Result<(), CaptureError> {
        let capture = captured(&self.target, &self.id, CapturePurpose::Export)?;
        let text = export(&capture, self.format)?;
        if io::stdout().is_terminal() && hides_something(&text) {
            return Err(CaptureError::Terminal);
        }
        out.write_all(&text)?;
        note_cut(&capture)?;
        Ok(())
    }
}

fn note_cut(capture: &SentCapture) -> io::Result<()> {
    let about = &capture.summary;
    if about.is_cut() {
        writeln!(
            io::stderr(),
            "countersign: note: only the first {} bytes of the body were kept, of {}",
            about.kept,
            about.body
        )?;
    }
    Ok(())
}
