//! Clients that take their time do not hold anything for ever.

use std::time::Instant;

use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup};

fn start(origin: &Origin) -> Proxy {
    Setup::new()
        .tables("[timeouts]\nheader = \"1s\"\nbody = \"1s\"\nkeepalive = \"1s\"\nwrite = \"10s\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .http2()
        .origin(origin)
        .start()
}

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

#[test]
fn half_a_header_is_408() {
    let origin = Origin::start();
    let proxy = start(&origin);
    for start in ["POS", "POST /cb HT", "POST /cb HTTP/1.1\r\nHost: a\r\n"] {
        let mut client = Client::connect(proxy.address);
        client.send(start.as_bytes());
        let answer = client.response();
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (408, &"header_timeout".into())
        );
        assert!(client.ends());
        let line = proxy.access();
        assert_eq!(
            (&line["reason"], &line["route"]),
            (&"header_timeout".into(), &().into())
        );
    }
    // On a listener that speaks HTTP/2, too, so few bytes are no request of either kind.
    for start in ["", "P", "PR", "PRI * HTTP/2.0\r\n"] {
        let mut client = Client::connect(proxy.address);
        client.send(start.as_bytes());
        assert!(client.ends());
    }
    assert_eq!(origin.connections(), 0);
}

#[test]
fn half_a_body_is_408_however_it_trickles() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let callback = callback();
    for bytes in [callback.with_length(), callback.chunked(4)] {
        let mut client = Client::connect(proxy.address);
        client.send(&bytes[..bytes.len() - 8]);
        let answer = client.response();
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (408, &"body_timeout".into())
        );
        assert!(client.ends());
        assert_eq!(proxy.access()["reason"], "body_timeout");
    }
    // A byte whenever the proxy could have lost patience: the limit is for the whole body.
    let mut client = Client::connect(proxy.address);
    client.send(&callback.head("Content-Length: 1000000\r\n"));
    let started = Instant::now();
    let mut watcher = client.watcher();
    let answer = std::thread::spawn(move || watcher.response());
    while !answer.is_finished() {
        assert!(started.elapsed() < PATIENCE);
        client.send(b"x");
        std::thread::yield_now();
    }
    assert_eq!(answer.join().unwrap().status, 408);
    assert_eq!(origin.connections(), 0);
}

#[test]
fn silence_ends_a_connection() {
    let origin = Origin::start();
    let proxy = start(&origin);
    // Before a first request, and between two.
    let mut client = Client::connect(proxy.address);
    assert!(client.ends());
    let request = callback().with_length();
    let mut client = Client::connect(proxy.address);
    client.send(&request);
    assert_eq!(client.response().status, 200);
    assert!(client.ends());
    origin.request();
}

#[test]
fn do_not_hold_up_others() {
    let origin = Origin::start();
    let proxy = start(&origin);
    // Signed before the connection is there, whose time is short.
    let head = callback().head("Content-Length: 100\r\n");
    let good = callback();
    let slow: Vec<Client> = (0..100)
        .map(|_| {
            let mut client = Client::connect(proxy.address);
            client.send(&head);
            client
        })
        .collect();
    assert_eq!(good.send(&proxy).status, 200);
    for mut client in slow {
        assert_eq!(client.response().status, 408);
    }
    origin.request();
}
