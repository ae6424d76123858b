//! The command `countersign explain`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;

use crate::cli::explainer::{self, ExplainArgs};

const AFTER_HELP: &str = r#"Exit codes:
  0  the request is verified, or the proxy or its scheme answers it
  1  the request, the configuration or a key cannot be read
  2  the command line has an error
  3  the request would be rejected
  4  no route takes the request

Examples:
  countersign explain -c /etc/countersign/countersign.toml request.http
          says what becomes of a recorded request, and why
  countersign explain --id 019ad3c1f0a2
          the same for a request that the running process captured (docs/capture.md)
  countersign explain --scheme stripe --key secret.txt request.http
          the same without a configuration
  countersign explain network.har --entry 3
          takes a request out of what a browser or proxy saved
  pbpaste | countersign explain -
          reads a curl command, or a request, from the clipboard (macOS)
  countersign explain --search --scheme acme.toml --key acme.pem request.http
          tries up to 100,000 variations of request, scheme and key until the signature fits"#;

/// What `countersign explain` is asked.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP, arg_required_else_help = true)]
pub struct ExplainCommand {
    #[command(flatten)]
    args: ExplainArgs,
}

impl ExplainCommand {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        explainer::explain(&self.args, out, &mut io::stderr().lock())
    }
}
