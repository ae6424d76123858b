//! The access log: one line a request.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use log::Level;
use serde_json::{Map, Value, json};

use super::line_sink::LineSink;
use crate::config::LogFormat;

/// The most bytes of one text of a client's making. A Host of a megabyte, which a stranger may
/// send, would soon fill what waits to be written, and other requests' lines would be dropped.
const MAX_TEXT: usize = 2048;

/// What is known of a request when it ends. Never a body, a signature or a secret.
#[derive(Debug)]
pub struct Entry<'a> {
    /// When it began.
    pub time: SystemTime,
    /// The peer's address.
    pub client: &'a str,
    /// The method, empty if the request could not be read.
    pub method: &'a str,
    /// The target as received.
    pub target: &'a str,
    /// `HTTP/1.1` and the like.
    pub protocol: &'static str,
    /// The Host header.
    pub host: &'a str,
    /// The route that took it.
    pub route: Option<&'a str>,
    /// The route's scheme.
    pub scheme: Option<&'a str>,
    /// The key that made the signature.
    pub key: Option<&'a str>,
    /// `verified`, `rejected`, or none if there was no verdict.
    pub verdict: Option<&'static str>,
    /// Why it was refused or failed.
    pub reason: Option<&'static str>,
    /// The place that was at fault.
    pub at: Option<String>,
    /// The status of the answer; 499 if the client went away first.
    pub status: u16,
    /// The server that answered, or the last one tried.
    pub upstream: Option<&'a str>,
    /// From the request's first byte to the answer's last.
    pub duration: Duration,
    /// Reading the body.
    pub read: Option<Duration>,
    /// Verifying.
    pub verify: Option<Duration>,
    /// Waiting for the upstream, from connecting to its last byte.
    pub upstream_time: Option<Duration>,
    /// Body bytes received.
    pub bytes_in: usize,
    /// Body bytes sent.
    pub bytes_out: usize,
    /// The id that the backend and the client were given.
    pub request_id: &'a str,
}

/// Where access-log lines go, and in what form.
#[derive(Clone)]
pub struct AccessLog {
    sink: LineSink,
    level: Level,
    format: LogFormat,
}

impl AccessLog {
    /// A log over a sink, where its lines are of that level.
    #[must_use]
    pub fn new(sink: LineSink, level: Level, format: LogFormat) -> Self {
        Self {
            sink,
            level,
            format,
        }
    }

    /// Writes one line.
    pub fn write(&self, entry: &Entry<'_>) {
        let mut line = match self.format {
            LogFormat::Text => text(entry),
            LogFormat::Json => json(entry).to_string(),
        };
        line.push('\n');
        self.sink.write(self.level, line.as_bytes());
    }
}

fn text(entry: &Entry<'_>) -> String {
    let mut line = String::with_capacity(384);
    let or_dash = |value: Option<&str>| value.map_or_else(|| "-".to_owned(), quoted_if_needed);
    let seconds = |time: Option<Duration>| {
        time.map_or_else(
            || "-".to_owned(),
            |time| format!("{:.6}", time.as_secs_f64()),
        )
    };
    // Writing to memory cannot fail.
    let _ = write!(
        line,
        "{} {} \"{} {} {}\" {} host={} route={} scheme={} key={} verdict={} reason={} at={} \
         upstream={} time={:.6} read={} verify={} upstream_time={} in={} out={} id={}",
        humantime::format_rfc3339_millis(entry.time),
        entry.client,
        escaped(&clipped(entry.method)),
        escaped(&clipped(entry.target)),
        entry.protocol,
        entry.status,
        or_dash(Some(&*clipped(entry.host)).filter(|host| !host.is_empty())),
        or_dash(entry.route),
        or_dash(entry.scheme),
        or_dash(entry.key),
        entry.verdict.unwrap_or("-"),
        entry.reason.unwrap_or("-"),
        or_dash(entry.at.as_deref()),
        or_dash(entry.upstream),
        entry.duration.as_secs_f64(),
        seconds(entry.read),
        seconds(entry.verify),
        seconds(entry.upstream_time),
        entry.bytes_in,
        entry.bytes_out,
        entry.request_id,
    );
    line
}

