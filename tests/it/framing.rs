//! Requests that two servers in a row could parse differently.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup};

fn start(origin: &Origin) -> Proxy {
    Setup::new()
        .sgate("name = \"sgate\"\npath_prefix = \"/\"")
        .origin(origin)
        .start()
}

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

/// A genuine callback with these lines about its body, which is chunked or plain.
fn framed(lines: &str, chunked: bool) -> Vec<u8> {
    let callback = callback();
    let mut bytes = callback.head(lines);
    if chunked {
        bytes.extend_from_slice(format!("{:x}\r\n", callback.body.len()).as_bytes());
        bytes.extend_from_slice(&callback.body);
        bytes.extend_from_slice(b"\r\n0\r\n\r\n");
    } else {
        bytes.extend_from_slice(&callback.body);
    }
    bytes
}

/// The callback's bytes with one replacement in the headers.
fn altered(from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(callback().with_length()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn are_refused() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let length = callback().body.len();
    let cl = format!("Content-Length: {length}\r\n");
    let te = "Transfer-Encoding: chunked\r\n";
    let table: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        (
            "CL and TE",
            framed(&format!("{cl}{te}"), true),
            400,
            "length_ambiguous",
        ),
        (
            "TE and CL",
            framed(&format!("{te}{cl}"), true),
            400,
            "length_ambiguous",
        ),
        (
            "two equal CL",
            framed(&cl.repeat(2), false),
            400,
            "length_ambiguous",
        ),
        (
            "a CL list",
            framed(&format!("Content-Length: {length}, {length}\r\n"), false),
            400,
            "length_ambiguous",
        ),
        (
            "two CL that differ",
            framed(&format!("{cl}Content-Length: 0\r\n"), false),
            400,
            "request_malformed",
        ),
        (
            "a signed CL",
            framed(&format!("Content-Length: +{length}\r\n"), false),
            400,
            "request_malformed",
        ),
        (
            "a negative CL",
            framed("Content-Length: -1\r\n", false),
            400,
            "request_malformed",
        ),
        (
            "a hexadecimal CL",
            framed("Content-Length: 0xd\r\n", false),
            400,
            "request_malformed",
        ),
        (
            "gzip, chunked",
            framed("Transfer-Encoding: gzip, chunked\r\n", true),
            400,
            "encoding_unsupported",
        ),
        (
            "gzip, chunked, with a bad chunk in the same read",
            [
                callback().head("Transfer-Encoding: gzip, chunked\r\n"),
                b"0\x1d\n\r\n".to_vec(),
            ]
            .concat(),
            400,
            "encoding_unsupported",
        ),
        (
            "TE twice",
            framed(&te.repeat(2), true),
            400,
            "encoding_unsupported",
        ),
        (
            "a bare LF",
            altered("pay.example\r\n", "pay.example\n"),
            400,
            "request_malformed",
        ),
        (
            "no Host",
            altered("Host: pay.example\r\n", ""),
            400,
            "host_missing",
        ),
        (
            "two Hosts",
            altered("Host: pay.example\r\n", "Host: a\r\nHost: b\r\n"),
            400,
            "request_malformed",
        ),
        (
            "a folded line",
            altered("V-Api-Version: 1", "V-Api-Version: 1\r\n 2"),
            400,
            "request_malformed",
        ),
        (
            "a space before the colon",
            altered("V-Api-Version:", "V-Api-Version :"),
            400,
            "request_malformed",
        ),
        (
            "a NUL",
            altered("V-Api-Version: 1", "V-Api-Version: \0"),
            400,
            "request_malformed",
        ),
        (
            "CONNECT",
            altered("POST /cb", "CONNECT pay.example:80"),
            400,
            "upgrade_refused",
        ),
        (
            "an absolute target of another host",
            altered("POST /cb", "POST http://other.example/cb"),
            400,
            "request_malformed",
        ),
        (
            "no target path",
            altered("POST /cb", "POST *"),
            400,
            "target_form",
        ),
        (
            "dot segments",
            altered("POST /cb", "POST /x/../cb"),
            400,
            "target_ambiguous",
        ),
        (
            "encoded dot segments",
            altered("POST /cb", "POST /x/%2e%2e/cb"),
            400,
            "target_ambiguous",
        ),
        (
            "an empty segment",
            altered("POST /cb", "POST //cb"),
            400,
            "target_ambiguous",
        ),
        (
            "an encoded slash",
            altered("POST /cb", "POST /x%2fcb"),
            400,
            "target_ambiguous",
        ),
        (
            "another expectation",
            altered("V-Api-Version: 1", "Expect: tea"),
            417,
            "expectation_failed",
        ),
        (
            "a cut-off body",
            {
                let mut bytes = framed(&cl, false);
                bytes.pop();
                bytes
            },
            400,
            "body_incomplete",
        ),
        (
            "a malformed chunk",
            framed(te, false),
            400,
            "body_incomplete",
        ),
    ];
    for (what, bytes, status, reason) in table {
        let mut client = Client::connect(proxy.address);
        client.send(&bytes);
        client.half_close();
        let answer = client.response();
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(proxy.access()["reason"], reason, "{what}");
        if status == 400 {
            assert_eq!(answer.json()["error"], "invalid_request", "{what}");
        }
    }
    assert_eq!(callback().send(&proxy).status, 200);
    origin.request();
    assert_eq!(origin.connections(), 1);
}

