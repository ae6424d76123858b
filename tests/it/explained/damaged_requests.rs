//! Texts that were damaged are read or refused, and what was read is explained, without a panic.

use countersign::explain::{Question, TextStyle};
use countersign::written_request::{
    ReadRequest, read_curl, read_har, read_header_and_body, read_http,
};

use super::scene::Scene;
use crate::random::Random;

#[test]
fn no_damage_to_a_request_ends_the_program() {
    let scene = Scene::of("stripe-two-v1");
    let site = scene.site();
    let recorded = scene.recorded();
    let chunked = "POST /callback HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\nT: 1\r\n\r\n";
    let har = r#"{"log":{"entries":[{"startedDateTime":"2026-01-02T03:04:05Z","request":{"method":"POST","url":"https://h/callback?a=b","headers":[{"name":"A","value":"b"}],"postData":{"mimeType":"text/plain","text":"YWI=","encoding":"base64","params":[{"name":"a","value":"b"}]}}}]}}"#;
    let curl = "curl -sXPOST 'https://u:p@h/callback?a=b' -H \"A: b\" -u a:b \\\n -b c=d --data-urlencode a=b --json $'{\\u00e9\\n}' -G -A x";
    let samples: [&[u8]; 4] = [
        &recorded,
        chunked.as_bytes(),
        har.as_bytes(),
        curl.as_bytes(),
    ];
    let mut random = Random::new(1818);
    let mut read_count = 0;
    for sample in samples {
        for _ in 0..1500 {
            let mut text = sample.to_vec();
            for _ in 0..=random.below(4) {
                damage(&mut text, &mut random);
            }
            let all: [Option<ReadRequest>; 4] = [
                read_http(&text).ok(),
                read_har(&text, None).ok(),
                read_curl(&text, None).ok(),
                read_header_and_body(&text, b"x").ok(),
            ];
            for read in all.into_iter().flatten() {
                read_count += 1;
                if read_count % 40 == 0 {
                    let explanation = Question::new(read, 1_700_000_000).by_site(&site);
                    assert!(!explanation.as_text(TextStyle::default()).contains('\u{1b}'));
                }
            }
        }
    }
    assert!(read_count > 1000, "{read_count}");
}

fn damage(text: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(text.len());
    match random.below(4) {
        0 => text[at] = u8::try_from(random.below(256)).unwrap(),
        1 => text.truncate(at.max(1)),
        2 => text.insert(at, *random.pick(b"\r\n:'\"\\$%{}[]@;= \0\xff")),
        _ => {
            text.remove(at);
            if text.is_empty() {
                text.push(b'x');
            }
        }
    }
}
