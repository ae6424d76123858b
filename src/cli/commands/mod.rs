//! The subcommands, one file each.
//!
//! A new one is a file here, a variant of [`Command`], and a line of [`Command::run`].

mod audit;
mod capture;
mod completions;
mod explain;
mod keygen;
mod man;
mod once;
mod schema;
mod scheme;
mod schemes;
mod send;
mod sign;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Subcommand;

use super::control_client::ControlError;

/// Commands that the program executes instead of serving.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Look at rejected requests that the running process has captured.
    Capture(capture::CaptureArgs),
    /// Make a key pair or a secret, in a form that providers hand out.
    ///
    /// It is for tests and for a provider of your own: `countersign sign` and `send` sign with it. A key that you
    /// verify a provider's callbacks with comes from the provider.
    Keygen(keygen::KeygenArgs),
    /// Say what becomes of a request, and why: which route takes it, what was found, what was signed, which keys
    /// were tried, and what is wrong.
    ///
    /// Nothing that could be used to forge a signature is shown: secrets stand in the output as `{secret}`, and what a
    /// symmetric signature should have been is not said. Keep the output as you keep your logs: it shows the request.
    Explain(Box<explain::ExplainCommand>),
    /// Check the audit log: what was read and done over the control socket.
    Audit(audit::AuditArgs),
    /// Show what the running process remembers of a callback, or have it forget one.
    Once(once::OnceArgs),
    /// Print the JSON Schema of the configuration file, for completion and checks in editors.
    Schema(schema::Schema),
    /// Test schemes on requests that were signed by their rules.
    Scheme(scheme::SchemeArgs),
    /// List the schemes of providers that come with the program, or print one.
    ///
    /// The list shows for each what makes the signature, how callbacks come, and who signed the requests
    /// on which the scheme was tried: the provider ("official"; "official-via-copy" if its values stand in
    /// somebody else's public repository), the tests of an SDK ("sdk-test"), the provider's
    /// library ("sdk-signed"; or it accepted them), another project ("third-party"), or only this one, by
    /// the documented rules ("derived"). "none": there was no signed request.
    Schemes(schemes::SchemesArgs),
    /// Print a signed callback, as its provider would send it.
    ///
    /// The request gets what the scheme reads and it does not have: the time, a nonce, what names the key, and
    /// the signature over the content that the proxy itself builds. What it has stays as it is, byte for byte.
    /// In the end the proxy's own verification takes it, or nothing is printed.
    Sign(Box<sign::SignArgs>),
    /// Send signed callbacks, as their provider would, and tell how they are answered.
    ///
    /// It takes the options of `countersign sign`. With `--tamper`, it sends callbacks that a receiver must refuse.
    Send(Box<send::SendArgs>),
    /// Print the completions for a shell.
    Completions(completions::CompletionsArgs),
    /// Print a manual page, or write all of them.
    Man(man::ManArgs),
}

impl Command {
    /// Executes the command, writing to `out`. Returns the exit code. `whole` is the definition of the command
    /// line.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn run(
        &self,
        whole: impl FnOnce() -> clap::Command,
        out: &mut impl Write,
    ) -> io::Result<ExitCode> {
        match self {
            Self::Keygen(keygen) => keygen.run(out),
            Self::Explain(explain) => explain.run(out),
            Self::Audit(audit) => audit.run(out),
            Self::Capture(capture) => capture.run(out),
            Self::Once(once) => once.run(out),
            Self::Schema(schema) => schema.run(out),
            Self::Scheme(scheme) => scheme.run(out),
            Self::Schemes(schemes) => schemes.run(out),
            Self::Sign(sign) => sign.run(out),
            Self::Send(send) => send.run(out),
            Self::Completions(completions) => completions.run(whole(), out),
            Self::Man(man) => man.run(whole(), out),
        }
    }
}

/// The exit code of a command that asked the running process; tells on stderr why there is no answer.
fn code_of(told: Result<(), ControlError>) -> io::Result<ExitCode> {
    let Err(error) = told else {
        return Ok(ExitCode::SUCCESS);
    };
    writeln!(io::stderr(), "countersign: {error}")?;
    Ok(ExitCode::FAILURE)
}
