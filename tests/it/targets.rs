//! Request targets that others accept: in absolute form, and with characters in the query that a
//! URI should have encoded. What is routed, signed, logged and forwarded is one and the same.

use crate::support::signer::Signer;
use crate::support::{Client, Origin, Proxy, Setup};

/// A scheme that signs the target with the body.
const SCHEME: &str = r#"
[[scheme]]
name = "whole"
algorithm = "rsa-sha256"
signature = "{header:X-Sign|unbase64}"
content = "{target}\n{body}"
"#;

const ROUTE: &str = "scheme = \"whole\"\nkeys = [\"signer\"]\nexpose_reason = true\nonce = false";

fn setup(origin: &Origin) -> Setup {
    Setup::new()
        .tables(SCHEME)
        .route(&format!("name = \"cb\"\npath = \"/cb\"\n{ROUTE}"))
        .route(&format!(
            "name = \"below\"\npath_prefix = \"/below/\"\n{ROUTE}"
        ))
        .route(&format!("name = \"root\"\npath = \"/\"\n{ROUTE}"))
        .route(
            &format!(
                "name = \"other\"\nhost = \"other.example\"\npath = \"/cb\"\n{ROUTE}\n\
             keys = [\"sgate-vectors\"]"
            )
            .replacen("keys = [\"signer\"]\n", "", 1),
        )
        .origin(origin)
}

/// A callback to one target, signed for another, as the bytes of its connection.
fn sent(target: &[u8], signed: &[u8], first: &str, host: &str) -> Vec<u8> {
    let body = b"{}";
    let signature = Signer::get().sign("sha256", &[signed, b"\n", body].concat());
    let lines = format!(
        "Content-Type: application/json\r\nX-Sign: {signature}\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    let (method, protocol) = first.split_once(' ').unwrap();
    let line = [
        method.as_bytes(),
        b" ",
        target,
        b" ",
        protocol.as_bytes(),
        b"\r\n",
    ]
    .concat();
    [&line, host.as_bytes(), lines.as_bytes()].concat()
}

fn status(proxy: &Proxy, bytes: &[u8]) -> u16 {
    let mut client = Client::connect(proxy.address);
    client.send(bytes);
    client.half_close();
    client.response().status
}

const POST: &str = "POST HTTP/1.1";

#[test]
fn a_target_in_absolute_form_is_its_path_and_query() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    for (target, host, plain, route) in [
        ("http://pay.example/cb", "pay.example", "/cb", "cb"),
        ("https://pay.example/cb?a=b", "pay.example", "/cb?a=b", "cb"),
        (
            "HTTP://pay.example:8080/cb",
            "pay.example:8080",
            "/cb",
            "cb",
        ),
        ("http://PAY.example/cb", "PAY.example", "/cb", "cb"),
        ("http://[::1]:80/cb", "[::1]:80", "/cb", "cb"),
        (
            "http://pay.example/below/a",
            "pay.example",
            "/below/a",
            "below",
        ),
        ("http://pay.example", "pay.example", "/", "root"),
        (
            "http://pay.example?a=http://b/",
            "pay.example",
            "/?a=http://b/",
            "root",
        ),
        (
            "http://pay.example/?a=\"<b>\"",
            "pay.example",
            "/?a=\"<b>\"",
            "root",
        ),
    ] {
        let line = format!("Host: {host}\r\n");
        let bytes = sent(target.as_bytes(), plain.as_bytes(), POST, &line);
        assert_eq!(status(&proxy, &bytes), 200, "{target}");
        let received = origin.last();
        assert_eq!(received.target, plain);
        assert_eq!(received.header("Host"), Some(host));
        let line = proxy.access();
        assert_eq!(
            (&line["target"], &line["route"]),
            (&plain.into(), &route.into())
        );
        assert_eq!(line["host"], host);
    }
}

