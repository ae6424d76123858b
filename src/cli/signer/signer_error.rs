//! Why nothing was signed.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::named_scheme::NamedSchemeError;
use crate::config::Report;
use crate::config::diagnostic::stderr_is_colored;
use crate::judge::Refusal;
use crate::ops::escape::visible_lines;
use crate::signing::read_signing_key::SigningKeyError;
use crate::verify::sign::SigningError;
use crate::verify::{KeyError, KeyKind};
use crate::written_request::RequestTextFault;

/// Why nothing was signed. No message has a part of a key.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum SignerError {
    #[error("{0}")]
    Report(Box<Report>),
    #[error("cannot read {}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("{0}")]
    NamedScheme(NamedSchemeError),
    #[error("the configuration has several routes: write `--route NAME`, with one of {0}")]
    WhichRoute(String),
    #[error("the configuration has no route `{0}`: it has {1}")]
    NoRoute(String, String),
    #[error("no route takes this request: {}", .0.code())]
    Unrouted(Refusal),
    #[error("`{option}` needs {form}, not `{given}`")]
    Form {
        option: &'static str,
        form: &'static str,
        given: String,
    },
    #[error("{0}")]
    Header(#[from] RequestTextFault),
    #[error("{}: {error}", path.display())]
    PrivateKey {
        path: PathBuf,
        error: SigningKeyError,
    },
    #[error("no receiver takes this key: {0}")]
    PublicKey(KeyError),
    #[error("{}: {error}", path.display())]
    Secret { path: PathBuf, error: KeyError },
    #[error("{} has no certificate in PEM", .0.display())]
    NoCertificate(PathBuf),
    #[error(
        "the scheme `{scheme}` signs with a key of the kind {kind}: name it with `--private-key FILE`"
    )]
    NeedsPrivateKey { scheme: String, kind: KeyKind },
    #[error("the scheme `{0}` signs with a secret: name its file with `--secret FILE`")]
    NeedsSecret(String),
    #[error("the scheme `{scheme}` also takes the secret `{name}`: `--secret {name}=FILE`")]
    NeedsNamedSecret { scheme: String, name: String },
    #[error("the scheme `{scheme}` takes the value `{name}`: `--value {name}=VALUE`")]
    NeedsValue { scheme: String, name: String },
    #[error("the route has no secret that goes by `{0}`")]
    NoSuchSecret(String),
    #[error("the scheme `{0}` signs the URL that the provider calls: `--url URL`")]
    NeedsUrl(String),
    #[error("the body cannot have the field `{name}`: {why}")]
    Field { name: String, why: &'static str },
    #[error("`--tamper {kind}` does not apply: {why}")]
    Tamper { kind: String, why: String },
    #[error("{}: no certificates in PEM, or none that is an authority's", .0.display())]
    Authorities(PathBuf),
    #[error("the system has no authorities that it trusts: name one with `--cacert FILE`")]
    NoAuthorities,
    #[error("TLS cannot be set up: {0}")]
    Tls(rustls::Error),
    #[error("{error}{}", hint(error))]
    Sign { error: SigningError },
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

impl SignerError {
    pub(super) fn read(path: &Path, error: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            error,
        }
    }
}

impl From<SigningError> for SignerError {
    fn from(error: SigningError) -> Self {
        Self::Sign { error }
    }
}

impl From<NamedSchemeError> for SignerError {
    fn from(error: NamedSchemeError) -> Self {
        match error {
            NamedSchemeError::Report(report) => Self::Report(report),
            other => Self::NamedScheme(other),
        }
    }
}

impl From<Report> for SignerError {
    fn from(report: Report) -> Self {
        Self::Report(Box::new(report))
    }
}

impl SignerError {
    /// The error as it goes to the standard error output.
    pub(in crate::cli) fn render(&self, command: &str) -> String {
        match self {
            Self::Report(report) => report.render(stderr_is_colored()),
            error => visible_lines(&format!("countersign {command}: {error}\n")),
        }
    }
}

/// What to do about a callback that would be refused.
fn hint(error: &SigningError) -> &'static str {
    use crate::verify::Reason;
    let rejection = match error {
        SigningError::Refused(rejection) | SigningError::Content(rejection) => rejection,
        _ => return "",
    };
    match rejection.reason {
        Reason::TimestampStale => "; `--at now` gives the request a new time",
        Reason::ValueMissing | Reason::BodyEmpty => {
            "; add it with `--field`, `--body`, `--header`, `--url`, `--claims` or `--value`"
        }
        Reason::HeaderMissing => "; add it with `--header`",
        Reason::ValueUnexpected => "; the scheme wants another value there",
        _ => "",
    }
}
