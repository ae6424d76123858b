//! The line for people: `name=value`.

use std::io::Write as _;
use std::time::Duration;

use super::entry::Entry;
use super::escape;

/// Writes the line without its end.
pub(super) fn write(out: &mut Vec<u8>, entry: &Entry<'_>, sample_rate: Option<f64>) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{} ", humantime::format_rfc3339_millis(entry.time()));
    let _ = write!(out, "{}", entry.client);
    out.extend_from_slice(b" \"");
    escape::readable(out, entry.method.unwrap_or("-"));
    out.push(b' ');
    escape::readable(out, entry.target.unwrap_or("-"));
    let _ = write!(out, " {}\" {}", entry.protocol.unwrap_or("-"), entry.status);
    if let Some(peer) = entry.client.peer {
        let _ = write!(out, " peer={peer}");
    }
    value(out, "host", entry.host.filter(|host| !host.is_empty()));
    value(out, "route", entry.route);
    value(out, "scheme", entry.scheme);
    value(out, "key", entry.key);
    value(out, "verdict", entry.verdict);
    value(out, "reason", entry.reason);
    value(out, "at", entry.at);
    if entry.detail.is_some() {
        value(out, "detail", entry.detail);
    }
    value(out, "once", entry.once);
    if entry.ambiguous.is_some() {
        value(out, "ambiguous", entry.ambiguous);
    }
    value(out, "upstream", entry.upstream);
    seconds(out, "time", Some(entry.duration));
    seconds(out, "read", entry.read);
    seconds(out, "verify", entry.verify);
    if let (Some(values), Some(failed)) = (entry.decrypted, entry.decrypt_failed) {
        let _ = write!(out, " decrypted={values} decrypt_failed={failed}");
        seconds(out, "decrypt", entry.decrypt);
    }
    seconds(out, "upstream_time", entry.upstream_time);
    let _ = write!(
        out,
        " in={} out={} id={}",
        entry.bytes_in, entry.bytes_out, entry.request_id
    );
    if let Some(rate) = sample_rate {
        let _ = write!(out, " sample_rate={rate}");
    }
}

/// A value stands alone, or in quotes if a space could make it two.
fn value(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
    let _ = write!(out, " {name}=");
    match value {
        None => out.push(b'-'),
        Some(value) if value.contains([' ', '=']) => {
            out.push(b'"');
            escape::readable(out, value);
            out.push(b'"');
        }
        Some(value) => escape::readable(out, value),
    }
}

fn seconds(out: &mut Vec<u8>, name: &str, time: Option<Duration>) {
    let _ = match time {
        Some(time) => write!(
            out,
            " {name}={}.{:06}",
            time.as_secs(),
            time.subsec_micros()
        ),
        None => write!(out, " {name}=-"),
    };
}

#[cfg(test)]
mod tests {
    use super::super::entry::samples::{HOSTILE, refused};
    use super::super::escape::MAX_TEXT;
    use super::*;

    fn text(entry: &Entry<'_>, rate: Option<f64>) -> String {
        let mut out = Vec::new();
        write(&mut out, entry, rate);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line() {
        let line = "1970-01-01T00:00:00.000Z 192.0.2.1:4711 \"POST /cb?x=1 HTTP/1.1\" 400 \
             host=pay.example route=shop scheme=sgate key=- verdict=rejected \
             reason=signature_mismatch at=\"field:a b\" once=- upstream=- time=0.001234 read=0.000007 \
             verify=- upstream_time=- in=512 out=60 id=0af";
        let entry = refused("/cb?x=1", "pay.example");
        assert_eq!(text(&entry, None), line);
        assert_eq!(text(&entry, Some(0.1)), format!("{line} sample_rate=0.1"));
    }

    #[test]
    fn a_line_of_a_route_that_decrypts() {
        let entry = Entry {
            decrypted: Some(3),
            decrypt_failed: Some(1),
            decrypt: Some(Duration::from_micros(2500)),
            ..refused("/cb", "pay.example")
        };
        let expected = " verify=- decrypted=3 decrypt_failed=1 decrypt=0.002500 upstream_time=- ";
        assert!(text(&entry, None).contains(expected));
    }

    #[test]
    fn no_client_text_leaves_its_place() {
        let line = text(&refused(HOSTILE, "a\" verdict=verified"), None);
        assert!(!line.contains(['\r', '\n', '\u{1b}', '\u{85}']));
        assert!(line.contains(r#""POST /\" 200 \r\nforged\u{1b}[31m\u{85}\\ HTTP/1.1" 400"#));
        assert!(line.contains(r#"host="a\" verdict=verified" route"#));
    }

    #[test]
    fn no_client_text_fills_the_log() {
        let long = "é".repeat(500_000);
        let line = text(&refused(&long, &long), None);
        assert!(line.len() < 3 * MAX_TEXT);
        assert!(line.contains("é… HTTP/1.1\" 400 host=é") && line.contains("é… route=shop"));
    }
}