#[test]
fn http_1_0_may_name_its_host_in_the_target_alone() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    let old = "POST HTTP/1.0";
    let bytes = sent(b"http://pay.example/cb", b"/cb", old, "");
    assert_eq!(status(&proxy, &bytes), 200);
    assert_eq!(origin.last().header("Host"), Some("pay.example"));
    assert_eq!(proxy.access()["host"], "pay.example");
    // The host decides the route, wherever it is named.
    let bytes = sent(b"http://other.example/cb", b"/cb", old, "");
    assert_eq!(status(&proxy, &bytes), 400);
    let line = proxy.access();
    assert_eq!(
        (&line["route"], &line["host"]),
        (&"other".into(), &"other.example".into())
    );
    origin.request();
}

#[test]
fn a_target_in_absolute_form_that_others_could_read_differently_is_refused() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    for (target, first, host, reason) in [
        // The Host must be the authority.
        (
            "http://other.example/cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        (
            "http://pay.example/cb",
            POST,
            "other.example",
            "request_malformed",
        ),
        (
            "http://pay.example:80/cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        (
            "http://pay.example/cb",
            POST,
            "pay.example:80",
            "request_malformed",
        ),
        (
            "http://pay.example./cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        (
            "http://PAY.example/cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        ("http://pay.example/cb", POST, "", "request_malformed"),
        (
            "http://other.example/cb",
            "POST HTTP/1.0",
            "pay.example",
            "request_malformed",
        ),
        // An authority has no user, and is there.
        (
            "http://a@pay.example/cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        (
            "http://a:b@pay.example/cb",
            POST,
            "a:b@pay.example",
            "request_malformed",
        ),
        (
            "http://pay.example%2f/cb",
            POST,
            "pay.example%2f",
            "request_malformed",
        ),
        ("http:///cb", POST, "pay.example", "request_malformed"),
        ("http:/cb", POST, "pay.example", "request_malformed"),
        ("http:cb", POST, "pay.example", "request_malformed"),
        (
            "http:/\\pay.example/cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        (
            "http://pay.example\\/cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        (
            "http://pay.example\"/cb",
            POST,
            "pay.example\"",
            "request_malformed",
        ),
        (
            "://pay.example/cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        // Other schemes and forms.
        ("ftp://pay.example/cb", POST, "pay.example", "target_form"),
        ("ws://pay.example/cb", POST, "pay.example", "target_form"),
        ("pay.example:80", POST, "pay.example", "target_form"),
        ("cb", POST, "pay.example", "target_form"),
        (
            "?a=http://pay.example/cb",
            POST,
            "pay.example",
            "request_malformed",
        ),
        ("*", "OPTIONS HTTP/1.1", "pay.example", "target_form"),
        (
            "http://pay.example",
            "OPTIONS HTTP/1.1",
            "pay.example",
            "target_form",
        ),
        (
            "http://pay.example/cb",
            "CONNECT HTTP/1.1",
            "pay.example",
            "upgrade_refused",
        ),
        // The path is as strict as in origin form.
        (
            "http://pay.example/below/../cb",
            POST,
            "pay.example",
            "target_ambiguous",
        ),
        (
            "http://pay.example//cb",
            POST,
            "pay.example",
            "route_not_found",
        ),
        (
            "http://pay.example/cb#a",
            POST,
            "pay.example",
            "request_malformed",
        ),
    ] {
        let line = format!("Host: {host}\r\n");
        let bytes = sent(target.as_bytes(), b"/cb", first, &line);
        let expected = if reason == "route_not_found" {
            404
        } else {
            400
        };
        assert_eq!(status(&proxy, &bytes), expected, "{target} {host}");
        assert_eq!(proxy.access()["reason"], reason, "{target} {host}");
    }
    let bytes = sent(b"http://pay.example/cb", b"/cb", POST, "");
    assert_eq!(status(&proxy, &bytes), 400);
    assert_eq!(proxy.access()["reason"], "host_missing");
    assert!(origin.requests(0).is_empty());
}

#[test]
fn a_query_is_signed_and_forwarded_byte_for_byte() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    let every: Vec<u8> = (b'!'..=0xff)
        .filter(|byte| !matches!(byte, b'#' | 0x7f))
        .collect();
    let long = [b"\"".as_slice(), &[b'a'; 60 << 10], b"\xff"].concat();
    let mut client = Client::connect(proxy.address);
    for query in [
        &b"ext={\"shop\":1}"[..],
        b"ext=<a>",
        b"memo=\xd6\xa7\xb8\xb6",
        "n=\u{5ba2}".as_bytes(),
        b"\"",
        b"?\"?<\xff",
        b"a=\\xD6\\\xd6",
        b"http://other.example/\"",
        &every,
        &long,
    ] {
        for path in [&b"/cb"[..], b"/below/a"] {
            let target = [path, b"?", query].concat();
            // On one connection, with plain ones between them.
            for target in [&target, path] {
                client.send(&sent(target, target, POST, "Host: pay.example\r\n"));
                let shown = target.escape_ascii();
                assert_eq!(client.response().status, 200, "{shown}");
                assert_eq!(bytes(&origin.last().target), *target, "{shown}");
                let line = proxy.access();
                assert_eq!(line["verdict"], "verified", "{shown}");
                if target.len() < 1000 {
                    let logged = line["target"].as_str().unwrap();
                    assert_eq!(unescaped(logged), *target, "{shown}");
                }
            }
        }
    }
}

