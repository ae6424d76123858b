//! Servers behind the proxy, and how they are spoken to.

use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

/// Where verified callbacks go.
#[derive(Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Its name in logs.
    pub name: String,
    /// What answers.
    pub target: UpstreamTarget,
    /// Which server is next.
    pub balance: Balance,
    /// The most a new connection may take.
    pub connect_timeout: Duration,
    /// The longest wait for the answer's header, and for each further part of it.
    pub read_timeout: Duration,
    /// The longest that sending the request may take.
    pub write_timeout: Duration,
    /// How long an idle connection is kept; zero: not at all.
    pub keepalive: Duration,
    /// How its servers are checked, if they are.
    pub health_check: Option<HealthCheck>,
    /// How often names are looked up again; zero: never.
    pub resolve: Duration,
}

/// How servers are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// What is tried.
    pub probe: Probe,
    /// From one check to the next.
    pub interval: Duration,
    /// The longest that one may take.
    pub timeout: Duration,
    /// How many in a row must pass before an unfit server counts as fit. At least 1.
    pub rises: u32,
    /// How many in a row must fail before a fit server counts as unfit. At least 1.
    pub falls: u32,
}

/// What a health check tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A connection, with TLS where the server has it.
    Connect,
    /// A GET request.
    Http {
        /// Its target.
        path: String,
        /// The answers that pass.
        status: RangeInclusive<u16>,
    },
}

/// What answers for an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamTarget {
    /// The built-in echo: 200, and as JSON what a backend would have received.
    Echo,
    /// These servers; the next one when a connection cannot be made. At least one.
    Servers(Vec<UpstreamServer>),
}

/// Which server is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// Each in turn, by weight.
    RoundRobin,
    /// The one with the fewest requests in flight for its weight.
    LeastConn,
    /// The one that belongs to the client's address.
    IpHash,
}

/// One server of an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamServer {
    /// As configured, for logs.
    pub name: String,
    /// Where it is.
    pub endpoint: Endpoint,
    /// Its share. At least 1.
    pub weight: u32,
    /// Whether it gets callbacks only where no other server does.
    pub backup: bool,
    /// Whether it gets none.
    pub down: bool,
    /// So many failures within `fail_timeout` take it out; 0: none do.
    pub max_fails: u32,
    /// How long it is then out.
    pub fail_timeout: Duration,
    /// How TLS is spoken with it; `None`: plain HTTP.
    pub tls: Option<ServerTls>,
}

/// How TLS is spoken with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTls {
    /// What is trusted, and how.
    pub config: TlsConfig,
    /// Whom its certificate must be for; also what the server is asked for (SNI), if a host name.
    pub name: ServerName<'static>,
}

/// The settings of TLS, which are equal only to themselves.
#[derive(Clone)]
pub struct TlsConfig(pub Arc<ClientConfig>);

impl PartialEq for TlsConfig {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for TlsConfig {}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConfig")
    }
}

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Host and port; each address is a server of its own.
    Inet {
        /// Host and port, where the host is a name.
        host: Option<String>,
        /// Resolved when the configuration was read. At least one.
        addresses: Vec<SocketAddr>,
    },
    /// A Unix socket.
    Unix(PathBuf),
}