/// Holds no matter how the chunked body is split between the first and later reads.
#[test]
fn a_chunk_line_with_an_ambiguous_end_closes_the_connection() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let callback = callback().header("Expect", "100-continue");
    let size = format!("{:x}", callback.body.len());
    let text = String::from_utf8(callback.body.clone()).unwrap();
    let next = "GET /admin HTTP/1.1\r\nHost: pay.example\r\n\r\n";
    for (early, late) in [
        ("", format!("{size};a\nb\r\n{text}\r\n0\r\n\r\n")),
        ("", format!("{size}\r\n{text}\r\n0;a\n\r\n")),
        (&*size, format!(";\n\r\n{text}\r\n0\r\n\r\n")),
        (&*format!("{size};a"), format!("\rb\r\n{text}\r\n0\r\n\r\n")),
        ("", "\r\n\r\n".to_owned()),
    ] {
        let mut client = Client::connect(proxy.address);
        let head = callback.head("Transfer-Encoding: chunked\r\n");
        client.send(&[&head, early.as_bytes()].concat());
        // The proxy has read everything so far.
        assert_eq!(client.head().status, 100);
        client.send(format!("{late}{next}").as_bytes());
        assert_eq!(client.response().status, 400, "{early}{late}");
        assert_eq!(proxy.access()["reason"], "body_incomplete", "{early}{late}");
        assert!(client.ends(), "{early}{late}");
        // If everything arrives at once, the log shows the same.
        let mut client = Client::connect(proxy.address);
        client.send(&[&head, early.as_bytes(), late.as_bytes()].concat());
        assert_eq!(client.response().status, 400, "{early}{late}");
        assert!(client.ends(), "{early}{late}");
        let line = proxy.access();
        assert_eq!(line["reason"], "body_incomplete", "{early}{late}");
        assert_eq!(line["target"], "/cb", "{early}{late}");
    }
    assert!(origin.requests(0).is_empty());
}

#[test]
fn what_follows_a_body_belongs_to_the_next_request() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let callback = callback();
    let mut client = Client::connect(proxy.address);
    // Two requests in one write, separated by the stray CRLF that some clients send after a body.
    client.send(
        &[
            callback.with_length(),
            b"\r\n".to_vec(),
            callback.with_length(),
        ]
        .concat(),
    );
    assert_eq!(client.response().status, 200);
    assert_eq!(client.response().status, 200);
    // After a complete body, anything else is a new request and must be a valid one.
    client.send(&[callback.with_length(), b"GARBAGE\r\n\r\n".to_vec()].concat());
    assert_eq!(client.response().status, 200);
    assert_eq!(client.response().status, 400);
    assert!(client.ends());
    let received = origin.requests(3);
    assert!(received.iter().all(|got| got.body == callback.body));
}

#[test]
fn trailers_are_dropped() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let callback = callback();
    let mut bytes = callback.chunked(5);
    bytes.truncate(bytes.len() - 2);
    bytes.extend_from_slice(b"X-Verified-Key: forged\r\nX-Late: 1\r\n\r\n");
    let mut client = Client::connect(proxy.address);
    client.send(&bytes);
    let answer = client.response();
    if answer.status == 200 {
        let received = origin.request();
        assert_eq!(received.header("X-Late"), None);
        assert_eq!(received.header("X-Verified-Key"), Some("signer"));
    } else {
        assert_eq!(answer.status, 400);
        assert_eq!(origin.connections(), 0);
    }
}

