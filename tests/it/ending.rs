//! Shutdown: requests in flight are answered, and idle connections do not delay it.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Setup};

fn callback() -> Callback {
    Signer::get().sgate("/cb", "{}")
}

#[test]
fn shutdown_waits_for_requests_in_flight() {
    for signal in ["TERM", "INT", "QUIT"] {
        let (release, released) = channel();
        let released = Mutex::new(released);
        let origin = Origin::answering(move |_| {
            released.lock().unwrap().recv().unwrap();
            Reply::ok()
        });
        let proxy = Setup::new()
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .http2()
            .origin(&origin)
            .start();
        let idle = Client::connect(proxy.address);
        let idle_http2 = Http2::connect(proxy.address);
        let mut client = Client::connect(proxy.address);
        client.send(&callback().with_length());
        origin.request();
        proxy.signal(signal);
        // The backend answers only after the proxy has noticed the shutdown.
        proxy.error_line("shutting down");
        release.send(()).unwrap();
        let answer = client.response();
        assert_eq!(
            (answer.status, answer.header("Connection")),
            (200, Some("close"))
        );
        assert!(client.ends());
        let (code, access, _) = proxy.ended();
        assert_eq!(code, Some(0), "{signal}");
        assert_eq!(access.len(), 1);
        drop((idle, idle_http2));
    }
}

#[test]
fn shutdown_answers_a_request_that_was_on_its_way() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    assert_eq!(client.response().status, 200);
    proxy.signal("TERM");
    proxy.error_line("shutting down");
    // The proxy is shutting down, but the client does not know it yet.
    client.send(&callback().with_length());
    let answer = client.response();
    assert_eq!(
        (answer.status, answer.header("Connection")),
        (200, Some("close"))
    );
    assert!(client.ends());
    assert_eq!(proxy.ended().0, Some(0));
    origin.requests(2);
}

#[test]
fn shutdown_waits_no_longer_than_shutdown_timeout() {
    // Accepts the callback but never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Setup::new()
        .top("shutdown_timeout = \"100ms\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[silent.local_addr().unwrap()], "read_timeout = \"1h\"")
        .start();
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    let (_connection, _) = silent.accept().unwrap();
    proxy.signal("TERM");
    let (code, _, errors) = proxy.ended();
    assert_eq!(code, Some(0));
    assert!(
        errors
            .iter()
            .any(|line| line.contains("did not finish within"))
    );
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Setup::new()
        .top("shutdown_timeout = \"1h\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[silent.local_addr().unwrap()], "read_timeout = \"1h\"")
        .start();
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    let (_connection, _) = silent.accept().unwrap();
    proxy.signal("TERM");
    proxy.error_line("SIGTERM: shutting down");
    proxy.signal("INT");
    proxy.error_line("SIGINT again");
    assert_eq!(proxy.ended().0, Some(0));
}

#[test]
fn other_signals_do_not_end_the_process() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    proxy.signal("USR1");
    proxy.error_line("log files reopened");
    assert_eq!(callback().send(&proxy).status, 200);
    origin.request();
}
