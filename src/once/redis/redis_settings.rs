//! Which Redis servers to use, and how.

use std::fmt;
use std::time::Duration;

use redis::{ConnectionAddr, IntoConnectionInfo as _};

/// Which Redis servers to use, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisSettings {
    /// The kind of deployment.
    pub mode: Mode,
    /// Their URLs, without secrets. At least one, and exactly one for a single server.
    pub servers: Vec<String>,
    /// The user, if it is not the default one.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Password>,
    /// The password of the sentinels.
    pub sentinel_password: Option<Password>,
    /// TLS settings beyond the system's trust store.
    pub tls: TlsFiles,
    /// The prefix of the keys.
    pub prefix: String,
    /// The time limit for connecting.
    pub connect_timeout: Duration,
    /// The time limit for an operation, including connecting and retrying.
    pub timeout: Duration,
}

/// The kind of deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One server.
    Single,
    /// Sentinels, which know the server with this name.
    Sentinel(String),
    /// Some nodes of a cluster.
    Cluster,
}

/// TLS settings beyond the system's trust store, in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificates of the authorities that may issue the servers' certificates.
    pub ca: Option<Vec<u8>>,
    /// The client certificate and its key.
    pub client: Option<(Vec<u8>, Password)>,
}

/// A value that must not be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// Checks that this is the URL of a server, without secrets, and does not weaken TLS.
///
/// # Errors
/// With what is wrong.
pub fn check_server(url: &str) -> Result<(), String> {
    let info = url
        .into_connection_info()
        .map_err(|_| "not the URL of a Redis server".to_owned())?;
    let redis = info.redis_settings();
    if redis.password().is_some() || redis.username().is_some() {
        return Err("it contains a name or a password, which logs would show".to_owned());
    }
    if matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. }) {
        return Err("it disables the protection of TLS".to_owned());
    }
    Ok(())
}
