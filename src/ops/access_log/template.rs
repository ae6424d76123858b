//! The line in the operator's own format.

use super::{client_text, display, local_time};
use crate::config::{Escape, FormatPiece, Template};
use crate::record::{FactValue, Line};

/// Writes the line without its newline.
pub(super) fn write(out: &mut Vec<u8>, template: &Template, line: &Line<'_>) {
    let mut writer = Writer {
        out,
        escape: template.escape,
    };
    let request = line.request;
    for piece in &template.pieces {
        match piece {
            FormatPiece::Text(text) => writer.out.extend_from_slice(text.as_bytes()),
            FormatPiece::Fact(fact) => writer.value((fact.read)(line)),
            FormatPiece::Header(nth) => {
                let headers = request.received.iter().flat_map(|it| &it.headers);
                let values = headers.filter(|(place, _)| place == nth);
                writer.list(values.map(|(_, value)| value.as_bytes()));
            }
            FormatPiece::Field(nth) => {
                let field = request.fields.get(*nth).and_then(Option::as_deref);
                writer.value(field.map(FactValue::Text));
            }
        }
    }
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    escape: Escape,
}

impl Writer<'_> {
    fn value(&mut self, value: Option<FactValue<'_>>) {
        match value {
            None => self.missing(),
            Some(FactValue::Text(text)) => self.bytes(text.as_bytes()),
            Some(FactValue::Bytes(bytes)) => self.bytes(bytes),
            Some(FactValue::Host(host)) => self.host(host),
            Some(FactValue::Words(words)) => {
                let escape = self.escape;
                client_text::words(self.out, words, |out, word| escaped(out, escape, word));
            }
            Some(FactValue::Plain(value)) => display(self.out, value),
            Some(FactValue::Utc(time)) => display(self.out, humantime::format_rfc3339_millis(time)),
            Some(FactValue::Local(time, clock)) => local_time::write(self.out, time, clock),
            Some(FactValue::Number(number)) => display(self.out, number),
            Some(FactValue::Share(share)) => display(self.out, share),
            Some(FactValue::Seconds(time)) => {
                let (seconds, millis) = (time.as_secs(), time.subsec_millis());
                display(self.out, format_args!("{seconds}.{millis:03}"));
            }
            Some(FactValue::Brief(time)) => {
                let (seconds, micros) = (time.as_secs(), time.subsec_micros());
                display(self.out, format_args!("{seconds}.{micros:06}"));
            }
        }
    }

    /// All values of a header.
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

    /// Like nginx: a dash, or nothing in JSON.
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
            // Not inside an IPv6 address.
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let start = self.out.len();
        self.bytes(name.as_bytes());
        if let Some(written) = self.out.get_mut(start..) {
            // Escapes contain upper-case digits that are not part of the name.
            if !written.contains(&b'\\') {
                written.make_ascii_lowercase();
            }
        }
    }
}

fn escaped(out: &mut Vec<u8>, escape: Escape, text: &[u8]) {
    match escape {
        Escape::Default => client_text::default(out, text),
        Escape::Json => client_text::json(out, text),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderValue;

    use super::super::samples::{HOSTILE, refused};
    use super::*;
    use crate::record::{Decrypted, Finished, variable, variables};

    fn line(request: &Finished, escape: Escape, pieces: Vec<FormatPiece>) -> String {
        let template = Template {
            pieces,
            escape,
            headers: Vec::new(),
            fields: Vec::new(),
        };
        let line = Line {
            request,
            sample_rate: Some(1.0),
        };
        let mut out = Vec::new();
        write(&mut out, &template, &line);
        String::from_utf8(out).unwrap()
    }

    fn value(request: &Finished, name: &str) -> String {
        let fact = FormatPiece::Fact(variable(name).unwrap());
        line(request, Escape::Default, vec![fact])
    }

    #[test]
    fn variables_are_written_as_nginx_does() {
        let mut request = Finished {
            decrypt: Some(Decrypted {
                values: 3,
                failed: 1,
                time: Duration::from_micros(2500),
            }),
            upstream_status: Some(502),
            upstream_connect: Some(Duration::from_micros(1999)),
            ..refused("/cb?x=1", "Pay.Example:8443")
        };
        request.sizes.header_in = 100;
        request.sizes.header_out = 200;
        for (name, expected) in [
            ("remote_addr", "192.0.2.1"),
            ("remote_port", "4711"),
            ("msec", "0.001"),
            ("request", "POST /cb?x=1 HTTP/1.1"),
            ("uri", "/cb"),
            ("args", "x=1"),
            ("host", "pay.example"),
            ("status", "400"),
            ("body_bytes_sent", "60"),
            ("bytes_sent", "260"),
            ("body_bytes_received", "512"),
            ("request_length", "612"),
            ("request_time", "0.001"),
            ("upstream_status", "502"),
            ("upstream_connect_time", "0.001"),
            ("reason_at", "field:a b"),
            ("scheme", "sgate"),
            ("read_time", "0.000007"),
            ("decrypted", "3"),
            ("decrypt_failed", "1"),
            ("decrypt_time", "0.002500"),
            ("sample_rate", "1"),
        ] {
            assert_eq!(value(&request, name), expected, "{name}");
        }
        // What follows the last colon is no port there.
        assert_eq!(
            value(&refused("/", "[2001:DB8::1]"), "host"),
            "[2001:db8::1]"
        );
    }

    #[test]
    fn a_value_that_is_missing_is_a_dash_or_nothing_in_json() {
        let nothing = Finished::default();
        for fact in variables() {
            let line_of = |escape| line(&nothing, escape, vec![FormatPiece::Fact(fact)]);
            let is_known = (fact.read)(&Line {
                request: &nothing,
                sample_rate: Some(1.0),
            });
            if is_known.is_none() {
                assert_eq!(line_of(Escape::Default), "-", "{fact:?}");
                assert_eq!(line_of(Escape::Json), "", "{fact:?}");
            }
        }
        for piece in [FormatPiece::Header(0), FormatPiece::Field(0)] {
            assert_eq!(line(&nothing, Escape::Default, vec![piece.clone()]), "-");
            assert_eq!(line(&nothing, Escape::Json, vec![piece]), "");
        }
    }

    #[test]
    fn lines_of_a_header_are_a_list() {
        let mut request = refused("/", "pay.example");
        let header = |place, text| (place, HeaderValue::from_static(text));
        let received = request.received.as_mut().unwrap();
        received.headers = vec![header(0, "a"), header(1, "x"), header(0, "b \"c\"")];
        let pieces = || {
            vec![
                FormatPiece::Header(0),
                FormatPiece::Text("|".into()),
                FormatPiece::Header(1),
            ]
        };
        assert_eq!(
            line(&request, Escape::Default, pieces()),
            "a, b \\x22c\\x22|x"
        );
        assert_eq!(line(&request, Escape::Json, pieces()), "a, b \\\"c\\\"|x");
    }

    #[test]
    fn client_text_cannot_forge_other_parts_of_the_line() {
        let request = refused(HOSTILE, "pay.example");
        assert_eq!(
            value(&request, "request_uri"),
            "/\\x22 200 \\x0D\\x0Aforged\\x1B[31m\\xC2\\x85\\x5C"
        );
    }
}
