//! The arguments of `countersign explain`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::signer::moment_arg::unix_seconds;

/// The arguments of `countersign explain`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct ExplainArgs {
    /// The request: a file, or `-`. It is one of HTTP/1, a HAR file, or a `curl` command line, told by how it begins.
    #[arg(value_name = "REQUEST", required_unless_present = "id")]
    pub(super) request: Option<PathBuf>,

    /// A request that the running process captured, by its `id` in the access log or the beginning of it.
    #[arg(long, value_name = "ID", conflicts_with_all = ["request", "body", "entry", "files"])]
    pub(super) id: Option<String>,

    /// The control socket of the running process [default: as the configuration says].
    #[arg(long, value_name = "SOCKET", requires = "id")]
    pub(super) control: Option<PathBuf>,

    /// The file with the body; REQUEST then has the header only.
    #[arg(long, value_name = "FILE")]
    pub(super) body: Option<PathBuf>,

    /// The entry of a HAR file, counted from 1.
    #[arg(long, value_name = "N")]
    pub(super) entry: Option<usize>,

    /// Read the files that a curl command names with `@`.
    #[arg(long)]
    pub(super) files: bool,

    /// The configuration with the routes and keys [default: conf/countersign.toml if it exists, otherwise
    /// /etc/countersign/countersign.toml].
    #[arg(short, long, value_name = "FILE", conflicts_with = "scheme")]
    pub(super) config: Option<PathBuf>,

    /// Override a key of the configuration, as without a command.
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "scheme")]
    pub(super) set: Vec<String>,

    /// A scheme in place of a configuration: the name of one that comes with the program, or a file with one
    /// (`FILE#NAME` if it has several).
    #[arg(long, value_name = "NAME|FILE", requires = "key")]
    pub(super) scheme: Option<String>,

    /// A file with a key or a secret for the scheme. May be repeated. A line end at the end of a secret is left out.
    #[arg(long, value_name = "FILE", requires = "scheme")]
    pub(super) key: Vec<PathBuf>,

    /// A further secret for schemes that sign with several: its name, and a file with it. May be repeated.
    #[arg(long, value_name = "NAME=FILE", requires = "scheme", value_parser = named)]
    pub(super) secret: Vec<(String, String)>,

    /// A constant of the scheme. May be repeated.
    #[arg(long, value_name = "NAME=VALUE", requires = "scheme", value_parser = named)]
    pub(super) value: Vec<(String, String)>,

    /// The URL that the provider called, for schemes that sign it.
    #[arg(long, value_name = "URL", requires = "scheme")]
    pub(super) public_url: Option<String>,

    /// When the request came: seconds since 1970, a time like 2026-01-02T03:04:05Z, or -10m [default: now].
    #[arg(long, value_name = "TIME", value_parser = unix_seconds)]
    pub(super) at: Option<i64>,

    /// If none of the usual causes fits, try up to N variations: two changes at once, and changes to the scheme.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "100000")]
    pub(super) search: Option<usize>,

    /// Show long texts whole.
    #[arg(long)]
    pub(super) full: bool,

    /// Print a JSON object: `verdict`, `diagnosis`, `steps` and more.
    #[arg(long)]
    pub(super) json: bool,

    /// Show secrets: on a terminal, and with a key file of your own (`--key`) only.
    #[arg(long)]
    pub(super) reveal: bool,
}

/// `NAME=VALUE`.
fn named(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
