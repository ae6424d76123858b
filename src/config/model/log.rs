//! Where logs go and how they look.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::access_format::AccessFormat;

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
