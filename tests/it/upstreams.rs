//! What backends do, and what the provider sees of it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use crate::support::faulty::{Faulty, Step};
use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Response, Setup, address};

fn start(origin: &Origin) -> Proxy {
    Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .http2()
        .origin(origin)
        .start()
}

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

fn answering(bytes: &'static str) -> Origin {
    Origin::answering(move |_| Reply::raw(bytes))
}

/// Sends a callback; returns the response and its log line.
fn exchange(proxy: &Proxy) -> (Response, Value) {
    let answer = callback().send(proxy);
    (answer, proxy.access())
}

#[test]
fn answers_come_back_unchanged() {
    for (bytes, status, reason, body) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess",
            200,
            "OK",
            "success",
        ),
        (
            "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
            201,
            "Made",
            "",
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "No Content", ""),
        (
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
            302,
            "Found",
            "",
        ),
        (
            "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nfail",
            500,
            "Oops",
            "fail",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            200,
            "OK",
            "abcde",
        ),
    ] {
        let origin = answering(bytes);
        let proxy = start(&origin);
        let mut client = Client::connect(proxy.address);
        // Twice, because leftovers of one response would spoil the next.
        for _ in 0..2 {
            client.send(&callback().with_length());
            let head = client.head();
            let answer = if status == 204 {
                head
            } else {
                client.rest_of(head)
            };
            assert_eq!(
                (answer.status, answer.reason.as_str()),
                (status, reason),
                "{bytes}"
            );
            assert_eq!(String::from_utf8(answer.body).unwrap(), body);
        }
        let answer = Http2::connect(proxy.address).send(&callback(), 1000, true);
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.body, body.as_bytes());
        origin.requests(3);
    }
}

#[test]
fn answer_headers_are_forwarded_except_those_of_the_connection() {
    let origin = answering(
        "HTTP/1.1 200 OK\r\nX-Shop: a\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\
         Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
         X-EmPty:\r\nContent-Length: 0\r\n\r\n",
    );
    let proxy = start(&origin);
    let answer = callback().send(&proxy);
    assert_eq!(answer.header("X-Shop"), Some("a"));
    assert_eq!(answer.header("X-Empty"), Some(""));
    assert_eq!(answer.header("X-Hop"), None);
    assert_eq!(answer.header("Keep-Alive"), None);
    let cookies: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "Set-Cookie")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
}

#[test]
fn success_as_200_maps_every_success_to_200() {
    for (bytes, status, body) in [
        (
            "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
            200,
            "ok",
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", 200, ""),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            404,
            "",
        ),
    ] {
        let origin = answering(bytes);
        let proxy = Setup::new()
            .sgate("name = \"sgate\"\npath = \"/cb\"\nsuccess_as_200 = true")
            .origin(&origin)
            .start();
        let (answer, line) = exchange(&proxy);
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (status, body.as_bytes())
        );
        assert_eq!(line["status"], status);
    }
}

#[test]
fn connections_to_upstreams_are_reused() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[origin.address], "keepalive = \"1h\"")
        .start();
    // A connection is reused only once it has been open for a moment.
    let callback = callback();
    let send = || {
        assert_eq!(callback.send(&proxy).status, 200);
        let line = proxy.access();
        (line, origin.last().connection)
    };
    let mut last = send().1;
    let connection = loop {
        match send().1 {
            again if again == last => break again,
            new => last = new,
        }
    };
    for _ in 0..3 {
        assert_eq!(send().1, connection);
    }
    let (line, _) = send();
    assert_eq!(line["upstream"], origin.address.to_string());
    assert!(line["upstream_time"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_connection_with_extra_bytes_is_not_reused() {
    let origin =
        answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Late\r\n\r\n");
    let proxy = start(&origin);
    for _ in 0..3 {
        let (answer, _) = exchange(&proxy);
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok"[..]));
    }
    let connections: Vec<_> = origin
        .requests(3)
        .iter()
        .map(|got| got.connection)
        .collect();
    assert_eq!(connections, [0, 1, 2]);
}

#[test]
fn upstreams_that_refuse_connections_are_502_and_nothing_is_sent() {
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[address::unused(), address::unused()], "")
        .start();
    let (answer, line) = exchange(&proxy);
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (502, &"upstream_unreachable".into())
    );
    assert_eq!(line["reason"], "upstream_unreachable");
    assert_eq!(line["verdict"], "verified");
}

