//! Which Redis, and how it is spoken to.

use std::fmt;
use std::time::Duration;

use redis::{ConnectionAddr, IntoConnectionInfo as _};

/// Which Redis, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisSettings {
    /// What the servers are.
    pub mode: Mode,
    /// Their URLs, without secrets. At least one, and one only where there is one server.
    pub servers: Vec<String>,
    /// The user, where it is not the default one.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// The password of the sentinels.
    pub sentinel_password: Option<Secret>,
    /// What TLS needs beside what the system trusts.
    pub tls: TlsFiles,
    /// What the keys begin with.
    pub prefix: String,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long an operation may take, with all that belongs to it.
    pub timeout: Duration,
}

/// What the servers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One server.
    Single,
    /// Sentinels, which know the server of this name.
    Sentinel(String),
    /// Some nodes of a cluster.
    Cluster,
}

/// What TLS needs beside what the system trusts: PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificates of those who may issue the servers'.
    pub ca: Option<Vec<u8>>,
    /// Our own certificate and its key.
    pub client: Option<(Vec<u8>, Secret)>,
}

/// What no log may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// Whether this is a server's URL, without secrets, and with TLS that is worth the name.
///
/// # Errors
/// With what is wrong with it.
pub fn check_server(url: &str) -> Result<(), String> {
    let info = url
        .into_connection_info()
        .map_err(|_| "it is no URL of a Redis server".to_owned())?;
    let redis = info.redis_settings();
    if redis.password().is_some() || redis.username().is_some() {
        return Err("it holds a name or a password, which logs would show".to_owned());
    }
    if matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. }) {
        return Err("it switches off what TLS is for".to_owned());
    }
    Ok(())
}
