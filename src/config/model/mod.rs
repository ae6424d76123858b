//! The runtime types: what a checked configuration is.

mod log;
mod route;
mod upstream;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;

use super::limits::{ConnectionLimits, DecryptLimits};
use super::listen_address::ListenAddress;
use super::listener_tls::ListenerTls;
use super::networks::Networks;
use crate::once::OnceSettings;

pub use self::log::{Destination, Log, LogFormat, Syslog, SyslogServer};
pub use route::{FieldHeader, HostPattern, PathPattern, Retry, Route, SignedTarget};
pub use upstream::*;

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
    pub once: Option<OnceSettings>,
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
    pub tls: Option<ListenerTls>,
}

/// Where health, metrics and status are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// The address.
    pub address: ListenAddress,
    /// Who may connect to a Unix socket, as the mode of its file.
    pub mode: u32,
}
