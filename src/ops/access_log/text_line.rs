//! The line for people: `name=value`.

use super::{client_text, display, local_time};
use crate::record::{FACTS, FactValue, Finished, InText, Line, WhenAbsent};

/// Writes the line without its newline.
pub(super) fn write(out: &mut Vec<u8>, line: &Line<'_>) {
    head(out, line.request);
    for fact in FACTS {
        let InText::Named(name) = fact.text else {
            continue;
        };
        let value = (fact.read)(line);
        if value.is_none() && fact.absent == WhenAbsent::LeftOut {
            continue;
        }
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        match value {
            Some(value) => self::value(out, value),
            None => out.push(b'-'),
        }
    }
}

/// `TIME CLIENT "METHOD TARGET PROTOCOL" STATUS`.
fn head(out: &mut Vec<u8>, request: &Finished) {
    display(out, humantime::format_rfc3339_millis(request.began()));
    out.push(b' ');
    display(out, request.caller);
    out.push(b' ');
    let [method, protocol] =
        [request.method(), request.protocol()].map(|word| word.map(str::as_bytes));
    let words = [method, request.target(), protocol].map(|word| word.unwrap_or(b"-"));
    quoted(out, |out| {
        client_text::words(out, words, client_text::readable)
    });
    out.push(b' ');
    display(out, request.status);
}

fn value(out: &mut Vec<u8>, value: FactValue<'_>) {
    match value {
        // An unquoted space would split the value in two.
        FactValue::Text(text) | FactValue::Host(text) if text.contains([' ', '=']) => {
            quoted(out, |out| client_text::readable(out, text.as_bytes()));
        }
        FactValue::Text(text) | FactValue::Host(text) => {
            client_text::readable(out, text.as_bytes());
        }
        FactValue::Bytes(bytes) => quoted(out, |out| client_text::readable(out, bytes)),
        FactValue::Words(words) => quoted(out, |out| {
            client_text::words(out, words, client_text::readable)
        }),
        FactValue::Plain(value) => display(out, value),
        FactValue::Utc(time) => display(out, humantime::format_rfc3339_millis(time)),
        FactValue::Local(time, clock) => quoted(out, |out| local_time::write(out, time, clock)),
        FactValue::Number(number) => display(out, number),
        FactValue::Share(share) => display(out, share),
        FactValue::Seconds(time) | FactValue::Brief(time) => {
            let (seconds, micros) = (time.as_secs(), time.subsec_micros());
            display(out, format_args!("{seconds}.{micros:06}"));
        }
    }
}

fn quoted(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    content(out);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::client_text::MAX_TEXT;
    use super::super::samples::{HOSTILE, refused};
    use super::*;
    use crate::record::Decrypted;

    fn text(request: &Finished, sample_rate: Option<f64>) -> String {
        let mut out = Vec::new();
        let line = Line {
            request,
            sample_rate,
        };
        write(&mut out, &line);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line() {
        let line = "1970-01-01T00:00:00.000Z 192.0.2.1:4711 \"POST /cb?x=1 HTTP/1.1\" 400 \
             host=pay.example route=shop scheme=sgate key=- verdict=rejected \
             reason=signature_mismatch at=\"field:a b\" once=- upstream=- time=0.001234 read=0.000007 \
             verify=- upstream_time=- in=512 out=60 id=0af";
        let request = refused("/cb?x=1", "pay.example");
        assert_eq!(text(&request, None), line);
        assert_eq!(text(&request, Some(0.1)), format!("{line} sample_rate=0.1"));
    }

    #[test]
    fn a_line_of_a_route_that_decrypts() {
        let request = Finished {
            decrypt: Some(Decrypted {
                values: 3,
                failed: 1,
                time: Duration::from_micros(2500),
            }),
            ..refused("/cb", "pay.example")
        };
        let expected = " verify=- decrypted=3 decrypt_failed=1 decrypt=0.002500 upstream_time=- ";
        assert!(text(&request, None).contains(expected));
    }

    #[test]
    fn client_text_cannot_forge_other_parts_of_the_line() {
        let line = text(&refused(HOSTILE, "a\" verdict=verified"), None);
        assert!(!line.contains(['\r', '\n', '\u{1b}', '\u{85}']));
        assert!(line.contains(r#""POST /\" 200 \r\nforged\u{1b}[31m\u{85}\\ HTTP/1.1" 400"#));
        assert!(line.contains(r#"host="a\" verdict=verified" route"#));
    }

    #[test]
    fn long_client_text_is_truncated() {
        let line = text(&refused(&"é".repeat(500_000), &"h".repeat(500_000)), None);
        assert!(line.len() < 3 * MAX_TEXT);
        assert!(line.contains("é… HTTP/1.1\" 400 host=h") && line.contains("h… route=shop"));
    }
}
