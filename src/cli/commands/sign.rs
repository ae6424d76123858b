//! The command `countersign sign`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::signer::{Signer, SignerError, SigningArgs};

const AFTER_HELP: &str = r#"Exit codes:
  0  the callback is signed, and a receiver with the matching key takes it
  1  it cannot be signed; nothing is printed but why
  2  the command line has an error

Examples:
  countersign sign --scheme github --secret secret.txt --body push.json
          prints a signed request as HTTP
  countersign sign --scheme stripe --secret whsec.txt --body event.json --output curl \
          --url http://127.0.0.1:8080/stripe
          prints a command line of curl that sends it
  countersign sign -c countersign.toml --route shop --body event.json --at -10m
          signs with the secret of a route, ten minutes ago
  countersign sign --scheme schemes/acme.toml --private-key acme.private.pem --field order=7
          signs by a scheme of your own; the body is {"order":"7"} and what the scheme adds"#;

/// The arguments of `countersign sign`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP)]
pub struct SignArgs {
    #[command(flatten)]
    signing: SigningArgs,

    /// How the request is printed.
    #[arg(long, value_enum, value_name = "FORM", default_value = "http")]
    output: RequestForm,
}

/// How a request is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RequestForm {
    /// As HTTP/1.1 has it on the wire.
    Http,
    /// As a command line of curl, for bash.
    Curl,
    /// As a JSON object with "method", "url", "headers" and "body", or "body_base64".
    Json,
}

impl SignArgs {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        match self.signed(out) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => {
                io::stderr().write_all(error.render("sign").as_bytes())?;
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn signed(&self, out: &mut impl Write) -> Result<(), SignerError> {
        let signer = Signer::new(&self.signing, None)?;
        let request = Signer::written(signer.sign()?);
        if let Some(note) = &signer.note {
            writeln!(io::stderr(), "countersign sign: note: {note}")?;
        }
        let origin = signer.url.origin();
        match self.output {
            RequestForm::Http => out.write_all(&request.to_http())?,
            RequestForm::Curl => writeln!(out, "{}", request.to_curl(&origin))?,
            RequestForm::Json => writeln!(out, "{}", request.to_json(&origin))?,
        }
        Ok(out.flush()?)
    }
}
