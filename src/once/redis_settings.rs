//! Which Redis servers to use, and how.

use std::fmt;
use std::time::Duration;

use super::redis_server::RedisServer;

/// Which Redis servers to use, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisSettings {
    /// The kind of deployment.
    pub mode: Mode,
    /// At least one, and exactly one for a single server.
    pub servers: Vec<RedisServer>,
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

/// Why servers cannot be used together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DifferentServers {
    /// With and without TLS.
    #[error("some use TLS, and some do not")]
    Tls,
    /// A node of a cluster on a Unix socket.
    #[error("a cluster reports its nodes by address and port, so none of them is on a Unix socket")]
    Socket,
    /// Different versions of the protocol.
    #[error("they have different values of `protocol`")]
    Protocol,
    /// Different databases.
    #[error("they have different databases")]
    Database,
}

/// Checks that one client can use all these servers.
///
/// # Errors
/// With what they do not have in common.
pub fn check_together(mode: &Mode, servers: &[RedisServer]) -> Result<(), DifferentServers> {
    let Some(first) = servers.first() else {
        return Ok(());
    };
    let any = |differs: &dyn Fn(&RedisServer) -> bool| servers.iter().any(differs);
    if any(&|server| server.uses_tls() != first.uses_tls()) {
        return Err(DifferentServers::Tls);
    }
    if *mode != Mode::Cluster {
        return Ok(());
    }
    if any(&RedisServer::is_socket) {
        return Err(DifferentServers::Socket);
    }
    if any(&|server| server.resp3 != first.resp3) {
        return Err(DifferentServers::Protocol);
    }
    // Without a number, a node has that of the first one.
    if any(&|server| server.database != 0 && server.database != first.database) {
        return Err(DifferentServers::Database);
    }
    Ok(())
}
