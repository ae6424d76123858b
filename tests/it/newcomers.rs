//! Strangers hold all other connections and more of them connect. Even so, a new connection has
//! time to send its request, and a connection with a verified callback may stay idle.

use std::io::Write as _;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use crate::stalled::{PATH, callback, setup, takes_no_answer};
use crate::support::tls::{Authority, Hello};
use crate::support::{Admin, Client, Origin, PATIENCE, Proxy};

/// The connection limit.
const CONNECTIONS: usize = 40;

const LIMITS: &str = "connections = 40\nin_flight = \"off\"";

/// Long enough that all of the strangers' connections count as stalled.
const ALL_STALL: Duration = Duration::from_secs(4);

const NOWHERE: &[u8] = b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";

/// Uses up all connections with stalled ones.
fn strangers<T>(take: impl Fn() -> T, admin: &Admin) -> Vec<T> {
    admin.until("countersign_connections", 0.0);
    let held: Vec<T> = (0..CONNECTIONS).map(|_| take()).collect();
    admin.until("countersign_connections", CONNECTIONS as f64);
    admin.until("countersign_in_flight_requests", CONNECTIONS as f64);
    thread::sleep(ALL_STALL);
    held
}

/// Connects some more strangers and waits until the proxy has read from each.
fn more(connect: impl Fn() -> Client) -> Vec<Client> {
    let come = |_| {
        let mut client = connect();
        client.send(&[NOWHERE, b"P"].concat());
        assert_eq!(client.response().status, 404);
        client
    };
    (0..5).map(come).collect()
}

fn plain(proxy: &Proxy) -> Client {
    Client::connect(proxy.address)
}

#[test]
fn a_header_in_two_pieces_is_served_while_more_strangers_connect() {
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = setup(LIMITS, &origin, &admin).start();
    let held = strangers(|| takes_no_answer(&proxy, "/nowhere"), &admin);
    let bytes = callback().with_length();
    let (start, rest) = bytes.split_at(40);
    for _ in 0..5 {
        let mut slow = plain(&proxy);
        // The bytes arrive with a request that is answered, so the proxy has read them.
        slow.send(&[NOWHERE, start].concat());
        assert_eq!(slow.response().status, 404);
        let newcomers = more(|| plain(&proxy));
        slow.send(rest);
        assert!(slow.is_served());
        drop(newcomers);
    }
    drop(held);
}

#[test]
fn a_slow_tls_handshake_completes_while_more_strangers_connect() {
    let (origin, admin) = (Origin::start(), Admin::new());
    let authority = Authority::new();
    authority.issue("a", "DNS:a.example");
    let proxy = setup(LIMITS, &origin, &admin)
        .listener(&authority.tls(&["a"], ""))
        .start();
    let connect = || {
        let connected = authority.connect(proxy.address, "a.example", &Hello::default());
        connected.unwrap().0
    };
    let begun = format!("POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
    let held = strangers(
        || {
            let mut client = connect();
            client.send(begun.as_bytes());
            client
        },
        &admin,
    );
    for old in [false, true, false, true] {
        let hello = Hello {
            old,
            ..Hello::default()
        };
        let name = ServerName::try_from("a.example").unwrap();
        let mut tls = ClientConnection::new(authority.client(&hello), name).unwrap();
        let mut socket = TcpStream::connect(proxy.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        tls.write_tls(&mut socket).unwrap();
        socket.flush().unwrap();
        // The proxy has replied and waits for the rest of the handshake.
        assert!(tls.read_tls(&mut socket).unwrap() > 0);
        let newcomers = more(connect);
        tls.process_new_packets().unwrap();
        let mut slow = Client::over(StreamOwned::new(tls, socket));
        slow.send(&callback().with_length());
        assert!(slow.is_served());
        drop(newcomers);
    }
    drop(held);
}

#[test]
fn a_connection_with_a_verified_callback_may_idle_while_strangers_hold_all_others() {
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = setup(LIMITS, &origin, &admin).start();
    let held = strangers(|| takes_no_answer(&proxy, "/nowhere"), &admin);
    let mut provider = plain(&proxy);
    for _ in 0..4 {
        provider.send(&callback().with_length());
        assert!(provider.is_served());
        drop(more(|| plain(&proxy)));
    }
    drop(held);
}
