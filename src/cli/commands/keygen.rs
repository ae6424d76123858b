//! The command `countersign keygen`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args, ValueEnum};

use crate::cli::new_key;
use crate::signing::key_form::KeyForm;
use crate::verify::{Curve, KeyKind};

const AFTER_HELP: &str = r#"Exit codes:
  0  the key was made
  1  a file exists or cannot be written, or the kind of key has no such form
  2  the command line has an error

Examples:
  countersign keygen rsa --out keys/shop
          writes keys/shop.private.pem (mode 0600) and keys/shop.public.pem (0644)
  countersign keygen rsa --bits 4096 --format base64 --out keys/shop
          in base64 on one line, as many consoles show keys
  countersign keygen ed25519 --format jwk --out keys/shop
          as JSON Web Keys
  countersign keygen secret --format whsec --stdout
          prints a secret of Standard Webhooks: whsec_ and base64 of 32 bytes"#;

/// The arguments of `countersign keygen`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(
    after_help = AFTER_HELP,
    group = ArgGroup::new("destination").required(true).multiple(false)
)]
pub struct KeygenArgs {
    /// What to make.
    #[arg(value_enum)]
    kind: NewKeyKind,

    /// The size: of an RSA key 2048, 3072, 4096 or 8192 [default: 2048]; of a secret 128 to 4096 in
    /// steps of 8 [default: 256].
    #[arg(long, value_name = "BITS")]
    bits: Option<u32>,

    /// Write the files NAME.private.ENDING (mode 0600) and NAME.public.ENDING (mode 0644); of a secret,
    /// NAME.secret.ENDING (mode 0600). Existing files are never overwritten.
    #[arg(long, value_name = "DIRECTORY/NAME", group = "destination")]
    out: Option<PathBuf>,

    /// Print the private key or the secret instead, also to a terminal.
    #[arg(long, group = "destination")]
    stdout: bool,

    /// How the keys are written [default: pem; of a secret: hex].
    #[arg(long, value_enum, value_name = "FORM")]
    format: Option<KeyForm>,

    /// Print the names of the files as a JSON object. It never has a key in it.
    #[arg(long, conflicts_with = "stdout")]
    json: bool,
}

/// What can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NewKeyKind {
    /// An RSA key.
    Rsa,
    /// A key on the curve P-256, for ECDSA.
    P256,
    /// A key on the curve P-384, for ECDSA.
    P384,
    /// A key on the curve P-521, for ECDSA.
    P521,
    /// An Ed25519 key.
    Ed25519,
    /// A secret that both sides know, for HMACs.
    Secret,
}

impl NewKeyKind {
    const fn kind(self) -> KeyKind {
        match self {
            Self::Rsa => KeyKind::Rsa,
            Self::P256 => KeyKind::Ec(Curve::P256),
            Self::P384 => KeyKind::Ec(Curve::P384),
            Self::P521 => KeyKind::Ec(Curve::P521),
            Self::Ed25519 => KeyKind::Ed25519,
            Self::Secret => KeyKind::Secret,
        }
    }
}

impl KeygenArgs {
    pub(super) fn run(&self, out: &mut impl Write) -> io::Result<ExitCode> {
        let asked = new_key::NewKey {
            kind: self.kind.kind(),
            bits: self.bits,
            form: self.format,
        };
        let made = match &self.out {
            Some(name) => asked.to_files(name, self.json, out),
            None => asked.to_stdout(out),
        };
        match made {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(new_key::NewKeyError::Output(error)) => Err(error),
            Err(error) => {
                writeln!(io::stderr(), "countersign keygen: {error}")?;
                Ok(ExitCode::FAILURE)
            }
        }
    }
}
