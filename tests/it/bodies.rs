//! Bodies of every size arrive byte for byte, in whatever form the client sent them.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use sha2::{Digest as _, Sha256};

use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Setup, address};

const SIZES: &[usize] = &[
    0,
    1,
    (64 << 10) - 1,
    64 << 10,
    (64 << 10) + 1,
    1 << 20,
    10 << 20,
];

fn callback(size: usize) -> Callback {
    let body: String = ('!'..='~').cycle().take(size).collect();
    Signer::get().sgate("/cb", body)
}

/// A route that accepts all these sizes.
fn setup() -> Setup {
    Setup::new().sgate("name = \"sgate\"\npath = \"/cb\"\nbody_limit = \"10MiB\"")
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

#[test]
fn bodies_with_length_and_in_chunks_share_a_connection() {
    let origin = Origin::start();
    let proxy = setup().origin(&origin).start();
    let mut client = Client::connect(proxy.address);
    let mut expected = Vec::new();
    for size in SIZES {
        let callback = callback(*size);
        for bytes in [callback.with_length(), callback.chunked(16_000)] {
            client.send(&bytes);
            let answer = client.response();
            assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok\n"[..]));
            expected.push(digest(&callback.body));
        }
    }
    let received = origin.requests(expected.len());
    let bodies: Vec<_> = received.iter().map(|got| digest(&got.body)).collect();
    assert_eq!(bodies, expected);
    assert!(received.iter().all(|got| got.target == "/cb"));
}

#[test]
fn over_http2_with_and_without_length() {
    let origin = Origin::start();
    let proxy = setup().http2().origin(&origin).start();
    let client = Http2::connect(proxy.address);
    let mut expected = Vec::new();
    for size in SIZES {
        let callback = callback(*size);
        for length in [true, false] {
            let answer = client.send(&callback, 10_000, length);
            assert_eq!(
                (answer.status.as_u16(), answer.body.as_slice()),
                (200, &b"ok\n"[..])
            );
            expected.push(digest(&callback.body));
        }
    }
    let received = origin.requests(expected.len());
    let bodies: Vec<_> = received.iter().map(|got| digest(&got.body)).collect();
    assert_eq!(bodies, expected);
}

#[test]
fn are_sent_to_the_next_server_when_one_refuses_the_connection() {
    let origin = Origin::start();
    let dead = address::unused();
    let proxy = setup().http2().servers(&[dead, origin.address], "").start();
    let mut http1 = Client::connect(proxy.address);
    let http2 = Http2::connect(proxy.address);
    let mut expected = Vec::new();
    for size in SIZES {
        let callback = callback(*size);
        // Two requests, because round robin starts each with a different server.
        for bytes in [callback.with_length(), callback.chunked(50_000)] {
            http1.send(&bytes);
            assert_eq!(http1.response().status, 200);
            assert_eq!(http2.send(&callback, 50_000, true).status, 200);
            expected.extend([digest(&callback.body), digest(&callback.body)]);
        }
    }
    let received = origin.requests(expected.len());
    let bodies: Vec<_> = received.iter().map(|got| digest(&got.body)).collect();
    assert_eq!(bodies, expected);
    let (_, _, errors) = {
        proxy.signal("TERM");
        proxy.ended()
    };
    assert!(errors.iter().any(|line| line.contains("cannot connect")));
}

#[test]
fn come_after_a_continue_when_the_client_waits_for_one() {
    let origin = Origin::start();
    let proxy = setup().origin(&origin).start();
    let mut client = Client::connect(proxy.address);
    for size in [1, 64 << 10] {
        let callback = callback(size).header("Expect", "100-continue");
        client.send(&callback.head(&format!("Content-Length: {size}\r\n")));
        assert_eq!(client.head().status, 100);
        client.send(&callback.body);
        assert_eq!(client.response().status, 200);
    }
    let received = origin.requests(2);
    assert_eq!(received[0].body.len(), 1);
    assert_eq!(received[1].body.len(), 64 << 10);
    assert!(received.iter().all(|got| got.header("expect").is_none()));
    // The connection survived both requests. A body that is too long is rejected before the proxy
    // sends 100 Continue.
    let callback = callback(0).header("Expect", "100-continue");
    client.send(&callback.head("Content-Length: 99999999\r\n"));
    assert_eq!(client.response().status, 413);
    assert!(client.ends());
}

#[test]
fn in_one_byte_pieces() {
    let origin = Origin::start();
    let proxy = setup().origin(&origin).start();
    let mut client = Client::connect(proxy.address);
    let callback = callback(40);
    for bytes in [callback.with_length(), callback.chunked(1)] {
        for byte in bytes {
            client.send(&[byte]);
        }
        assert_eq!(client.response().status, 200);
    }
    assert!(
        origin
            .requests(2)
            .iter()
            .all(|got| got.body == callback.body)
    );
}

#[test]
fn bodies_over_the_limit_are_refused_and_not_forwarded() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"small\"\npath = \"/cb\"\nbody_limit = \"1000\"")
        .http2()
        .origin(&origin)
        .start();
    let callback = callback(1001);
    for bytes in [callback.with_length(), callback.chunked(600)] {
        let mut client = Client::connect(proxy.address);
        client.send(&bytes);
        let answer = client.response();
        assert_eq!(answer.status, 413);
        assert_eq!(answer.json()["error"], "body_too_large");
        assert!(client.ends());
    }
    let http2 = Http2::connect(proxy.address);
    for length in [true, false] {
        let answer = http2.send(&callback, 600, length);
        assert_eq!(answer.status, 413);
        assert_eq!(answer.headers["content-type"], "application/json");
    }
    assert_eq!(origin.connections(), 0);
}

#[test]
fn bodies_beyond_the_buffer_limit_get_503() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let proxy = Setup::new()
        .tables("[limits]\nbody = \"60kB\"\nbuffer = \"100kB\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    let callback = callback(60_000);
    let mut first = Client::connect(proxy.address);
    first.send(&callback.with_length());
    // The first callback waits at the backend, and the proxy still holds its body.
    origin.request();
    let refused = callback.send(&proxy);
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["error"], "overloaded");
    release.send(()).unwrap();
    assert_eq!(first.response().status, 200);
    // The buffer is free again.
    release.send(()).unwrap();
    assert_eq!(callback.send(&proxy).status, 200);
    origin.requests(2);
}