#[test]
fn upstreams_that_close_without_an_answer_are_502_and_the_callback_is_not_resent() {
    let silent = Origin::answering(|_| Reply::raw("").then_close());
    let other = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[silent.address, other.address], "")
        .start();
    let (answer, line) = exchange(&proxy);
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (502, &"upstream_closed".into())
    );
    assert_eq!(line["reason"], "upstream_closed");
    silent.request();
    other.requests(0);
}

#[test]
fn invalid_and_truncated_answers_are_told_apart() {
    for (bytes, reason) in [
        ("GARBAGE\r\n\r\n", "upstream_invalid"),
        ("HTTP/1.1 200 OK\r\nContent-", "upstream_closed"),
        (
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "upstream_invalid",
        ),
    ] {
        let origin = Origin::answering(move |_| Reply::raw(bytes).then_close());
        let (answer, line) = exchange(&start(&origin));
        assert_eq!(
            (answer.status, &line["reason"]),
            (502, &reason.into()),
            "{bytes}"
        );
        origin.request();
    }
}

#[test]
fn a_truncated_answer_does_not_look_complete() {
    for bytes in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let origin = Origin::answering(move |_| Reply::raw(bytes).then_close());
        let proxy = start(&origin);
        let mut client = Client::connect(proxy.address);
        client.send(&callback().with_length());
        assert_eq!(client.head().status, 200);
        let rest = client.rest();
        assert!(
            rest.contains("half") && !rest.ends_with("0\r\n\r\n"),
            "{rest:?}"
        );
        let line = proxy.access();
        assert_eq!(
            (&line["status"], &line["reason"]),
            (&200.into(), &"upstream_closed".into())
        );
        let request = Http2::connect(proxy.address);
        let callback = callback();
        let request = request.try_send(&callback);
        assert!(request.is_err(), "{request:?}");
    }
}

#[test]
fn interim_answers_are_not_forwarded() {
    let origin = answering(
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    let (answer, _) = exchange(&start(&origin));
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok"[..]));
    assert_eq!(answer.header("Link"), None);
}

#[test]
fn upstreams_that_take_too_long_are_504() {
    // Accepts connections but never sends anything.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[silent.local_addr().unwrap()], "read_timeout = \"100ms\"")
        .start();
    let (answer, line) = exchange(&proxy);
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (504, &"upstream_timeout".into())
    );
    assert_eq!(line["reason"], "upstream_timeout");
    assert!(line["upstream_time"].as_f64().unwrap() >= 0.1);
}

#[test]
fn early_responses_are_forwarded() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let origin = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut some = [0; 1000];
        stream.read_exact(&mut some).unwrap();
        stream
            .write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
        // Reads the rest, as a careful server does, so that a reset does not destroy the response.
        while stream.read(&mut some).is_ok_and(|read| read > 0) {}
    });
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[server], "")
        .start();
    let answer = Signer::get().sgate("/cb", "x".repeat(900_000)).send(&proxy);
    assert_eq!(answer.status, 413);
    drop(proxy);
    origin.join().unwrap();
}

/// The response arrives long before the write timeout.
#[test]
fn early_responses_of_upstreams_that_stop_reading_are_forwarded() {
    let faulty = Faulty::start();
    faulty.does(&[
        Step::ReadHead,
        Step::Write("HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfull"),
        Step::Ignore,
    ]);
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"\nbody_limit = \"10MiB\"")
        .servers(&[faulty.address], "write_timeout = \"1h\"")
        .start();
    let answer = Signer::get().sgate("/cb", "x".repeat(8 << 20)).send(&proxy);
    assert_eq!((answer.status, &answer.body[..]), (413, &b"full"[..]));
}
