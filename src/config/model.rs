//! The runtime types: what a checked configuration is.

use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, Method};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::access_format::AccessFormat;
use super::address::ListenAddress;
use super::limits::{ConnectionLimits, DecryptLimits, RateLimit};
use super::networks::{Access, Networks};
use super::tls::Tls;
use crate::decrypt;
use crate::once;
use crate::success::SuccessRule;
use crate::verify::VerifyPolicy;
use crate::verify::body::FieldPath;

/// A whole configuration, checked: whatever is here works together.
#[derive(Debug)]
pub struct Config {
    /// Threads that serve each listener.
    pub workers: usize,
    /// Whether a change of a file that was read asks for a reload.
    pub watch: bool,
    /// How long requests in flight may take to end after a stop signal.
    pub shutdown_timeout: Duration,
    /// Where the process writes its id.
    pub pid_file: Option<PathBuf>,
    /// Whether the process goes into the background.
    pub daemon: bool,
    /// Whom the process becomes once it listens.
    pub user: Option<String>,
    /// The group that goes with it; without it, the user's own.
    pub group: Option<String>,
    /// Peers whose `X-Forwarded-*` and original-target headers are believed.
    pub trusted_proxies: Networks,
    /// The header in which trusted proxies say who called them.
    pub client_ip_header: HeaderName,
    /// What the names of the verified headers begin with, such as `X-Verified-`.
    pub header_prefix: String,
    /// Where logs go.
    pub log: Log,
    /// The most body bytes held at once, over all requests.
    pub buffer_limit: usize,
    /// How many connections there may be at once.
    pub connections: ConnectionLimits,
    /// How many requests may be in flight at once, over all routes.
    pub in_flight: Option<usize>,
    /// Where callbacks are remembered, if any route wants it.
    pub once: Option<once::OnceSettings>,
    /// How much may be decrypted at once.
    pub decrypt: DecryptLimits,
    /// How long clients may take.
    pub timeouts: ClientTimeouts,
    /// Where to listen. At least one.
    pub listeners: Vec<Listener>,
    /// Where health, metrics and status are shown, if anywhere.
    pub admin: Option<Admin>,
    /// The routes, in the order of the files. At least one; no two match the same requests equally.
    pub routes: Vec<Arc<Route>>,
    /// Whether a secret was read for it.
    pub(super) secrets: bool,
}

impl Config {
    /// Whether the process holds secrets for it: private keys of TLS, keys for decryption, passwords
    /// of stores. Nothing that shows its memory may then leave it.
    #[must_use]
    pub const fn holds_secrets(&self) -> bool {
        self.secrets
    }
}

/// Up to this size, in bytes, a body is small; nearly every callback is.
pub const SMALL_BODY: usize = 64 << 10;

/// How much of the buffer a body of that size may find full of others and itself: a quarter is for
/// small bodies, so that a flood of large ones does not keep them out. All in bytes.
#[must_use]
pub fn room_in_buffer(buffer: usize, body: usize) -> usize {
    if body > SMALL_BODY {
        buffer.saturating_sub(buffer / 4)
    } else {
        buffer
    }
}

/// Where logs go and how they look.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// Where the access log goes.
    pub access: Destination,
    /// How it looks.
    pub format: AccessFormat,
    /// Which part of the lines of successful requests it has, 0 to 1.
    pub sample_success: f64,
    /// Where the error log goes; never off.
    pub error: Destination,
    /// The least severe line of the proxy's own that it has.
    pub level: log::LevelFilter,
    /// The least severe line of the libraries that the proxy is made of.
    pub library_level: log::LevelFilter,
    /// How it looks.
    pub error_format: LogFormat,
}

/// Where a log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Nowhere.
    Off,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// This file, which is made if need be.
    File(PathBuf),
    /// A syslog server.
    Syslog(Syslog),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Stdout => f.write_str("stdout"),
            Self::Stderr => f.write_str("stderr"),
            Self::File(path) => path.display().fmt(f),
            Self::Syslog(syslog) => match &syslog.server {
                SyslogServer::Unix(path) => write!(f, "syslog at {}", path.display()),
                SyslogServer::Udp(address) => write!(f, "syslog at {address}"),
            },
        }
    }
}

/// How a syslog server is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syslog {
    /// The server.
    pub server: SyslogServer,
    /// The number of the facility (RFC 5424, section 6.2.1).
    pub facility: u8,
    /// The severity of lines that have none of their own.
    pub severity: log::Level,
    /// What lines are filed under.
    pub tag: String,
    /// Whether lines name this machine.
    pub hostname: bool,
}

/// Where a syslog server takes lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyslogServer {
    /// At this Unix datagram socket.
    Unix(PathBuf),
    /// At this UDP address.
    Udp(SocketAddr),
}

/// How lines of the error log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: `key=value`.
    Text,
    /// One JSON object a line.
    Json,
}

