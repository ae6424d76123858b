//! Servers behind the proxy, and how to connect to them.

use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use crate::config::no_certificate::NoCertificate;

/// Where verified callbacks go.
#[derive(Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Its name in logs.
    pub name: String,
    /// What answers.
    pub target: UpstreamTarget,
    /// The Host that its servers get.
    pub host: SentHost,
    /// Which server is next.
    pub balance: Balance,
    /// How many servers a callback is tried on at most; `None`: all.
    pub tries: Option<u32>,
    /// How long further servers are tried; zero: without limit.
    pub retry_timeout: Duration,
    /// The time limit for a new connection.
    pub connect_timeout: Duration,
    /// The time limit for the answer's header, and for each further part of it.
    pub read_timeout: Duration,
    /// The time limit for sending the request.
    pub write_timeout: Duration,
    /// How long an idle connection is kept; zero: not at all.
    pub keepalive: Duration,
    /// The health checks of its servers, if there are any.
    pub health_check: Option<HealthCheck>,
    /// How often names are resolved again; zero: never.
    pub resolve: Duration,
}

/// The Host that servers get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentHost {
    /// The client's.
    Client,
    /// The server's own.
    Server,
    /// This one.
    Name(String),
}

/// How servers are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// What a check does.
    pub probe: Probe,
    /// The time between two checks.
    pub interval: Duration,
    /// The time limit of a check.
    pub timeout: Duration,
    /// How many checks in a row must pass before an unfit server counts as fit. At least 1.
    pub rises: u32,
    /// How many checks in a row must fail before a fit server counts as unfit. At least 1.
    pub falls: u32,
}

/// What a health check does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It connects, with TLS if the server uses it.
    Connect,
    /// It sends a GET request.
    Http {
        /// Its target.
        path: String,
        /// The statuses that pass.
        status: RangeInclusive<u16>,
        /// Its Host; `None`: the server's.
        host: Option<String>,
        /// Its further headers.
        headers: Vec<(HeaderName, HeaderValue)>,
    },
}

/// What answers for an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamTarget {
    /// The built-in echo: 200, and as JSON what a backend would have received.
    Echo,
    /// These servers; the next one if a connection fails. At least one.
    Servers(Vec<UpstreamServer>),
}

/// Which server is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// Each in turn, by weight.
    RoundRobin,
    /// The one with the fewest requests in flight relative to its weight.
    LeastConn,
    /// The one that the client's address selects.
    IpHash,
}

/// One server of an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamServer {
    /// As configured, for logs.
    pub name: String,
    /// Where it is.
    pub endpoint: Endpoint,
    /// Its weight. At least 1.
    pub weight: u32,
    /// Whether it gets callbacks only if no other server does.
    pub backup: bool,
    /// Whether it gets no callbacks.
    pub down: bool,
    /// This many failures within `fail_timeout` take it out; 0: none do.
    pub max_fails: u32,
    /// How long it stays out.
    pub fail_timeout: Duration,
    /// TLS to this server; `None`: plain HTTP.
    pub tls: Option<ServerTls>,
}

/// TLS to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTls {
    /// The trusted authorities and the TLS settings.
    pub config: TlsConfig,
    /// The name that its certificate must be for; also sent as SNI, if it is a host name.
    pub name: ServerName<'static>,
}

/// TLS settings, which are equal only to themselves.
#[derive(Clone)]
pub struct TlsConfig {
    /// For handshakes.
    pub handshakes: Arc<ClientConfig>,
    /// In place of a client certificate in these handshakes.
    pub certificate: Arc<NoCertificate>,
}

impl PartialEq for TlsConfig {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.handshakes, &other.handshakes)
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
    /// Host and port; each address counts as a server of its own.
    Inet {
        /// Host and port, if the host is a name.
        host: Option<String>,
        /// Resolved when the configuration was read. None if the name has no address yet.
        addresses: Vec<SocketAddr>,
    },
    /// A Unix socket.
    Unix(PathBuf),
}
