//! The command `countersign once`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::control_client::{ControlError, ControlTarget};
use crate::control::{ControlAnswer, ControlRequest, KnownCallback, KnownState};
use crate::ops::escape;

const AFTER_HELP: &str = r#"Exit codes:
  0  it was shown, or is forgotten
  1  there is no such callback, or the process cannot be asked
  2  the command line has an error

Examples:
  countersign once show 019ad3c1f0a27d5e8b64c1a2b3d4e5f6
          shows whether a backend has the callback that this request brought
  countersign once forget 019ad3c1f0a27d5e8b64c1a2b3d4e5f6
          forgets it, so that the provider's next attempt reaches a backend"#;

/// The arguments of `countersign once`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP, subcommand_required = true, arg_required_else_help = true)]
pub struct OnceArgs {
    #[command(subcommand)]
    command: OnceCommand,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
enum OnceCommand {
    /// Show what is remembered of a callback.
    #[command(after_help = AFTER_HELP)]
    Show(OneCallback),
    /// Forget a callback that must come again; the audit log has a line of it.
    #[command(after_help = AFTER_HELP)]
    Forget(OneCallback),
}

#[derive(Clone, Debug, PartialEq, Eq, Args)]
struct OneCallback {
    #[command(flatten)]
    target: ControlTarget,

    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,

    /// The `identity` in the access log, or the `id` of a request that brought the callback to
    /// this process.
    #[arg(value_name = "REQUEST_ID|IDENTITY")]
    callback: String,
}

impl OnceArgs {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        let told = match &self.command {
            OnceCommand::Show(one) => one.show(out)?,
            OnceCommand::Forget(one) => one.forget(out)?,
        };
        super::code_of(told)
    }
}

impl OneCallback {
    fn show(&self, out: &mut impl Write) -> io::Result<Result<(), ControlError>> {
        let request = ControlRequest::OnceShow {
            callback: self.callback.clone(),
        };
        let known = match self.target.ask(&request) {
            Ok(ControlAnswer::Once(known)) => known,
            Ok(_) => return Ok(Err(ControlError::OtherAnswer)),
            Err(error) => return Ok(Err(error)),
        };
        if self.json {
            serde_json::to_writer(&mut *out, &known)?;
            writeln!(out)?;
        } else {
            tell(&known, out)?;
        }
        Ok(Ok(()))
    }

    fn forget(&self, out: &mut impl Write) -> io::Result<Result<(), ControlError>> {
        let request = ControlRequest::OnceForget {
            identity: self.callback.clone(),
        };
        let identity = match self.target.ask(&request) {
            Ok(ControlAnswer::Forgotten { identity }) => identity,
            Ok(_) => return Ok(Err(ControlError::OtherAnswer)),
            Err(error) => return Ok(Err(error)),
        };
        if self.json {
            writeln!(out, "{}", json!({ "forgotten": identity }))?;
        } else {
            let identity = escape::visible(identity.as_bytes());
            writeln!(
                out,
                "forgotten: {identity}; the next copy goes to a backend"
            )?;
        }
        Ok(Ok(()))
    }
}

fn tell(known: &KnownCallback, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "identity  {}",
        escape::visible(known.identity.as_bytes())
    )?;
    match &known.state {
        KnownState::Unknown => writeln!(
            out,
            "state     not remembered: the next copy goes to a backend"
        ),
        KnownState::InFlight { seconds } => writeln!(
            out,
            "state     in flight: a copy is with a backend; its claim ends in {seconds} s unless it is renewed"
        ),
        KnownState::Done {
            status,
            body,
            seconds,
        } => {
            writeln!(out, "state     done: a backend took it")?;
            if let Some(status) = status {
                let body =
                    body.map_or_else(|| "not kept".to_owned(), |body| format!("{body} bytes"));
                writeln!(out, "answer    status {status}, body {body}")?;
            }
            if let Some(seconds) = seconds {
                let time = humantime::format_duration(std::time::Duration::from_secs(*seconds));
                writeln!(out, "remembered for another {time}")?;
            }
            Ok(())
        }
    }
}
