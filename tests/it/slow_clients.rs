//! Slow clients do not hold anything forever.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, PATIENCE, Proxy, Setup};

/// The header timeout is long enough for a busy machine to send the first part of the headers.
fn start(origin: &Origin) -> Proxy {
    setup(
        "header = \"5s\"\nbody = \"1s\"\nkeepalive = \"1s\"\nwrite = \"10s\"",
        origin,
    )
    .start()
}

fn setup(timeouts: &str, origin: &Origin) -> Setup {
    Setup::new()
        .tables(&format!("[timeouts]\n{timeouts}"))
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .http2()
        .origin(origin)
}

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

#[test]
fn an_unfinished_header_is_408() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let begin = |start: &str| {
        let mut client = Client::connect(proxy.address);
        client.send(start.as_bytes());
        client
    };
    let starts = ["POS", "POST /cb HT", "POST /cb HTTP/1.1\r\nHost: a\r\n"];
    // The listener also accepts HTTP/2, and so few bytes do not show which one the client uses.
    let neither = ["", "P", "PR", "PRI * HTTP/2.0\r\n"].map(begin);
    for mut client in starts.map(begin) {
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
    for mut client in neither {
        assert!(client.ends());
    }
    assert_eq!(origin.connections(), 0);
}

#[test]
fn an_unfinished_body_is_408_even_if_it_trickles() {
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
    // Sends bytes all the time: the limit applies to the whole body, not to each pause.
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
fn a_silent_connection_is_closed() {
    let origin = Origin::start();
    let proxy = start(&origin);
    // Before the first request, and between requests.
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
fn slow_clients_do_not_delay_others() {
    let origin = Origin::start();
    let admin = Admin::new();
    let forever = "header = \"1h\"\nbody = \"1h\"\nmin_rate = \"off\"";
    let proxy = setup(forever, &origin).admin(&admin).start();
    let head = callback().head("Content-Length: 100\r\n");
    let slow: Vec<Client> = (0..100)
        .map(|_| {
            let mut client = Client::connect(proxy.address);
            client.send(&head);
            client
        })
        .collect();
    let all_wait = || admin.until("countersign_in_flight_requests", 100.0);
    all_wait();
    assert_eq!(callback().send(&proxy).status, 200);
    // All slow clients were still waiting when the callback was served.
    all_wait();
    drop(slow);
    origin.request();
}

/// How a client sends a request in pieces.
#[derive(Clone, Copy)]
struct Slow<'a> {
    begin: &'a [u8],
    piece: &'a [u8],
    pieces: usize,
    pause: Duration,
    end: &'a [u8],
}

impl Slow<'_> {
    /// The error code of the rejection.
    fn refused_by(self, address: SocketAddr) -> String {
        let mut client = Client::connect(address);
        client.send(self.begin);
        let mut watcher = client.watcher();
        let answer = thread::spawn(move || watcher.response());
        for _ in 0..self.pieces {
            if answer.is_finished() {
                break;
            }
            client.send(self.piece);
            thread::sleep(self.pause);
        }
        client.send(self.end);
        let answer = answer.join().unwrap().json();
        answer["error"].as_str().unwrap().to_owned()
    }
}

#[test]
fn only_clients_below_the_minimum_rate_are_disconnected() {
    const LENGTH: usize = 100_000;
    let origin = Origin::start();
    let callback = callback();
    let header = b"POST /nowhere HTTP/1.1\r\nHost: a\r\nX: ";
    let length = callback.head(&format!("Content-Length: {LENGTH}\r\n"));
    let chunked = callback.head("Transfer-Encoding: chunked\r\n");
    let a_lot = [length.clone(), vec![b'x'; 65_000]].concat();
    let slow = |begin, piece, end| Slow {
        begin,
        piece,
        pieces: 8,
        pause: Duration::from_secs(1),
        end,
    };
    let steady = |begin, piece, end| Slow {
        begin,
        piece,
        pieces: 80,
        pause: Duration::from_millis(100),
        end,
    };
    // The missing rest, which completes the request.
    let [rest, lot] = [8, 65_008].map(|sent| vec![b'x'; LENGTH - sent]);
    let of_steady = vec![b'x'; LENGTH - 80 * 500];
    let late = [
        ("header_timeout", slow(header, b"x", b"\r\n\r\n")),
        ("body_timeout", slow(&length, b"x", &rest)),
        ("body_timeout", slow(&chunked, b"1\r\nx\r\n", b"0\r\n\r\n")),
        // Earlier bytes make up for slowness only for a while.
        ("body_timeout", slow(&a_lot, b"x", &lot)),
    ];
    let in_time = [
        ("route_not_found", steady(header, &[b'x'; 100], b"\r\n\r\n")),
        (
            "invalid_callback",
            steady(&length, &[b'x'; 500], &of_steady),
        ),
    ];
    let start = |min_rate: &str| {
        let timeouts = "header = \"1h\"\nbody = \"1h\"\nmin_rate =";
        setup(&format!("{timeouts} \"{min_rate}\""), &origin).start()
    };
    let (limited, unlimited) = (start("200B"), start("off"));
    thread::scope(|scope| {
        for (refusal, client) in late.into_iter().chain(in_time) {
            let limited = limited.address;
            scope.spawn(move || assert_eq!(client.refused_by(limited), refusal));
        }
        for (refusal, client) in late {
            let in_time = match refusal {
                "header_timeout" => "route_not_found",
                _ => "invalid_callback",
            };
            let unlimited = unlimited.address;
            scope.spawn(move || assert_eq!(client.refused_by(unlimited), in_time));
        }
    });
    assert_eq!(origin.connections(), 0);
}