/// Neither a parser's placeholder nor an encoded form passes for what was sent.
#[test]
fn a_query_that_was_signed_in_another_spelling_is_refused() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    for (query, signed) in [
        (&b"a=\"b\""[..], &b"a=_b_"[..]),
        (b"a=\"b\"", b"a=%22b%22"),
        (b"a=_b_", b"a=\"b\""),
        (b"a=<", b"a=%3C"),
        (b"a=\xd6", b"a=\xef\xbf\xbd"),
        (b"a=\xd6", b"a=%D6"),
        (b"a=\xd6", b"a=\xc3\x96"),
    ] {
        let [target, signed] = [query, signed].map(|query| [b"/cb?", query].concat());
        let bytes = sent(&target, &signed, POST, "Host: pay.example\r\n");
        assert_eq!(status(&proxy, &bytes), 400);
        assert_eq!(proxy.access()["reason"], "signature_mismatch");
    }
    assert!(origin.requests(0).is_empty());
}

#[test]
fn a_path_with_such_characters_stays_refused() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    for path in [
        &b"/below/<a"[..],
        b"/below/a>",
        b"/below/\xd6",
        b"/c\xff?a=b",
        b"/below/\"<",
    ] {
        let bytes = sent(path, path, POST, "Host: pay.example\r\n");
        assert_eq!(status(&proxy, &bytes), 400, "{}", path.escape_ascii());
        assert_eq!(proxy.access()["reason"], "request_malformed");
    }
    assert!(origin.requests(0).is_empty());
}

#[test]
fn the_next_server_gets_the_same_query() {
    let origin = Origin::start();
    let gone = crate::support::address::unused();
    let proxy = Setup::new()
        .tables(SCHEME)
        .route(&format!("name = \"cb\"\npath = \"/cb\"\n{ROUTE}"))
        .servers(&[gone, origin.address], "")
        .start();
    for _ in 0..2 {
        let target = b"/cb?a=\"<\xff>\"";
        let bytes = sent(target, target, POST, "Host: pay.example\r\n");
        assert_eq!(status(&proxy, &bytes), 200);
        assert_eq!(bytes_of_last(&origin), target);
    }
}

