//! What `sign` and `send` are told about the callback.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::moment_arg::Moment;

/// The arguments that say what is signed, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(group = ArgGroup::new("rules").required(true).multiple(false))]
pub(in crate::cli) struct SigningArgs {
    /// Sign by this scheme: one of `countersign schemes`, or a file with one. Of a file with several,
    /// FILE#NAME.
    #[arg(
        long,
        value_name = "NAME|FILE",
        group = "rules",
        help_heading = "Scheme"
    )]
    pub(super) scheme: Option<String>,

    /// Sign by a route of this configuration: its scheme, values and public URL, and its secret.
    #[arg(
        short,
        long,
        value_name = "FILE",
        group = "rules",
        help_heading = "Scheme"
    )]
    pub(super) config: Option<PathBuf>,

    /// The route: its name, or a URL or path that it matches. Not needed if there is one only.
    #[arg(
        long,
        value_name = "NAME|URL",
        requires = "config",
        help_heading = "Scheme"
    )]
    pub(super) route: Option<String>,

    /// A value that a route gives to the scheme. May be repeated.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Scheme")]
    pub(super) value: Vec<String>,

    /// The private key: PEM, DER or base64 (PKCS#8, PKCS#1, SEC1), a JWK, or the bytes of an Ed25519 key.
    #[arg(long, value_name = "FILE", help_heading = "Key")]
    pub(super) private_key: Option<PathBuf>,

    /// The file with the secret; a further secret of the scheme as NAME=FILE. May be repeated.
    #[arg(long, value_name = "[NAME=]FILE", help_heading = "Key")]
    pub(super) secret: Vec<String>,

    /// Certificates in PEM, from that of the private key to the root: for schemes whose callbacks bring them.
    #[arg(
        long,
        value_name = "FILE",
        requires = "private_key",
        help_heading = "Key"
    )]
    pub(super) certificate: Option<PathBuf>,

    /// What the callback calls the key. With `-c`, also which of the route's secrets signs.
    #[arg(long, value_name = "ID", help_heading = "Key")]
    pub(super) key_id: Option<String>,

    /// The URL that the provider calls: of it come the target, the `Host`, and what a scheme signs of the URL.
    #[arg(long, value_name = "URL", help_heading = "Request")]
    pub(super) url: Option<String>,

    /// The method [default: POST].
    #[arg(long, value_name = "METHOD", help_heading = "Request")]
    pub(super) method: Option<String>,

    /// A header. May be repeated.
    #[arg(
        short = 'H',
        long,
        value_name = "NAME: VALUE",
        help_heading = "Request"
    )]
    pub(super) header: Vec<String>,

    /// The file with the body, which is sent as it is; `-` reads standard input.
    #[arg(long, value_name = "FILE", help_heading = "Request")]
    pub(super) body: Option<PathBuf>,

    /// A field of the body, added in the format that the scheme reads: a member of JSON, a field of a form,
    /// an element of XML. NAME:=VALUE is a value in JSON. May be repeated.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Request")]
    pub(super) field: Vec<String>,

    /// The body is a form, whatever the scheme reads.
    #[arg(long, help_heading = "Request")]
    pub(super) form: bool,

    /// The claims of a JWS that holds them: a file with a JSON object; `-` reads standard input.
    #[arg(long, value_name = "FILE", help_heading = "Request")]
    pub(super) claims: Option<PathBuf>,

    /// When it is signed: RFC 3339, Unix seconds, or from now (`-10m`, `+1h`) [default: the time in the
    /// request, else now].
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Request"
    )]
    pub(super) at: Option<Moment>,

    /// The nonce [default: the one in the request, else a random one].
    #[arg(long, value_name = "TEXT", help_heading = "Request")]
    pub(super) nonce: Option<String>,
}
