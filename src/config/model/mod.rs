//! The runtime types of a checked configuration.

mod log;
mod report_period;
mod route;
mod scheme_about;
mod scheme_case;
mod upstream;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;

use super::limits::{ConnectionLimits, DecryptLimits};
use super::listen_address::ListenAddress;
use super::listener_tls::ListenerTls;
use super::networks::Networks;
use crate::capture::CaptureSettings;
use crate::once::OnceSettings;

pub use self::log::{Destination, Log, LogFormat, Syslog, SyslogServer};
pub use report_period::ReportMode;
pub use route::{
    CoverageHeaders, FieldHeader, HostPattern, PathPattern, Retry, Route, SignedTarget,
};
pub use scheme_about::{Confidence, Evidence, SchemeAbout, ShippedScheme};
pub use scheme_case::{ExpectedVerdict, SchemeCase, TestedScheme};
pub use upstream::*;

/// A complete, checked configuration: all of its parts fit together.
#[derive(Debug)]
pub struct Config {
    /// The number of threads that serve each listener.
    pub workers: usize,
    /// Whether a change of a file that was read triggers a reload.
    pub watch: bool,
    /// How long requests in flight may take to finish after a stop signal.
    pub shutdown_timeout: Duration,
    /// The path of the pid file.
    pub pid_file: Option<PathBuf>,
    /// Whether the process runs in the background.
    pub daemon: bool,
    /// The user that the process switches to once it listens.
    pub user: Option<String>,
    /// The group that it switches to; by default the user's own.
    pub group: Option<String>,
    /// Peers whose `X-Forwarded-*` and original-target headers are trusted.
    pub trusted_proxies: Networks,
    /// The header in which trusted proxies report the client.
    pub client_ip_header: HeaderName,
    /// The prefix of the verified headers' names, such as `X-Verified-`.
    pub header_prefix: String,
    /// Where logs go.
    pub log: Log,
    /// The most bytes of bodies held at once, over all requests.
    pub buffer_limit: usize,
    /// The limits on concurrent connections.
    pub connections: ConnectionLimits,
    /// The limit on requests in flight, over all routes.
    pub in_flight: Option<usize>,
    /// The store of remembered callbacks, if any route needs it.
    pub once: Option<OnceSettings>,
    /// The limits on concurrent decryption.
    pub decrypt: DecryptLimits,
    /// The time limits for clients.
    pub timeouts: ClientTimeouts,
    /// Where to listen. At least one.
    pub listeners: Vec<Listener>,
    /// Where health, metrics and status are served, if anywhere.
    pub admin: Option<Admin>,
    /// Where commands ask the running process, if anywhere.
    pub control: Option<Control>,
    /// Which rejected requests are captured, if any.
    pub capture: Option<CaptureSettings>,
    /// The routes, in file order. At least one; no two match the same requests equally.
    pub routes: Vec<Arc<Route>>,
    /// Whether a secret was read for it.
    pub(super) secrets: bool,
    /// The keys whose secret is a file without the line end at its end.
    pub(super) line_ends_cut: Vec<String>,
    /// The schemes of the operator's that take the place of shipped ones.
    pub(super) replaced_schemes: Vec<String>,
}

impl Config {
    /// The ids of the keys whose secret is a file's contents without the line end at its end.
    #[must_use]
    pub fn line_ends_cut(&self) -> &[String] {
        &self.line_ends_cut
    }

    /// The schemes of the operator's that take the place of those with the same names in the catalogue.
    #[must_use]
    pub fn replaced_schemes(&self) -> &[String] {
        &self.replaced_schemes
    }

    /// Whether the process holds secrets for it: private TLS keys, decryption keys, providers'
    /// secrets, passwords of stores.
    #[must_use]
    pub const fn holds_secrets(&self) -> bool {
        self.secrets
    }

    /// Whether nothing that shows the process's memory may leave it: it holds secrets, or requests.
    #[must_use]
    pub const fn is_confidential(&self) -> bool {
        self.secrets || self.capture.is_some()
    }
}

/// A body of up to this size, in bytes, is small; nearly every callback is.
pub const SMALL_BODY: usize = 64 << 10;

/// How much of the buffer may be in use, including a new body of this size: a quarter is reserved
/// for small bodies, so that a flood of large ones does not keep them out. All in bytes.
#[must_use]
pub fn room_in_buffer(buffer: usize, body: usize) -> usize {
    if body > SMALL_BODY {
        buffer.saturating_sub(buffer / 4)
    } else {
        buffer
    }
}

/// The time limits for each part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// From the first byte of a request to the end of its header.
    pub header: Duration,
    /// The complete body, in total.
    pub body: Duration,
    /// The minimum rate of a header or a body, in bytes per second, if there is one.
    pub min_rate: Option<u32>,
    /// Between two requests on a connection.
    pub keepalive: Duration,
    /// Each write of the answer.
    pub write: Duration,
    /// The decryption of a callback, including the wait for its turn.
    pub decrypt: Duration,
}

/// One listening socket.
#[derive(Clone, Debug)]
pub struct Listener {
    /// The address.
    pub address: ListenAddress,
    /// The mode of a Unix socket's file, which limits who may connect.
    pub mode: u32,
    /// Whether HTTP/2 is supported in addition to HTTP/1.1: with ALPN over TLS, or in clear text
    /// with prior knowledge.
    pub http2: bool,
    /// Whether each connection starts with a PROXY protocol header.
    pub proxy_protocol: bool,
    /// The path of its own health check, which no route matches.
    pub health: Option<String>,
    /// TLS settings; `None` for clear text.
    pub tls: Option<ListenerTls>,
}

/// Where commands ask the running process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The file of the Unix socket.
    pub socket: PathBuf,
    /// The file of the audit log.
    pub audit: PathBuf,
}

/// Where health, metrics and status are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// The address.
    pub address: ListenAddress,
    /// The mode of a Unix socket's file, which limits who may connect.
    pub mode: u32,
}