fn json(entry: &Entry<'_>) -> Value {
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    put(
        "time",
        json!(humantime::format_rfc3339_millis(entry.time).to_string()),
    );
    put("client", json!(entry.client));
    put("method", json!(clipped(entry.method)));
    put("target", json!(clipped(entry.target)));
    put("protocol", json!(entry.protocol));
    put("status", json!(entry.status));
    put("host", json!(clipped(entry.host)));
    put("route", json!(entry.route));
    put("scheme", json!(entry.scheme));
    put("key", json!(entry.key));
    put("verdict", json!(entry.verdict));
    put("reason", json!(entry.reason));
    put("at", json!(entry.at));
    put("upstream", json!(entry.upstream));
    put("duration", json!(entry.duration.as_secs_f64()));
    put("read", json!(seconds(entry.read)));
    put("verify", json!(seconds(entry.verify)));
    put("upstream_time", json!(seconds(entry.upstream_time)));
    put("bytes_in", json!(entry.bytes_in));
    put("bytes_out", json!(entry.bytes_out));
    put("id", json!(entry.request_id));
    Value::Object(object)
}

/// Text of a client's making, cut off at [`MAX_TEXT`].
fn clipped(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_TEXT {
        return text.into();
    }
    let end = (0..=MAX_TEXT).rfind(|at| text.is_char_boundary(*at));
    format!("{}…", text.get(..end.unwrap_or(0)).unwrap_or_default()).into()
}

/// A value that stands alone as it is, or in quotes if a space or quote could make it two.
fn quoted_if_needed(value: &str) -> String {
    let escaped = escaped(value);
    if escaped.contains([' ', '=']) {
        format!("\"{escaped}\"")
    } else {
        escaped
    }
}

/// Text of a client's making, so that it stays within its place on its line: control characters,
/// quotes and backslashes escaped.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        if character.is_control() || character == '"' || character == '\\' {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'a>(target: &'a str, host: &'a str) -> Entry<'a> {
        Entry {
            time: SystemTime::UNIX_EPOCH,
            client: "192.0.2.1:4711",
            method: "POST",
            target,
            protocol: "HTTP/1.1",
            host,
            route: Some("shop"),
            scheme: Some("sgate"),
            key: None,
            verdict: Some("rejected"),
            reason: Some("signature_mismatch"),
            at: Some("field:a b".to_owned()),
            status: 400,
            upstream: None,
            duration: Duration::from_micros(1234),
            read: Some(Duration::from_micros(7)),
            verify: None,
            upstream_time: None,
            bytes_in: 512,
            bytes_out: 60,
            request_id: "0af",
        }
    }

    #[test]
    fn text_line() {
        assert_eq!(
            text(&entry("/cb?x=1", "pay.example")),
            "1970-01-01T00:00:00.000Z 192.0.2.1:4711 \"POST /cb?x=1 HTTP/1.1\" 400 \
             host=pay.example route=shop scheme=sgate key=- verdict=rejected \
             reason=signature_mismatch at=\"field:a b\" upstream=- time=0.001234 read=0.000007 \
             verify=- upstream_time=- in=512 out=60 id=0af"
        );
    }

    #[test]
    fn no_client_text_leaves_its_place() {
        let hostile = "/\" 200 \r\nforged\u{1b}[31m\u{85}\\";
        let line = text(&entry(hostile, "a\" verdict=verified"));
        assert!(!line.contains(['\r', '\n', '\u{1b}', '\u{85}']));
        assert!(line.contains(r#""POST /\" 200 \r\nforged\u{1b}[31m\u{85}\\ HTTP/1.1" 400"#));
        assert!(line.contains(r#"host="a\" verdict=verified" route"#));
        let parsed = json(&entry(hostile, "h")).to_string();
        assert!(!parsed.contains(['\r', '\n']));
        assert_eq!(
            serde_json::from_str::<Value>(&parsed).unwrap()["target"],
            hostile
        );
    }

    #[test]
    fn no_client_text_fills_the_log() {
        let long = "é".repeat(500_000);
        let line = text(&entry(&long, &long));
        assert!(line.len() < 3 * MAX_TEXT);
        assert!(line.contains("é… HTTP/1.1\" 400 host=é") && line.contains("é… route=shop"));
        assert!(json(&entry(&long, &long)).to_string().len() < 3 * MAX_TEXT);
    }
}