#[test]
fn a_client_that_half_closes_still_gets_its_answer() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    client.half_close();
    assert_eq!(client.response().status, 200);
    origin.request();
}

#[test]
fn an_http_1_0_client_gets_an_http_1_0_answer() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    client.send(&altered("HTTP/1.1", "HTTP/1.0"));
    let answer = client.response();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok\n"[..]));
    assert!(client.ends());
    let mut client = Client::connect(proxy.address);
    client.send(
        &String::from_utf8(framed("Transfer-Encoding: chunked\r\n", true))
            .unwrap()
            .replacen("HTTP/1.1", "HTTP/1.0", 1)
            .into_bytes(),
    );
    assert_eq!(client.response().status, 400);
    origin.request();
}

#[test]
fn offers_to_switch_protocols_are_ignored_and_not_forwarded() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    let settings = "HTTP2-Settings: AAMAAABkAAQAAP__";
    for offer in [
        "Connection: Upgrade\r\nUpgrade: TLS/1.2",
        "Connection: Upgrade\r\nUpgrade: TLS/1.2, HTTP/1.1",
        "Connection: Upgrade\r\nUpgrade: HTTP/2.0",
        "Connection: Upgrade\r\nUpgrade: IRC/6.9",
        "Connection: Upgrade\r\nUpgrade:",
        "Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: TLS/1.2",
        "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13",
        &format!("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n{settings}"),
        &format!("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2, h2c\r\n{settings}"),
        "upgrade: websocket",
    ] {
        // Each of them on the same connection, which goes on as HTTP/1.1.
        client.send(&altered(
            "V-Api-Version: 1",
            &format!("V-Api-Version: 1\r\n{offer}"),
        ));
        assert_eq!(client.response().status, 200, "{offer}");
        let received = origin.last();
        for name in ["Upgrade", "HTTP2-Settings"] {
            assert_eq!(received.header(name), None, "{offer}");
        }
        let connection = received.header("Connection").unwrap_or_default();
        assert!(
            !connection.to_ascii_lowercase().contains("upgrade"),
            "{offer}"
        );
    }
    let mut client = Client::connect(proxy.address);
    let old = "HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2";
    client.send(&altered("HTTP/1.1", old));
    assert_eq!(client.response().status, 200);
    assert_eq!(origin.last().header("Upgrade"), None);
}

/// A reset would make a client that is still sending lose the response.
#[test]
fn a_client_that_keeps_sending_after_an_unreadable_header_gets_the_answer() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let body = vec![b'x'; 8 << 20];
    let long = "a".repeat(65 << 10);
    for (header, status) in [
        ("POST /c b HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 400),
        ("POST /cb HTTP/1.1\r\nHost a\r\n\r\n".to_owned(), 400),
        (format!("POST /cb HTTP/1.1\r\nA: {long}\r\n\r\n"), 431),
    ] {
        let mut client = TcpStream::connect(proxy.address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        // Neither write fails with a reset.
        client.write_all(header.as_bytes()).unwrap();
        client.write_all(&body).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
    assert!(origin.requests(0).is_empty());
}

#[test]
fn the_options_of_connection_are_limited() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let with = |lines: &str| {
        altered(
            "V-Api-Version: 1\r\n",
            &format!("V-Api-Version: 1\r\n{lines}"),
        )
    };
    let many = |options: usize| format!("Connection: {}\r\n", vec!["a"; options].join(","));
    let empty = format!("Connection: close{}\r\n", ",".repeat(240)).repeat(250);
    for (lines, expected) in [
        (many(100), 200),
        (many(50).repeat(2), 200),
        (many(101), 400),
        (many(50).repeat(2) + "Connection:\r\n", 400),
        (format!("Connection: {}\r\n", ",".repeat(100)), 400),
        (empty, 400),
    ] {
        let mut client = Client::connect(proxy.address);
        client.send(&with(&lines));
        let answer = client.response();
        assert_eq!(answer.status, expected, "{} bytes", lines.len());
        let line = proxy.access();
        let reason = (expected == 400).then_some("request_malformed");
        assert_eq!(line["reason"].as_str(), reason, "{line}");
    }
}
