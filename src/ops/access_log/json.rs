//! The line for programs: one JSON object.

use std::io::Write as _;
use std::time::Duration;

use super::entry::Entry;
use super::escape;

/// Writes the line without its end.
pub(super) fn write(out: &mut Vec<u8>, entry: &Entry<'_>, sample_rate: Option<f64>) {
    // Writing to memory cannot fail.
    let _ = write!(
        out,
        "{{\"time\":\"{}\",\"client\":\"",
        humantime::format_rfc3339_millis(entry.time())
    );
    let _ = write!(out, "{}\"", entry.client);
    if let Some(peer) = entry.client.peer {
        let _ = write!(out, ",\"peer\":\"{peer}\"");
    }
    text(out, "method", Some(entry.method.unwrap_or("-")));
    text(out, "target", Some(entry.target.unwrap_or("-")));
    text(out, "protocol", Some(entry.protocol.unwrap_or("-")));
    let _ = write!(out, ",\"status\":{}", entry.status);
    text(out, "host", Some(entry.host.unwrap_or_default()));
    text(out, "route", entry.route);
    text(out, "scheme", entry.scheme);
    text(out, "key", entry.key);
    text(out, "verdict", entry.verdict);
    text(out, "reason", entry.reason);
    text(out, "at", entry.at);
    if entry.detail.is_some() {
        text(out, "detail", entry.detail);
    }
    text(out, "once", entry.once);
    if entry.ambiguous.is_some() {
        text(out, "ambiguous", entry.ambiguous);
    }
    text(out, "upstream", entry.upstream);
    seconds(out, "duration", Some(entry.duration));
    seconds(out, "read", entry.read);
    seconds(out, "verify", entry.verify);
    if let (Some(values), Some(failed)) = (entry.decrypted, entry.decrypt_failed) {
        let _ = write!(out, ",\"decrypted\":{values},\"decrypt_failed\":{failed}");
        seconds(out, "decrypt", entry.decrypt);
    }
    seconds(out, "upstream_time", entry.upstream_time);
    let _ = write!(
        out,
        ",\"bytes_in\":{},\"bytes_out\":{}",
        entry.bytes_in, entry.bytes_out
    );
    text(out, "id", Some(entry.request_id));
    if let Some(rate) = sample_rate {
        let _ = write!(out, ",\"sample_rate\":{rate}");
    }
    out.push(b'}');
}

fn text(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
    let Some(value) = value else {
        let _ = write!(out, ",\"{name}\":null");
        return;
    };
    let _ = write!(out, ",\"{name}\":\"");
    escape::json(out, value.as_bytes());
    out.push(b'"');
}

fn seconds(out: &mut Vec<u8>, name: &str, time: Option<Duration>) {
    let _ = match time {
        Some(time) => write!(
            out,
            ",\"{name}\":{}.{:09}",
            time.as_secs(),
            time.subsec_nanos()
        ),
        None => write!(out, ",\"{name}\":null"),
    };
}

#[cfg(test)]
mod tests {
    use super::super::entry::samples::{HOSTILE, refused};
    use super::*;

    fn line(entry: &Entry<'_>, rate: Option<f64>) -> String {
        let mut out = Vec::new();
        write(&mut out, entry, rate);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line() {
        let entry = refused("/cb?x=1", "pay.example");
        assert_eq!(
            line(&entry, Some(0.1)),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"client\":\"192.0.2.1:4711\",\
             \"method\":\"POST\",\"target\":\"/cb?x=1\",\"protocol\":\"HTTP/1.1\",\"status\":400,\
             \"host\":\"pay.example\",\"route\":\"shop\",\"scheme\":\"sgate\",\"key\":null,\
             \"verdict\":\"rejected\",\"reason\":\"signature_mismatch\",\"at\":\"field:a b\",\
             \"once\":null,\"upstream\":null,\"duration\":0.001234000,\"read\":0.000007000,\"verify\":null,\
             \"upstream_time\":null,\"bytes_in\":512,\"bytes_out\":60,\"id\":\"0af\",\
             \"sample_rate\":0.1}"
        );
        assert!(!line(&entry, None).contains("sample"));
    }

    #[test]
    fn a_line_of_a_route_that_decrypts() {
        let entry = Entry {
            decrypted: Some(3),
            decrypt_failed: Some(1),
            decrypt: Some(Duration::from_micros(2500)),
            ..refused("/cb", "pay.example")
        };
        let line: serde_json::Value = serde_json::from_str(&line(&entry, None)).unwrap();
        assert_eq!(line["decrypted"], 3);
        assert_eq!(line["decrypt_failed"], 1);
        assert_eq!(line["decrypt"], 0.0025);
    }

    #[test]
    fn no_client_text_leaves_its_place() {
        let line = line(&refused(HOSTILE, HOSTILE), None);
        assert!(!line.contains(['\r', '\n']));
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed["target"], HOSTILE);
        assert_eq!(parsed["status"], 400);
    }
}