#[test]
fn a_log_line_shows_such_a_target_and_cannot_be_forged_by_it() {
    let origin = Origin::start();
    let target = b"/cb?a=\"_200_\\\xd6\"<>";
    for (log, shown) in [
        ("[log]", r#""POST /cb?a=\"_200_\\\xD6\"<> HTTP/1.1" 200 "#),
        (
            "[log]\nformat = '$request|$request_uri|$args|$uri'",
            r"POST /cb?a=\x22_200_\x5C\xD6\x22<> HTTP/1.1|/cb?a=\x22_200_\x5C\xD6\x22<>|a=\x22_200_\x5C\xD6\x22<>|/cb",
        ),
        (
            "[log]\nformat = \"json\"",
            r#""target":"/cb?a=\"_200_\\\\xD6\"<>","#,
        ),
        (
            "[log]\nescape = \"json\"\nformat = '$request_uri|$http_host'",
            r#"/cb?a=\"_200_\\\\xD6\"<>|pay.example"#,
        ),
    ] {
        let proxy = setup(&origin).top(log).start();
        let bytes = sent(target, target, POST, "Host: pay.example\r\n");
        assert_eq!(status(&proxy, &bytes), 200);
        let line = proxy.access_line();
        assert!(line.contains(shown), "{line}");
    }
}

#[test]
fn the_log_shows_what_is_legible_of_an_unreadable_request_and_the_place_of_its_fault() {
    let origin = Origin::start();
    let proxy = setup(&origin).start();
    for (bytes, target, host, at) in [
        (
            "POST /c b HTTP/1.1\r\nHost: a\r\n\r\n",
            "/c b",
            "a",
            "target:2",
        ),
        (
            "POST /cb\0 HTTP/1.1\r\nHost: a\r\n\r\n",
            "/cb\0",
            "a",
            "target:3",
        ),
        (
            "POST /<b> HTTP/1.1\r\nHost: a\r\n\r\n",
            "/<b>",
            "a",
            "target:1",
        ),
        (
            "POST /cb HTTP/1.1\r\nHost: a\r\nB c\r\n\r\n",
            "/cb",
            "a",
            "line:3",
        ),
        (
            "POST /cb HTTP/1.1\r\nB: \0\r\nHost: a\r\n\r\n",
            "/cb",
            "a",
            "header:B",
        ),
        (
            "POST /cb HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "/cb",
            "a",
            "header:Host",
        ),
        (
            "POST /cb HTTP/1.3\r\nHost: a\r\n\r\n",
            "/cb",
            "a",
            "protocol",
        ),
    ] {
        assert_eq!(status(&proxy, bytes.as_bytes()), 400, "{bytes:?}");
        let line = proxy.access();
        assert_eq!(
            (&line["target"], &line["host"]),
            (&target.into(), &host.into()),
            "{line}"
        );
        assert_eq!(
            (&line["at"], &line["method"]),
            (&at.into(), &"POST".into()),
            "{line}"
        );
        assert_eq!(line["reason"], "request_malformed");
    }
    // Not even a method.
    assert_eq!(status(&proxy, b"\x16\x03\x01\x02\r\n\r\n"), 400);
    let line = proxy.access();
    assert_eq!(
        (&line["target"], &line["at"]),
        (&"-".into(), &"method".into()),
        "{line}"
    );
    // A header that is too large, or does not come.
    let long = format!("POST /long HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(65 << 10));
    assert_eq!(status(&proxy, long.as_bytes()), 431);
    let line = proxy.access();
    assert_eq!(
        (&line["target"], &line["at"]),
        (&"/long".into(), &serde_json::Value::Null)
    );
    assert!(origin.requests(0).is_empty());
}

/// What the JSON log shows, with each `\x` and its two digits as the byte.
fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// The origin shows bytes that are not UTF-8 as one character each.
fn bytes(text: &str) -> Vec<u8> {
    if text.chars().any(|character| character > '\u{ff}') {
        return text.as_bytes().to_vec();
    }
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).unwrap())
        .collect()
}

fn bytes_of_last(origin: &Origin) -> Vec<u8> {
    bytes(&origin.last().target)
}
