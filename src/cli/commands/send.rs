//! The command `countersign send`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::cli::sender::{SendRun, Summary, TargetServer};
use crate::cli::signer::{CallbackUrl, Signer, SignerError, SigningArgs, TamperKind};

const AFTER_HELP: &str = r#"Exit codes:
  0  every callback was answered with 2xx; with --tamper, every one was refused with 4xx
  1  one was not, there was no answer, or it cannot be signed
  2  the command line has an error

Examples:
  countersign send --scheme github --secret secret.txt --body push.json \
          --to http://127.0.0.1:8080/github
          sends a signed callback, and shows the answer
  countersign send -c countersign.toml --route shop --body event.json --count 600 --rate 10/s \
          --to https://pay.example/shop
          sends ten a second for a minute, each with a nonce of its own
  countersign send -c countersign.toml --route shop --body event.json --tamper body \
          --to https://pay.example/shop
          fails unless the callback is refused, of which a character was changed"#;

/// The arguments of `countersign send`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = AFTER_HELP)]
pub struct SendArgs {
    #[command(flatten)]
    signing: SigningArgs,

    /// Where the callbacks go. Without `--url`, it is also the URL that is signed.
    #[arg(long, value_name = "URL")]
    to: CallbackUrl,

    /// How many are sent. Each is signed anew.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,

    /// How many are sent a second, whether or not the ones before are answered; 256 wait at most. Without it,
    /// one after the other.
    #[arg(long, value_name = "R/s", value_parser = rate)]
    rate: Option<Duration>,

    /// Change each callback after it was signed, in a way that a receiver must notice.
    #[arg(long, value_enum, value_name = "KIND")]
    tamper: Option<TamperKind>,

    /// How long an answer may take.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    timeout: Duration,

    /// Trust the authorities in this file (PEM) in place of those that the system trusts.
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,

    /// Print the summary as a JSON object, with every request.
    #[arg(long)]
    json: bool,
}

/// The time between two callbacks at `10/s`, `0.5/s` or `10`.
fn rate(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    let rate = number.parse::<f64>().ok();
    let rate = rate.filter(|rate| (0.001..=100_000.0).contains(rate));
    let period = rate.map(|rate| Duration::from_secs_f64(1.0 / rate));
    period.ok_or_else(|| format!("`{text}` is no rate such as 10/s, from 0.001 to 100000"))
}

impl SendArgs {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        match self.sent(out) {
            Ok(true) => Ok(ExitCode::SUCCESS),
            Ok(false) => Ok(ExitCode::FAILURE),
            Err(error) => {
                io::stderr().write_all(error.render("send").as_bytes())?;
                Ok(ExitCode::FAILURE)
            }
        }
    }

    /// Whether all went as it should.
    fn sent(&self, out: &mut impl Write) -> Result<bool, SignerError> {
        let signer = Signer::new(&self.signing, Some(&self.to))?;
        if let Some(note) = &signer.note {
            writeln!(io::stderr(), "countersign send: note: {note}")?;
        }
        let wanted = usize::try_from(self.count).unwrap_or(usize::MAX);
        let run = SendRun {
            server: TargetServer::new(&self.to, self.cacert.as_deref())?,
            count: wanted,
            period: self.rate,
            timeout: self.timeout,
        };
        let sent = run.run(|| {
            let signed = match self.tamper {
                None => signer.sign()?,
                Some(kind) => signer.tampered(kind)?,
            };
            Ok(Signer::written(signed).to_http())
        })?;
        let summary = Summary {
            sent: &sent,
            wanted,
            url: format!("{}{}", self.to.origin(), self.to.target),
            are_tampered: self.tamper.is_some(),
        };
        if self.json {
            writeln!(out, "{}", summary.to_json())?;
        } else {
            summary.write(out)?;
        }
        out.flush()?;
        Ok(summary.is_as_wanted())
    }
}
