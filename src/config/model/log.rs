//! Log settings.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::access_format::AccessFormat;

/// Log settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// Where the access log goes.
    pub access: Destination,
    /// The format of the error log.
    pub format: AccessFormat,
    /// The share of successful requests that is logged, 0 to 1.
    pub sample_success: f64,
    /// Where the error log goes; never off.
    pub error: Destination,
    /// The least severe level of the proxy's own lines.
    pub level: log::LevelFilter,
    /// The least severe level of the libraries' lines.
    pub library_level: log::LevelFilter,
    /// The format of the error log.
    pub error_format: LogFormat,
    /// The file of the audit log, if it is set, or the error log is a file.
    pub audit: Option<PathBuf>,
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
    /// This file, which is created if necessary.
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

/// How to send lines to a syslog server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syslog {
    /// The server.
    pub server: SyslogServer,
    /// The number of the facility (RFC 5424, section 6.2.1).
    pub facility: u8,
    /// The severity of lines that have none of their own.
    pub severity: log::Level,
    /// The tag of the lines.
    pub tag: String,
    /// Whether lines contain this machine's name.
    pub hostname: bool,
}

/// The address of a syslog server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyslogServer {
    /// This Unix datagram socket.
    Unix(PathBuf),
    /// This UDP address.
    Udp(SocketAddr),
}

/// The format of the error log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: `key=value`.
    Text,
    /// One JSON object per line.
    Json,
}
