//! A Redis server, as its URL describes it.
//!
//! The URLs are those that the `redis` crate takes, except that they hold no secret and do not
//! weaken TLS. They are parsed here and nowhere else: what was checked is what is connected to.

use std::borrow::Cow;
use std::path::PathBuf;
use std::str::FromStr;

use url::{Host, Url};

const DEFAULT_PORT: u16 = 6379;

/// A server, a sentinel, or a node of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisServer {
    pub(super) address: RedisAddress,
    /// The number of the database.
    pub(super) database: i64,
    /// Whether to speak RESP3, not RESP2.
    pub(super) resp3: bool,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RedisAddress {
    Tcp { host: String, port: u16, tls: bool },
    Unix(PathBuf),
}

/// Why a text is not a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedisUrlError {
    /// It is something else.
    #[error("not the URL of a Redis server")]
    Other,
    /// It names a user, or has a password.
    #[error("it contains a name or a password, which logs would show")]
    Secret,
    /// It asks for TLS that accepts any certificate.
    #[error("it disables the protection of TLS")]
    Insecure,
}

impl RedisServer {
    pub(super) const fn uses_tls(&self) -> bool {
        matches!(self.address, RedisAddress::Tcp { tls: true, .. })
    }

    pub(super) const fn is_socket(&self) -> bool {
        matches!(self.address, RedisAddress::Unix(_))
    }
}

impl FromStr for RedisServer {
    type Err = RedisUrlError;

    fn from_str(text: &str) -> Result<Self, RedisUrlError> {
        let url = Url::parse(text).map_err(|_| RedisUrlError::Other)?;
        match url.scheme() {
            "redis" | "valkey" => over_tcp(&url, false),
            "rediss" | "valkeys" => over_tcp(&url, true),
            "unix" | "redis+unix" | "valkey+unix" => over_socket(&url),
            _ => Err(RedisUrlError::Other),
        }
    }
}

fn over_tcp(url: &Url, tls: bool) -> Result<RedisServer, RedisUrlError> {
    let host = match url.host().ok_or(RedisUrlError::Other)? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    // Addresses to listen on, not to connect to.
    if matches!(host.as_str(), "0.0.0.0" | "::") {
        return Err(RedisUrlError::Other);
    }
    let database = match url.path().trim_matches('/') {
        "" => 0,
        number => number.parse().map_err(|_| RedisUrlError::Other)?,
    };
    let resp3 = is_resp3(url)?;
    let fragment = url.fragment().filter(|_| tls);
    if fragment.is_some_and(|fragment| fragment != "insecure") {
        return Err(RedisUrlError::Other);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedisUrlError::Secret);
    }
    if fragment.is_some() {
        return Err(RedisUrlError::Insecure);
    }
    let port = url.port().unwrap_or(DEFAULT_PORT);
    Ok(RedisServer {
        address: RedisAddress::Tcp { host, port, tls },
        database,
        resp3,
    })
}

fn over_socket(url: &Url) -> Result<RedisServer, RedisUrlError> {
    let path = url.to_file_path().map_err(|()| RedisUrlError::Other)?;
    let database = match parameter(url, "db") {
        None => 0,
        Some(number) => number.parse().map_err(|_| RedisUrlError::Other)?,
    };
    let resp3 = is_resp3(url)?;
    if parameter(url, "user").is_some() || parameter(url, "pass").is_some() {
        return Err(RedisUrlError::Secret);
    }
    Ok(RedisServer {
        address: RedisAddress::Unix(path),
        database,
        resp3,
    })
}

fn is_resp3(url: &Url) -> Result<bool, RedisUrlError> {
    match parameter(url, "protocol").as_deref() {
        None | Some("2" | "resp2") => Ok(false),
        Some("3" | "resp3") => Ok(true),
        Some(_) => Err(RedisUrlError::Other),
    }
}

/// The last value of a parameter in the query.
fn parameter<'u>(url: &'u Url, name: &str) -> Option<Cow<'u, str>> {
    let named = url.query_pairs().filter(|(key, _)| key == name);
    named.last().map(|(_, value)| value)
}
