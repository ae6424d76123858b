//! Limits on concurrent connections and requests.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

fn callback(target: &str) -> Callback {
    Signer::get().sgate(target, r#"{"event":"E"}"#)
}

fn served(client: &mut Client, target: &str) -> u16 {
    client.send(&callback(target).with_length());
    client.response().status
}

/// Whether a new connection is served within a while. It may take a moment until the proxy notices
/// that an old connection has ended.
fn is_served_again(proxy: &Proxy) -> bool {
    (0..1000).any(|_| {
        let mut client = Client::connect(proxy.address);
        client.send(&callback("/a").with_length());
        client.is_served()
    })
}

/// Connections with a callback at the backend cannot be closed to make room (`making_room`).
#[test]
fn connections_beyond_the_limit_are_closed_at_once() {
    let (origin, release) = waiting();
    let proxy = Setup::new()
        .tables("[limits]\nconnections = 3")
        .sgate("name = \"a\"\npath = \"/a\"")
        .origin(&origin)
        .start();
    let mut kept: Vec<Client> = Vec::new();
    for nth in 1..=3 {
        let mut client = Client::connect(proxy.address);
        client.send(&callback("/a").with_length());
        origin.requests(nth);
        kept.push(client);
    }
    for _ in 0..3 {
        assert!(Client::connect(proxy.address).ends());
    }
    proxy.error_line("connections is reached");
    (0..1000).for_each(|_| release.send(()).unwrap());
    for client in &mut kept {
        assert_eq!(client.response().status, 200);
    }
    kept.pop();
    assert!(is_served_again(&proxy));
    // After a reload the new limit counts existing connections, too.
    proxy.reconfigure(|text| text.replace("connections = 3", "connections = 100"));
    proxy.error_line("reloaded");
    let mut more: Vec<_> = (0..10).map(|_| Client::connect(proxy.address)).collect();
    for client in &mut more {
        assert_eq!(served(client, "/a"), 200);
    }
}

/// A proxy behind another proxy, which names its clients by the PROXY protocol.
fn behind_a_proxy(origin: &Origin, limits: &str) -> Proxy {
    Setup::new()
        .top("trusted_proxies = [\"127.0.0.0/8\"]")
        .tables(&format!("[limits]\n{limits}"))
        .listener("proxy_protocol = true")
        .sgate("name = \"a\"\npath = \"/a\"")
        .origin(origin)
        .start()
}

/// Connects as this client and waits for a response; `None` if the proxy closes the connection.
fn connected(proxy: &Proxy, client: &str) -> Option<Client> {
    let mut connection = Client::connect(proxy.address);
    let request = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";
    connection.send(format!("PROXY TCP4 {client} 127.0.0.1 1000 80\r\n{request}").as_bytes());
    if connection.ends() {
        return None;
    }
    assert_eq!(connection.response().status, 404);
    Some(connection)
}

#[test]
fn one_client_may_have_256_connections_by_default() {
    let origin = Origin::start();
    let proxy = behind_a_proxy(&origin, "");
    let all: Vec<_> = (0..260)
        .filter_map(|_| connected(&proxy, "198.51.100.1"))
        .collect();
    assert_eq!(all.len(), 256);
    assert!(connected(&proxy, "198.51.100.2").is_some());
    let off = behind_a_proxy(&origin, "connections_per_client = \"off\"");
    let all: Vec<_> = (0..260)
        .filter_map(|_| connected(&off, "198.51.100.1"))
        .collect();
    assert_eq!(all.len(), 260);
}

#[test]
fn an_ipv6_network_may_have_four_times_the_connections_of_a_client() {
    let origin = Origin::start();
    let proxy = behind_a_proxy(&origin, "connections_per_client = 2");
    let connect = |client: &str| {
        let mut connection = Client::connect(proxy.address);
        let request = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";
        connection.send(format!("PROXY TCP6 {client} ::1 1000 80\r\n{request}").as_bytes());
        (!connection.ends()).then_some(connection)
    };
    let all: Vec<_> = (0..20)
        .filter_map(|nth| connect(&format!("2001:db8:1:{nth:x}::1")))
        .collect();
    assert_eq!(all.len(), 8);
    assert!(connect("2001:db8:2::1").is_some());
}

#[test]
fn clients_can_be_limited_without_a_total_limit() {
    let origin = Origin::start();
    let proxy = behind_a_proxy(&origin, "connections_per_client = 2");
    let connect = |client: &str| connected(&proxy, client);
    let kept = [connect("198.51.100.1"), connect("198.51.100.1")];
    assert!(kept.iter().all(Option::is_some));
    assert!(connect("198.51.100.1").is_none());
    let line = proxy.error_line("as many connections as one client may have");
    for part in ["`connections_per_client`", "`trusted_proxies`"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(connect("198.51.100.2").is_some());
    // The front proxy itself does not count as a client.
    assert!(
        (0..5)
            .map(|_| connect("127.0.0.9"))
            .all(|connection| connection.is_some())
    );
}

/// An origin that answers on command.
fn waiting() -> (Origin, Sender<()>) {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    });
    (origin, release)
}

#[test]
fn requests_in_flight_are_limited_per_route_and_in_total() {
    let (origin, release) = waiting();
    let proxy = Setup::new()
        .tables("[limits]\nin_flight = 2")
        .sgate("name = \"a\"\npath = \"/a\"\nin_flight = 1")
        .sgate("name = \"b\"\npath = \"/b\"")
        .origin(&origin)
        .start();
    let begin = |target: &str| {
        let mut client = Client::connect(proxy.address);
        client.send(&callback(target).with_length());
        client
    };
    let mut first = begin("/a");
    origin.requests(1);
    let answer = begin("/a").response();
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (503, &"overloaded".into())
    );
    let mut second = begin("/b");
    origin.requests(2);
    assert_eq!(begin("/b").response().status, 503);
    for client in [&mut first, &mut second] {
        release.send(()).unwrap();
        assert_eq!(client.response().status, 200);
    }
    // Finished requests no longer count.
    release.send(()).unwrap();
    assert_eq!(served(&mut first, "/a"), 200);
    origin.requests(3);
}
