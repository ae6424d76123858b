//! A syslog server, in nginx's syntax: `syslog:server=unix:/dev/log,facility=local7`.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use log::Level;

use crate::config::model::{Syslog, SyslogServer};
use crate::config::reader::{Text, quote, similar};

/// In the order of their numerical codes (RFC 5424, section 6.2.1).
const FACILITIES: &[&str] = &[
    "kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news", "uucp", "clock", "authpriv",
    "ftp", "ntp", "audit", "alert", "cron", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

const SEVERITIES: &[(&str, Level)] = &[
    ("error", Level::Error),
    ("warn", Level::Warn),
    ("info", Level::Info),
    ("debug", Level::Debug),
];

const PARAMETERS: &[&str] = &["server", "facility", "tag", "severity", "nohostname"];

/// The maximum length of a tag (RFC 3164, section 4.1.3).
const MAX_TAG: usize = 32;

pub(super) fn syslog(text: Text<'_>) -> Option<Syslog> {
    let mut syslog = Syslog {
        server: SyslogServer::Unix(PathBuf::from("/dev/log")),
        facility: 23,
        severity: Level::Info,
        tag: "countersign".to_owned(),
        hostname: true,
    };
    let Some(parameters) = text.text.strip_prefix("syslog:") else {
        return Some(syslog);
    };
    let mut good = true;
    let mut at = "syslog:".len();
    for parameter in parameters.split(',') {
        let part = Parameter {
            text,
            at,
            written: parameter,
        };
        good &= part.read(&mut syslog).is_some();
        at = at.saturating_add(parameter.len()).saturating_add(1);
    }
    good.then_some(syslog)
}

/// One parameter, between two commas.
struct Parameter<'a> {
    text: Text<'a>,
    at: usize,
    written: &'a str,
}

impl Parameter<'_> {
    fn read(&self, syslog: &mut Syslog) -> Option<()> {
        match self.written.split_once('=') {
            None if self.written == "nohostname" => syslog.hostname = false,
            Some(("server", server)) => syslog.server = self.server(server)?,
            Some(("facility", name)) => {
                let place = FACILITIES.iter().position(|facility| *facility == name);
                let Some(number) = place.and_then(|place| u8::try_from(place).ok()) else {
                    return self.unknown("facility", name, FACILITIES);
                };
                syslog.facility = number;
            }
            Some(("severity", name)) => {
                let Some((_, level)) = SEVERITIES.iter().find(|(word, _)| *word == name) else {
                    let words: Vec<_> = SEVERITIES.iter().map(|(word, _)| *word).collect();
                    return self.unknown("severity", name, &words);
                };
                syslog.severity = *level;
            }
            Some(("tag", tag)) => syslog.tag = self.tag(tag)?,
            _ => {
                let name = self.written.split('=').next().unwrap_or_default();
                return self.unknown("parameter", name, PARAMETERS);
            }
        }
        Some(())
    }

    fn tag(&self, tag: &str) -> Option<String> {
        if !tag.is_empty()
            && tag.len() <= MAX_TAG
            && tag
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Some(tag.to_owned());
        }
        self.wrong(
            format!("{} is not a tag", quote(tag)),
            "write 1 to 32 letters, digits and `_`".to_owned(),
        )
    }

    /// `unix:PATH`, or a host with or without a port.
    fn server(&self, server: &str) -> Option<SyslogServer> {
        if let Some(path) = server.strip_prefix("unix:") {
            return Some(SyslogServer::Unix(self.text.relative(path)));
        }
        match look_up(server) {
            Ok(address) => Some(SyslogServer::Udp(address)),
            Err(why) => self.wrong(
                format!("{} is not a server: {why}", quote(server)),
                "write \"unix:/dev/log\", or a host with an optional port, such as \
                 \"192.0.2.1:514\""
                    .to_owned(),
            ),
        }
    }

    fn unknown<T>(&self, what: &str, name: &str, known: &[&str]) -> Option<T> {
        let all = known.join(", ");
        let help = match similar(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`? The possible values are {all}"),
            None => format!("the possible values are {all}"),
        };
        self.wrong(format!("syslog has no {what} {}", quote(name)), help)
    }

    fn wrong<T>(&self, why: String, help: String) -> Option<T> {
        let place = self.text.place_of(self.written, self.at);
        let text = self.text.marked_at(place);
        text.error("invalid syslog destination", why)
            .help(help)
            .report()
    }
}

fn look_up(server: &str) -> Result<SocketAddr, String> {
    let has_port = server.parse::<SocketAddr>().is_ok()
        || server
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.contains(':') && port.parse::<u16>().is_ok());
    if server.is_empty() || server.starts_with(':') && has_port {
        return Err("the host is missing".to_owned());
    }
    let bare = server.trim_start_matches('[').trim_end_matches(']');
    let found = if has_port {
        server.to_socket_addrs()
    } else {
        (bare, 514).to_socket_addrs()
    };
    found
        .map_err(|error| error.to_string())?
        .next()
        .ok_or_else(|| "it has no address".to_owned())
}
