//! The line for programs: one JSON object.

use super::{client_text, display, local_time};
use crate::record::{FACTS, FactValue, Line, WhenAbsent};

/// Writes the line without its newline.
pub(super) fn write(out: &mut Vec<u8>, line: &Line<'_>) {
    let mut separator = b'{';
    for fact in FACTS {
        let Some(name) = fact.json else { continue };
        let value = (fact.read)(line);
        if value.is_none() && fact.absent == WhenAbsent::LeftOut {
            continue;
        }
        out.push(separator);
        separator = b',';
        string(out, |out| out.extend_from_slice(name.as_bytes()));
        out.push(b':');
        match (value, fact.absent) {
            (Some(value), _) => self::value(out, value),
            (None, WhenAbsent::As(text)) => self::value(out, FactValue::Text(text)),
            (None, _) => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
}

fn value(out: &mut Vec<u8>, value: FactValue<'_>) {
    match value {
        FactValue::Text(text) | FactValue::Host(text) => {
            string(out, |out| client_text::json(out, text.as_bytes()));
        }
        FactValue::Bytes(bytes) => string(out, |out| client_text::json(out, bytes)),
        FactValue::Words(words) => string(out, |out| {
            client_text::words(out, words, client_text::json);
        }),
        FactValue::Plain(value) => string(out, |out| display(out, value)),
        FactValue::Utc(time) => string(out, |out| {
            display(out, humantime::format_rfc3339_millis(time));
        }),
        FactValue::Local(time, clock) => string(out, |out| local_time::write(out, time, clock)),
        FactValue::Number(number) => display(out, number),
        FactValue::Share(share) => display(out, share),
        FactValue::Seconds(time) | FactValue::Brief(time) => {
            let (seconds, nanos) = (time.as_secs(), time.subsec_nanos());
            display(out, format_args!("{seconds}.{nanos:09}"));
        }
    }
}

fn string(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    content(out);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::samples::{HOSTILE, HOSTILE_HOST, refused};
    use super::*;
    use crate::record::{Decrypted, Finished};

    fn line(request: &Finished, sample_rate: Option<f64>) -> String {
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
        let request = refused("/cb?x=1", "pay.example");
        assert_eq!(
            line(&request, Some(0.1)),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"client\":\"192.0.2.1:4711\",\
             \"method\":\"POST\",\"target\":\"/cb?x=1\",\"protocol\":\"HTTP/1.1\",\"status\":400,\
             \"host\":\"pay.example\",\"route\":\"shop\",\"scheme\":\"sgate\",\"key\":null,\
             \"verdict\":\"rejected\",\"reason\":\"signature_mismatch\",\"at\":\"field:a b\",\
             \"once\":null,\"upstream\":null,\"duration\":0.001234000,\"read\":0.000007000,\"verify\":null,\
             \"upstream_time\":null,\"bytes_in\":512,\"bytes_out\":60,\"id\":\"0af\",\
             \"sample_rate\":0.1}"
        );
        assert!(!line(&request, None).contains("sample"));
    }

    #[test]
    fn a_line_of_a_request_that_could_not_be_read() {
        let request = Finished {
            received: None,
            ..refused("/", "")
        };
        let line = line(&request, None);
        let expected =
            "\"method\":\"-\",\"target\":\"-\",\"protocol\":\"-\",\"status\":400,\"host\":\"\",";
        assert!(line.contains(expected), "{line}");
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
        let line: serde_json::Value = serde_json::from_str(&line(&request, None)).unwrap();
        assert_eq!(line["decrypted"], 3);
        assert_eq!(line["decrypt_failed"], 1);
        assert_eq!(line["decrypt"], 0.0025);
    }

    #[test]
    fn client_text_cannot_forge_other_parts_of_the_line() {
        let line = line(&refused(HOSTILE, HOSTILE_HOST), None);
        assert!(!line.contains(['\r', '\n']));
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed["target"], HOSTILE);
        assert_eq!(parsed["host"], HOSTILE_HOST);
        assert_eq!(parsed["status"], 400);
    }
}
