//! Clients that do not read the response to a callback that a backend accepted.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::smuggling::frames::Frames;
use crate::stalled::{NO_WINDOW, whole_stream};
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Client, Origin, Setup};

const PATH: &str = "/cb";

/// A client reads nothing of the response of the backend at `address`. The provider's own attempt
/// is then a repeat.
fn is_remembered(address: SocketAddr) {
    let proxy = Setup::new()
        .tables("[once]\n[timeouts]\nwrite = \"1s\"")
        .sgate(&format!("name = \"sgate\"\npath = \"{PATH}\""))
        .http2()
        .servers(&[address], "")
        .start();
    let callback = Signer::get().sgate(PATH, r#"{"event":"E"}"#);
    let mut stranger = Frames::connect_with(proxy.address, NO_WINDOW);
    stranger.send(&whole_stream(1, PATH, &callback));
    assert_eq!(proxy.access()["reason"], "client_closed");
    let mut provider = Client::connect(proxy.address);
    provider.send(&callback.with_length());
    assert_eq!(provider.response().status, 200);
    assert_eq!(proxy.access()["once"], "repeat");
}

/// Tests a response larger than what is remembered and what the proxy reads ahead.
fn is_remembered_of(reply: fn(&str) -> String) {
    let origin = Origin::answering(move |_| Reply::raw(reply(&"x".repeat(100_000))));
    is_remembered(origin.address);
    assert_eq!(origin.count(), 1);
}

#[test]
fn a_success_whose_client_does_not_read_it_is_remembered() {
    is_remembered_of(|body| {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}")
    });
}

#[test]
fn a_chunked_success_whose_client_does_not_read_it_is_remembered() {
    is_remembered_of(|body| {
        let (first, rest) = body.split_at(50_000);
        let chunk = |part: &str| format!("{:x}\r\n{part}\r\n", part.len());
        let chunks = [chunk(first), chunk(rest)].concat();
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
    });
}

/// A backend that sends its response headers at once and the body by `go_on`. Also returns the
/// number of callbacks it received.
fn slow_backend(
    mut go_on: impl FnMut(&mut TcpStream) + Send + 'static,
) -> (SocketAddr, &'static AtomicUsize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count: &AtomicUsize = Box::leak(Box::default());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The request ends with its body, a JSON object.
            let mut read = Vec::new();
            while !read.ends_with(b"}") {
                let mut part = [0; 4096];
                let length = stream.read(&mut part).unwrap();
                read.extend_from_slice(&part[..length]);
            }
            count.fetch_add(1, Ordering::SeqCst);
            let header = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
            stream.write_all(header).unwrap();
            go_on(&mut stream);
        }
    });
    (address, count)
}

/// The proxy waited for the backend before the client left, and that time must not count against
/// the backend.
#[test]
fn a_late_success_whose_client_does_not_read_it_is_remembered() {
    let (address, count) = slow_backend(|stream| {
        thread::sleep(Duration::from_millis(1500));
        for _ in 0..4 {
            let _ = stream.write_all(&[b'x'; 25_000]);
            thread::sleep(Duration::from_millis(20));
        }
    });
    is_remembered(address);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// A backend that has begun its response still works on the callback.
#[test]
fn a_routes_in_flight_limit_counts_requests_until_the_backend_is_done() {
    let (finish, finished) = channel::<()>();
    let (address, _) = slow_backend(move |stream| {
        let _ = finished.recv();
        let _ = stream.write_all(&[b'x'; 100_000]);
    });
    let proxy = Setup::new()
        .sgate(&format!(
            "name = \"sgate\"\npath = \"{PATH}\"\nin_flight = 1"
        ))
        .servers(&[address], "")
        .start();
    let callback = |event: &str| {
        let body = format!(r#"{{"event":"{event}"}}"#);
        Signer::get().sgate(PATH, body).with_length()
    };
    let mut first = Client::connect(proxy.address);
    first.send(&callback("E1"));
    assert_eq!(first.head().status, 200);
    let mut second = Client::connect(proxy.address);
    second.send(&callback("E2"));
    assert_eq!(second.response().status, 503);
    finish.send(()).unwrap();
}
