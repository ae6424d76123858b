//! The line that the operator describes.

use super::{display, escape, local_time};
use crate::config::{Escape, Piece, Template};
use crate::record::{Line, Value};

/// Writes the line without its end.
pub(super) fn write(out: &mut Vec<u8>, template: &Template, line: &Line<'_>) {
    let mut writer = Writer {
        out,
        escape: template.escape,
    };
    let request = line.request;
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => writer.out.extend_from_slice(text.as_bytes()),
            Piece::Fact(fact) => writer.value((fact.read)(line)),
            Piece::Header(nth) => {
                let headers = request.received.iter().flat_map(|it| &it.headers);
                let values = headers.filter(|(place, _)| place == nth);
                writer.list(values.map(|(_, value)| value.as_bytes()));
            }
            Piece::Field(nth) => {
                let field = request.fields.get(*nth).and_then(Option::as_deref);
                writer.value(field.map(Value::Text));
            }
        }
    }
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    escape: Escape,
}

impl Writer<'_> {
    fn value(&mut self, value: Option<Value<'_>>) {
        match value {
            None => self.missing(),
            Some(Value::Text(text)) => self.bytes(text.as_bytes()),
            Some(Value::Host(host)) => self.host(host),
            Some(Value::Words(words)) => {
                let escape = self.escape;
                escape::words(self.out, words, |out, word| {
                    escaped(out, escape, word.as_bytes());
                });
            }
            Some(Value::Plain(value)) => display(self.out, value),
            Some(Value::Utc(time)) => display(self.out, humantime::format_rfc3339_millis(time)),
            Some(Value::Local(time, clock)) => local_time::write(self.out, time, clock),
            Some(Value::Number(number)) => display(self.out, number),
            Some(Value::Share(share)) => display(self.out, share),
            Some(Value::Seconds(time)) => {
                let (seconds, millis) = (time.as_secs(), time.subsec_millis());
                display(self.out, format_args!("{seconds}.{millis:03}"));
            }
            Some(Value::Brief(time)) => {
                let (seconds, micros) = (time.as_secs(), time.subsec_micros());
                display(self.out, format_args!("{seconds}.{micros:06}"));
            }
        }
    }

    /// The lines of a header.
    fn list<'v>(&mut self, values: impl Iterator<Item = &'v [u8]>) {
        let mut values = values.peekable();
        if values.peek().is_none() {
            self.missing();
        }
        for (nth, value) in values.enumerate() {
            if nth > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.bytes(value);
        }
    }

    /// As nginx does: a dash, or nothing in JSON.
    fn missing(&mut self) {
        if self.escape == Escape::Default {
            self.out.push(b'-');
        }
    }

    fn bytes(&mut self, text: &[u8]) {
        escaped(self.out, self.escape, text);
    }

    fn host(&mut self, host: &str) {
        let name = match host.rsplit_once(':') {
            // Not within an IPv6 address.
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let start = self.out.len();
        self.bytes(name.as_bytes());
        if let Some(written) = self.out.get_mut(start..) {
            // Escapes have digits in capitals, which are no part of a name.
            if !written.contains(&b'\\') {
                written.make_ascii_lowercase();
            }
        }
    }
}

fn escaped(out: &mut Vec<u8>, escape: Escape, text: &[u8]) {
    match escape {
        Escape::Default => escape::default(out, text),
        Escape::Json => escape::json(out, text),
    }
}
