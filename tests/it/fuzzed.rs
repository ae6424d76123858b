//! Replays the committed corpora of the fuzz targets (docs/security.md).

use std::fs;

use crate::random::Random;

#[allow(unreachable_pub, reason = "the fuzz targets see it as a library")]
#[path = "../../fuzz/checks/lib.rs"]
mod checks;

fn replay(target: &str, check: fn(&[u8])) {
    let mut files = 0;
    for entry in fs::read_dir(format!("fuzz/corpus/{target}")).unwrap() {
        check(&fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files > 5, "{files}");
}

/// Checks the corpus of a target with random changes, which put in these words.
fn replay_changed(target: &str, words: &[&[u8]], check: fn(&[u8])) {
    let mut seeds: Vec<_> = fs::read_dir(format!("fuzz/corpus/{target}"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    seeds.sort();
    let seeds: Vec<Vec<u8>> = seeds.iter().map(|seed| fs::read(seed).unwrap()).collect();
    let mut random = Random::new(4);
    for _ in 0..2_000 {
        let mut input = random.pick(&seeds).clone();
        for _ in 0..=random.below(3) {
            let at = random.below(input.len());
            let end = (at + random.below(12)).min(input.len());
            match random.below(4) {
                0 => drop(input.splice(at..at, random.pick(words).iter().copied())),
                1 => drop(input.splice(at..end, random.pick(words).iter().copied())),
                2 => drop(input.drain(at + 1..end.max(at + 1))),
                _ => input[at] = random.below(256) as u8,
            }
        }
        if let Err(panic) = std::panic::catch_unwind(|| check(&input)) {
            eprintln!("{}", input.escape_ascii());
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn answers() {
    replay("answers", checks::answers::check);
}

/// Inputs that no fuzzer has tried yet: the corpus with random changes.
#[test]
fn changed_answers() {
    let words: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b",",
        b"0",
        b"1",
        b"\0",
        b"\xff",
        b"chunked",
        b"identity",
        b"gzip",
        b"Content-Length: 2\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 103 A\r\n\r\n",
        b"\r\n 2",
        b"0\r\n\r\n",
        b"fail",
    ];
    replay_changed("answers", words, checks::answers::check);
}

/// The same with requests.
#[test]
fn changed_requests() {
    let words: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b" ",
        b"\t",
        b"\0",
        b"?",
        b"#",
        b"\"",
        b"<",
        b">",
        b"\xd6\xa7",
        b"\xc3\xa9",
        b"\\",
        b"@",
        b"//",
        b"*",
        b"http://a.example",
        b"HTTPS://b.example:80/",
        b"Host: a.example\r\n",
        b"OPTIONS ",
        b"CONNECT ",
        b" HTTP/1.0",
        b"Upgrade: h2c\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 2\r\n",
        b"\r\n\r\n",
    ];
    replay_changed("framing", words, checks::framing::check);
}

/// The same with forms.
#[test]
fn changed_forms() {
    let words: &[&[u8]] = &[
        b"&",
        b"=",
        b"+",
        b"%",
        b"%20",
        b"%26",
        b"%3d",
        b"%C3%A9",
        b"%D5%C5",
        b"%e9F",
        b"%00",
        b"%FF",
        b";",
        b"[",
        b"]",
        b"[]",
        b"[a]",
        b".",
        b"_",
        b" ",
        b"\xc3\xa9",
        b"\xff",
        b"\0",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"a=1&",
    ];
    replay_changed("form", words, checks::form::check);
}

/// The same with XML.
#[test]
fn changed_xml() {
    let words: &[&[u8]] = &[
        b"<",
        b">",
        b"</",
        b"/>",
        b"&",
        b";",
        b"&amp;",
        b"&#38;",
        b"&#x0;",
        b"&lt",
        b"<![CDATA[",
        b"]]>",
        b"]]",
        b"<!--",
        b"-->",
        b"<!DOCTYPE a>",
        b"<?x ?>",
        b"<?xml version='1.0'?>",
        b" a='1'",
        b":",
        b"xmlns",
        b"\r",
        b"\n",
        b"\0",
        b"\xff",
        b"\xef\xbf\xbf",
        b"\xef\xbb\xbf",
        b"<b/>",
        b"<a>1</a>",
        b"\xc3\x97",
        b"\xe5\x90\x8d",
        b"-",
        b".",
    ];
    replay_changed("xml", words, checks::xml::check);
}

#[test]
fn form() {
    replay("form", checks::form::check);
}

#[test]
fn xml() {
    replay("xml", checks::xml::check);
}

/// Any bytes are a scheme and a request; the crate's own tests draw more of them.
#[test]
fn evaluator() {
    replay("evaluator", checks::evaluator::check);
}

#[test]
fn jws() {
    replay("jws", checks::jws::check);
}

#[test]
fn changed_tokens() {
    let words: &[&[u8]] = &[
        b".",
        b"..",
        b"=",
        b"eyJhbGciOiJIUzI1NiJ9",
        b"eyJhbGciOiJub25lIn0",
        b"eyJhbGciOiJIUzI1NiIsImNyaXQiOltdfQ",
        b"eyJhbGciOiJFUzI1NiJ9",
        b"ImFsZyI6",
        b"LCJ",
        b"fQ",
        b"e30",
        b"-",
        b"_",
        b"+",
        b"/",
        b"\n",
        b" ",
        b"A",
        b"Q",
    ];
    replay_changed("jws", words, checks::jws::check);
}

#[test]
fn message() {
    replay("message", checks::message::check);
}

#[test]
fn changed_messages() {
    let words: &[&[u8]] = &[
        b"\"",
        b"\"@method\"",
        b" \"@path\"",
        b" \"@query\"",
        b" \"@authority\"",
        b" \"@request-target\"",
        b" \"@query-param\";name=\"a\"",
        b" \"x-a\"",
        b" \"x-a\";bs",
        b" \"content-digest\"",
        b";created=1",
        b";alg=\"hmac-sha256\"",
        b";keyid=\"1\"",
        b";x",
        b"(",
        b")",
        b"()",
        b",",
        b", b=(\"@method\")",
        b"=",
        b":",
        b"?0",
        b"\\",
        b"\n",
        b"\nx-a: 1",
        b"\nsignature-input: ",
        b"\t",
        b" ",
        b"\xc3\xa9",
    ];
    replay_changed("message", words, checks::message::check);
}

#[test]
fn expression() {
    replay("expression", checks::expression::check);
}

#[test]
fn changed_expressions() {
    let words: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b"{{",
        b"|",
        b":",
        b"'",
        b"\"",
        b"\\",
        b"\n",
        b"{body}",
        b"{secret}",
        b"{fields}",
        b"{url}",
        b"|unhex",
        b"|hex",
        b"|json:js",
        b"|json:jackson+double",
        b"|java:double",
        b"|sorted",
        b"|flatten",
        b"|raw",
        b"|split:,",
        b"|pairs:,",
        b"|one:t",
        b"|all:v1",
        b"|nth:1",
        b"|skip:1",
        b"|text",
        b"|default:",
        b"|nonempty",
        b"|urldecode",
        b"|field:/a/0",
        b"|without:a",
        b"|number:3",
        b"|unbase64:lenient",
        b"{query:id}",
        b"{field:a}",
    ];
    replay_changed("expression", words, checks::expression::check);
}

#[test]
fn json() {
    replay("json", checks::json::check);
}

#[test]
fn client_address() {
    replay("client_address", checks::client_address::check);
}

#[test]
fn proxy_header() {
    replay("proxy_header", checks::proxy_header::check);
}

#[test]
fn config() {
    replay("config", checks::config::check);
}

#[test]
fn content() {
    replay("content", checks::content::check);
}

#[test]
fn decrypt() {
    replay("decrypt", checks::decrypt::check);
}

#[test]
fn tamper() {
    replay("tamper", checks::tamper::check);
}

#[test]
fn headers() {
    replay("headers", checks::headers::check);
}

#[test]
fn routes() {
    replay("routes", checks::routes::check);
}

#[test]
fn changed_routes() {
    let words: &[&[u8]] = &[
        b"/",
        b"/cb",
        b"/pay",
        b"/deep",
        b"/file",
        b"/order",
        b"/open",
        b"index.php",
        b"/index",
        b".json",
        b".php",
        b".x",
        b"%2e",
        b"%2F",
        b";v=1",
        b"PAY",
        b"a.example\n/cb/",
    ];
    replay_changed("routes", words, checks::routes::check);
}

#[test]
fn framing() {
    replay("framing", checks::framing::check);
}

#[test]
fn chunks() {
    replay("chunks", checks::chunks::check);
}
