//! The line that the operator describes.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use super::entry::Entry;
use super::{escape, local_time};
use crate::config::{Escape, Piece, Template, Variable};

/// Writes the line without its end.
pub(super) fn write(out: &mut Vec<u8>, template: &Template, entry: &Entry<'_>, sample_rate: f64) {
    // The line's own time, as in nginx: the request's end.
    let now = SystemTime::now();
    let mut line = Line {
        out,
        escape: template.escape,
        entry,
        now,
        sample_rate,
    };
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => line.out.extend_from_slice(text.as_bytes()),
            Piece::Variable(variable) => {
                if line.value(variable).is_none() {
                    line.missing();
                }
            }
        }
    }
}

struct Line<'a, 'e> {
    out: &'a mut Vec<u8>,
    escape: Escape,
    entry: &'a Entry<'e>,
    now: SystemTime,
    sample_rate: f64,
}

impl Line<'_, '_> {
    /// Writes a variable's value; `None`, and nothing written, if it has none.
    fn value(&mut self, variable: &Variable) -> Option<()> {
        let entry = self.entry;
        let target = entry.target;
        match variable {
            Variable::RemoteAddr => self.display(entry.client.address),
            Variable::RemotePort => self.display(entry.client.port?),
            Variable::RemoteUser => return None,
            Variable::TimeLocal => local_time::common(self.out, self.now),
            Variable::TimeIso8601 => local_time::iso8601(self.out, self.now),
            Variable::Msec => {
                let since = self.now.duration_since(SystemTime::UNIX_EPOCH);
                self.seconds(since.unwrap_or_default());
            }
            Variable::Request => {
                let parts = [entry.method?, target?, entry.protocol?];
                for (part, behind) in parts.into_iter().zip([" ", " ", ""]) {
                    self.text(part);
                    self.text(behind);
                }
            }
            Variable::RequestMethod => self.text(entry.method?),
            Variable::RequestUri => self.text(target?),
            Variable::Uri => self.text(target?.split('?').next()?),
            Variable::Args => self.text(target?.split_once('?')?.1),
            Variable::ServerProtocol => self.text(entry.protocol?),
            Variable::RequestScheme => self.text(if entry.tls { "https" } else { "http" }),
            Variable::Host => self.host(entry.host.filter(|host| !host.is_empty())?),
            Variable::Status => self.display(entry.status),
            Variable::BodyBytesSent => self.display(entry.bytes_out),
            Variable::BytesSent => self.display(entry.bytes_out.saturating_add(entry.header_out)),
            Variable::BodyBytesReceived => self.display(entry.bytes_in),
            Variable::RequestLength => self.display(entry.bytes_in.saturating_add(entry.header_in)),
            Variable::RequestTime => self.seconds(entry.duration),
            Variable::RequestId => self.text(entry.request_id),
            Variable::UpstreamAddr => self.text(entry.upstream?),
            Variable::UpstreamStatus => self.display(entry.upstream_status?),
            Variable::UpstreamResponseTime => self.seconds(entry.upstream_time?),
            Variable::UpstreamConnectTime => self.seconds(entry.upstream_connect?),
            Variable::Verdict => self.text(entry.verdict?),
            Variable::Reason => self.text(entry.reason?),
            Variable::ReasonAt => self.text(entry.at?),
            Variable::ReasonDetail => self.text(entry.detail?),
            Variable::Ambiguous => self.text(entry.ambiguous?),
            Variable::Once => self.text(entry.once?),
            Variable::Scheme => self.text(entry.scheme?),
            Variable::Key => self.text(entry.key?),
            Variable::Route => self.text(entry.route?),
            Variable::ReadTime => self.micros(entry.read?),
            Variable::VerifyTime => self.micros(entry.verify?),
            Variable::Decrypted => self.display(entry.decrypted?),
            Variable::DecryptFailed => self.display(entry.decrypt_failed?),
            Variable::DecryptTime => self.micros(entry.decrypt?),
            Variable::SampleRate => self.display(self.sample_rate),
            Variable::Header(name) => {
                let values = entry.headers?.get_all(name);
                let mut values = values.iter().enumerate().peekable();
                values.peek()?;
                for (nth, value) in values {
                    if nth > 0 {
                        self.out.extend_from_slice(b", ");
                    }
                    self.bytes(value.as_bytes());
                }
            }
            Variable::Field(nth) => self.text(entry.fields.get(*nth)?.as_deref()?),
        }
        Some(())
    }

    /// As nginx does: a dash, or nothing in JSON.
    fn missing(&mut self) {
        if self.escape == Escape::Default {
            self.out.push(b'-');
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, text: &[u8]) {
        match self.escape {
            Escape::Default => escape::default(self.out, text),
            Escape::Json => escape::json(self.out, text),
        }
    }

    /// What needs no escapes.
    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing to memory cannot fail.
        let _ = write!(self.out, "{value}");
    }

    fn seconds(&mut self, time: Duration) {
        let _ = write!(self.out, "{}.{:03}", time.as_secs(), time.subsec_millis());
    }

    /// For what takes less than nginx's milliseconds.
    fn micros(&mut self, time: Duration) {
        let _ = write!(self.out, "{}.{:06}", time.as_secs(), time.subsec_micros());
    }

    fn host(&mut self, host: &str) {
        let name = match host.rsplit_once(':') {
            // Not within an IPv6 address.
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let start = self.out.len();
        self.text(name);
        if let Some(written) = self.out.get_mut(start..) {
            // Escapes have digits in capitals, which are no part of a name.
            if !written.contains(&b'\\') {
                written.make_ascii_lowercase();
            }
        }
    }
}
