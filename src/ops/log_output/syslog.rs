//! Syslog, local or remote, in nginx's format (RFC 3164).

use std::io::{self, ErrorKind, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::Local;

use super::{Failed, LogOutput, count_lines};
use crate::config::{Syslog, SyslogServer};

/// The longest message. Servers accept 8 KiB by default, and truncate or drop the rest.
const MAX_MESSAGE: usize = 8000;

/// How long the log's thread waits for a slow server. Meanwhile, new lines are queued.
const SLOW: Duration = Duration::from_secs(1);

/// How long to wait before reconnecting to an unreachable server.
const PAUSE: Duration = Duration::from_millis(100);

/// A syslog server that lines are sent to.
pub struct SyslogOutput {
    config: Syslog,
    hostname: String,
    socket: Option<SyslogSocket>,
    next_attempt: Instant,
    datagram: Vec<u8>,
}

enum SyslogSocket {
    Unix(UnixDatagram),
    Udp(UdpSocket),
}

impl SyslogOutput {
    /// Sends nothing yet: the server may start later than the proxy.
    #[must_use]
    pub fn new(config: Syslog) -> Self {
        let hostname = nix::unistd::gethostname()
            .ok()
            .and_then(|name| name.into_string().ok())
            .filter(|name| !name.is_empty());
        Self {
            config,
            hostname: hostname.unwrap_or_else(|| "localhost".to_owned()),
            socket: None,
            next_attempt: Instant::now(),
            datagram: Vec::new(),
        }
    }

    /// Sends a line that starts with its level's digit.
    fn send(&mut self, line: &[u8]) -> io::Result<()> {
        let Some((level, message)) = line.split_first() else {
            return Ok(());
        };
        self.write_datagram(*level, message);
        if let Some(socket) = &self.socket {
            match socket.send(&self.datagram) {
                Ok(()) => return Ok(()),
                // The server is slow, not gone.
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(error),
                // A restarted server needs a new connection.
                Err(_) => self.socket = None,
            }
        }
        if Instant::now() < self.next_attempt {
            return Err(ErrorKind::NotConnected.into());
        }
        let sent = SyslogSocket::connect(&self.config.server).and_then(|socket| {
            socket.send(&self.datagram)?;
            Ok(socket)
        });
        match sent {
            Ok(socket) => self.socket = Some(socket),
            Err(error) => {
                self.next_attempt = Instant::now()
                    .checked_add(PAUSE)
                    .unwrap_or(self.next_attempt);
                return Err(error);
            }
        }
        Ok(())
    }

    fn write_datagram(&mut self, level: u8, message: &[u8]) {
        let severity = level.saturating_sub(b'0');
        let priority = self
            .config
            .facility
            .saturating_mul(8)
            .saturating_add(severity);
        self.datagram.clear();
        // Writing to memory cannot fail.
        let _ = write!(
            self.datagram,
            "<{priority}>{} ",
            Local::now().format("%b %e %H:%M:%S")
        );
        if self.config.hostname {
            let _ = write!(self.datagram, "{} ", self.hostname);
        }
        let _ = write!(self.datagram, "{}: ", self.config.tag);
        self.datagram.extend_from_slice(clipped(message));
    }
}

impl LogOutput for SyslogOutput {
    fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed> {
        let mut left = lines;
        while let Some(end) = left.iter().position(|byte| *byte == b'\n') {
            let line = left.get(..end).unwrap_or_default();
            if let Err(error) = self.send(line) {
                let lost = count_lines(left);
                return Err(Failed { error, lost });
            }
            left = left.get(end.saturating_add(1)..).unwrap_or_default();
        }
        Ok(())
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.socket = None;
        Ok(())
    }

    fn wants_levels(&self) -> bool {
        true
    }
}

impl SyslogSocket {
    fn connect(server: &SyslogServer) -> io::Result<Self> {
        match server {
            SyslogServer::Unix(path) => unix(path).map(Self::Unix),
            SyslogServer::Udp(address) => udp(*address).map(Self::Udp),
        }
    }

    fn send(&self, datagram: &[u8]) -> io::Result<()> {
        let sent = match self {
            Self::Unix(socket) => socket.send(datagram),
            Self::Udp(socket) => socket.send(datagram),
        };
        sent.map(|_| ())
    }
}

fn unix(path: &Path) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_write_timeout(Some(SLOW))?;
    Ok(socket)
}

fn udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let any = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
    socket.connect(address)?;
    socket.set_write_timeout(Some(SLOW))?;
    Ok(socket)
}

/// Truncates a message to what a server accepts, between characters.
fn clipped(message: &[u8]) -> &[u8] {
    let is_inside = |at: usize| message.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let end = (0..=MAX_MESSAGE.min(message.len()))
        .rfind(|at| !is_inside(*at))
        .unwrap_or_default();
    message.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(server: SyslogServer) -> SyslogOutput {
        SyslogOutput::new(Syslog {
            server,
            facility: 23,
            severity: log::Level::Info,
            tag: "tag".to_owned(),
            hostname: false,
        })
    }

    fn received(socket: &UdpSocket) -> String {
        let mut buffer = vec![0; 1 << 16];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn each_line_is_one_datagram_with_its_level() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut output = output(SyslogServer::Udp(server.local_addr().unwrap()));
        output.write_lines(b"3bad\n6good\n").unwrap();
        let first = received(&server);
        assert!(
            first.starts_with("<187>") && first.ends_with(" tag: bad"),
            "{first}"
        );
        // <187>Nov  4 23:32:31 tag: bad
        assert_eq!(first.len(), "<187>Nov  4 23:32:31 tag: bad".len());
        assert!(received(&server).starts_with("<190>"));
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let long = "é".repeat(MAX_MESSAGE);
        assert_eq!(clipped(long.as_bytes()).len(), MAX_MESSAGE);
        let long = format!("a{long}");
        let cut = clipped(long.as_bytes());
        assert_eq!(cut.len(), MAX_MESSAGE - 1);
        assert!(std::str::from_utf8(cut).is_ok());
        assert_eq!(clipped(b"short"), b"short");
    }
}