/// How long a client may take over each part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// From the first byte of a request to the end of its header.
    pub header: Duration,
    /// The whole body, in total.
    pub body: Duration,
    /// The least bytes a second of a header or a body, if that is limited.
    pub min_rate: Option<u32>,
    /// Between two requests of one connection.
    pub keepalive: Duration,
    /// Each write of the answer.
    pub write: Duration,
    /// The decryption of a callback, with the wait for its turn.
    pub decrypt: Duration,
}

/// One listening socket.
#[derive(Clone, Debug)]
pub struct Listener {
    /// The address.
    pub address: ListenAddress,
    /// Who may connect to a Unix socket, as the mode of its file.
    pub mode: u32,
    /// Whether HTTP/2 is spoken beside HTTP/1.1: as the client asks by ALPN over TLS, in clear text
    /// with prior knowledge.
    pub http2: bool,
    /// Whether each connection begins with a header of the PROXY protocol.
    pub proxy_protocol: bool,
    /// TLS, unless it is clear text.
    pub tls: Option<Tls>,
}

/// Where health, metrics and status are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// The address.
    pub address: ListenAddress,
    /// Who may connect to a Unix socket, as the mode of its file.
    pub mode: u32,
}

/// What requests it takes, how they are verified, and where they go.
#[derive(Debug)]
pub struct Route {
    /// Its name in logs and verified headers.
    pub name: Arc<str>,
    /// The hosts it answers for.
    pub host: HostPattern,
    /// The paths it answers for.
    pub path: PathPattern,
    /// The methods it takes. At least one.
    pub methods: Vec<Method>,
    /// Scheme, keys and freshness.
    pub policy: VerifyPolicy,
    /// What of a verified callback is decrypted, if anything.
    pub decrypt: Option<decrypt::DecryptPolicy>,
    /// What the provider called, where a front proxy rewrote the target.
    pub signed_target: SignedTarget,
    /// Body fields handed to the backend as headers.
    pub fields: Vec<FieldHeader>,
    /// The headers of a callback that its backend gets, beside Content-Type and those that are read here;
    /// `None`: all.
    pub forward_headers: Option<Vec<HeaderName>>,
    /// Where verified callbacks go.
    pub upstream: Arc<Upstream>,
    /// Who may call.
    pub access: Access,
    /// How often it may be called; each of these counts.
    pub rate_limits: Vec<RateLimit>,
    /// How many of its requests may be in flight at once.
    pub in_flight: Option<usize>,
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// Whether a refusal tells the client its reason.
    pub expose_reason: bool,
    /// Which of the backend's answers are a success.
    pub success: SuccessRule,
    /// Whether any success of the backend is answered as 200.
    pub success_as_200: bool,
    /// Whether its requests appear in the access log.
    pub access_log: bool,
    /// After what the next server gets the callback.
    pub retry: Retry,
    /// How repeats are recognised; `None`: they are not.
    pub once: Option<once::OncePolicy>,
}

impl Route {
    /// The headers that are read to verify and decrypt, in no order; perhaps some of them twice.
    pub fn read_headers(&self) -> impl Iterator<Item = &HeaderName> {
        let decrypt = self.decrypt.iter();
        self.policy
            .headers()
            .chain(decrypt.filter_map(|policy| policy.keys.header()))
    }

    /// Whether a header of that name is one of them.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        let is_it = |read: &HeaderName| read.as_str().eq_ignore_ascii_case(name);
        self.read_headers().any(is_it)
    }

    /// Whether its backend gets a header that a client may send.
    #[must_use]
    pub fn forwards(&self, name: &str) -> bool {
        let Some(forwarded) = &self.forward_headers else {
            return true;
        };
        let is_it = |listed: &HeaderName| listed.as_str().eq_ignore_ascii_case(name);
        name.eq_ignore_ascii_case("content-type") || forwarded.iter().any(is_it) || self.reads(name)
    }
}

/// Which hosts a route answers for. Host names are lower-case and without port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// Every host.
    Any,
    /// `*.example.com`, held as `.example.com`: any host that ends so.
    Suffix(String),
    /// This host.
    Exact(String),
}

/// Which paths a route answers for, compared as bytes, percent-encoding untouched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathPattern {
    /// Every path that begins so.
    Prefix(String),
    /// This path.
    Exact(String),
}

/// What the provider called, where a front proxy rewrote the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedTarget {
    /// The target as received.
    AsReceived,
    /// This text, then the target as received.
    Prefixed(String),
    /// The value of this header, from a trusted peer only.
    FromHeader(HeaderName),
}

/// A body field handed to the backend as a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldHeader {
    /// The header, spelled as the operator did.
    pub header: String,
    /// The field.
    pub field: FieldPath,
}

/// After what the next server gets a callback that one could not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// No connection came about; the server does not have the callback.
    pub connect: bool,
    /// The connection broke, or the answer was malformed: the server may have acted on it.
    pub error: bool,
    /// The answer took too long: the server may act on it.
    pub timeout: bool,
}

impl Retry {
    /// Whether a server may get a callback that another one may have.
    #[must_use]
    pub const fn is_after_sending(self) -> bool {
        self.error || self.timeout
    }
}

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
    Servers(Vec<Server>),
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
pub struct Server {
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

/// Where a server is.
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
