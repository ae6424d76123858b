//! Where a backend's response ends if its headers are contradictory or unusual. One such case is
//! also in tests/cases/03-transfer-encoding-identity.

use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

/// The read timeout exceeds the tests' patience, so a response must end without it.
fn start(origin: &Origin, route: &str) -> Proxy {
    Setup::new()
        .sgate(&format!("name = \"sgate\"\npath = \"/cb\"\n{route}"))
        .servers(&[origin.address], "read_timeout = \"1h\"")
        .tables("[once]")
        .http2()
        .start()
}

#[test]
fn a_transfer_encoding_of_identity_leaves_the_content_length_valid() {
    for word in ["identity", "", "none", "8bit"] {
        // The backend keeps the connection open.
        let answer = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: {word}\r\nContent-Length: 7\r\n\r\nsuccess"
        );
        for once in [false, true] {
            let reply = answer.clone();
            let origin = Origin::answering(move |_| Reply::raw(reply.clone()));
            let proxy = start(&origin, &format!("once = {once}"));
            let answer = callback().send(&proxy);
            assert_eq!(
                (answer.status, &answer.body[..]),
                (200, &b"success"[..]),
                "{word}"
            );
            assert_eq!(answer.header("content-length"), Some("7"), "{word}");
            assert_eq!(answer.header("transfer-encoding"), None, "{word}");
            let answer = Http2::connect(proxy.address).send(&callback(), 1000, true);
            assert_eq!(
                (answer.status.as_u16(), &answer.body[..]),
                (200, &b"success"[..])
            );
            for line in [proxy.access(), proxy.access()] {
                assert_eq!(
                    (&line["status"], &line["reason"]),
                    (&200.into(), &().into())
                );
            }
        }
    }
}

/// Bytes after the length belong neither to this response nor to another callback's.
#[test]
fn bytes_after_such_a_length_are_not_forwarded() {
    let origin = Origin::answering(|got| {
        let first = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok\
                     HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        Reply::raw(if got.connection == 0 {
            first
        } else {
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown"
        })
    });
    let proxy = start(&origin, "once = false");
    for expected in ["ok", "own"] {
        let answer = callback().send(&proxy);
        assert_eq!(
            (answer.status, &answer.body[..]),
            (200, expected.as_bytes())
        );
    }
}

#[test]
fn an_answer_without_length_ends_with_the_connection() {
    let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nsuccess";
    let origin = Origin::answering(move |_| Reply::raw(text).then_close());
    let answer = callback().send(&start(&origin, "once = false"));
    assert_eq!((answer.status, &answer.body[..]), (200, &b"success"[..]));
}

#[test]
fn an_answer_that_ends_before_its_length_is_incomplete() {
    let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 9\r\n\r\nhalf";
    let origin = Origin::answering(move |_| Reply::raw(text).then_close());
    let proxy = start(&origin, "once = false");
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    let head = client.head();
    assert_eq!(head.status, 200);
    assert!(client.try_rest_of(head).is_none());
    let line = proxy.access();
    assert_eq!(
        (&line["status"], &line["reason"]),
        (&200.into(), &"upstream_closed".into())
    );
}

#[test]
fn unrequested_transfer_codings_are_502_at_once() {
    for coding in ["gzip", "gzip, chunked", "chunked, identity", "chunked,"] {
        // The backend keeps the connection open.
        let answer = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\nContent-Length: 7\r\n\r\nsuccess"
        );
        let origin = Origin::answering(move |_| Reply::raw(answer.clone()));
        let proxy = start(&origin, "once = false");
        assert_eq!(callback().send(&proxy).status, 502, "{coding}");
        assert_eq!(proxy.access()["reason"], "upstream_invalid", "{coding}");
        let line = proxy.error_line("upstream_invalid");
        // Quotes are escaped, because the log is JSON.
        let words = format!("its answer has the transfer coding \\\"{coding}\\\"");
        assert!(line.contains(&words), "{line}");
    }
}

/// RFC 9110, section 8.6.
#[test]
fn a_204_has_no_length() {
    for length in ["0", "5"] {
        let answer = format!("HTTP/1.1 204 No Content\r\nContent-Length: {length}\r\n\r\n");
        let origin = Origin::answering(move |_| Reply::raw(answer.clone()));
        let proxy = start(&origin, "once = false");
        let mut client = Client::connect(proxy.address);
        for _ in 0..2 {
            client.send(&callback().with_length());
            let head = client.head();
            assert_eq!((head.status, head.header("content-length")), (204, None));
        }
        let answer = Http2::connect(proxy.address).send(&callback(), 1000, true);
        assert_eq!(answer.status.as_u16(), 204);
    }
    let origin =
        Origin::answering(|_| Reply::raw("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"));
    let answer = callback().send(&start(&origin, "once = false\nsuccess_as_200 = true"));
    assert_eq!(
        (answer.status, answer.header("content-length")),
        (200, Some("0"))
    );
}
