//! At the connection limit, dispensable connections are closed to make room for new ones.

use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;

use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::tls::{Authority, Hello};
use crate::support::{Admin, Callback, Client, Origin, Proxy, Setup};

/// A request that the proxy answers at once.
const NOWHERE: &[u8] = b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

fn setup(origin: &Origin, admin: &Admin, limit: usize) -> Setup {
    Setup::new()
        .tables(&format!("[limits]\nconnections = {limit}"))
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(origin)
        .admin(admin)
}

/// Waits until this many connections are open.
fn wait_for(admin: &Admin, connections: usize) {
    let wanted = u32::try_from(connections).unwrap();
    admin.until("countersign_connections", f64::from(wanted));
}

/// Connects a client and waits until the connection is counted.
fn connect(proxy: &Proxy, admin: &Admin, connections: usize) -> Client {
    let client = Client::connect(proxy.address);
    wait_for(admin, connections);
    client
}

/// Sends half of a request's headers and waits until the proxy has read it: the bytes arrive
/// together with a request that the proxy answers.
fn begin(client: &mut Client, half: &[u8]) {
    client.send(&[NOWHERE, half].concat());
    assert_eq!(client.response().status, 404);
}

fn is_served(client: &mut Client) -> bool {
    client.send(&callback().with_length());
    client.is_served()
}

#[test]
fn idle_connections_are_closed_first_then_unfinished_headers_and_never_a_forwarded_callback() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let admin = Admin::new();
    let proxy = setup(&origin, &admin, 4).start();
    wait_for(&admin, 0);
    let mut in_flight = connect(&proxy, &admin, 1);
    in_flight.send(&callback().with_length());
    origin.request();
    let mut in_header = connect(&proxy, &admin, 2);
    let bytes = callback().with_length();
    let (start, rest) = bytes.split_at(10);
    begin(&mut in_header, start);
    let mut silent = connect(&proxy, &admin, 3);
    let mut idle = connect(&proxy, &admin, 4);
    idle.send(NOWHERE);
    assert_eq!(idle.response().status, 404);

    // The first to go is a silent connection, then one that waits for its next request, then one
    // with unfinished headers.
    let mut first = Client::connect(proxy.address);
    begin(&mut first, start);
    assert!(silent.ends());
    proxy.error_line("are closed to make room for new ones");
    let mut second = Client::connect(proxy.address);
    begin(&mut second, start);
    assert!(idle.ends());
    let mut third = Client::connect(proxy.address);
    begin(&mut third, start);
    assert!(in_header.ends());
    // No remaining connection may be closed.
    let mut all = [first, second, third];
    all.iter_mut().for_each(|client| client.send(rest));
    origin.requests(4);
    assert!(Client::connect(proxy.address).ends());
    proxy.error_line("connections is reached");
    let metrics = admin.metrics();
    let value = |name: &str| metrics.value(&format!("countersign_connections_{name}"));
    assert_eq!(value("evicted_total"), Some(3.0));
    assert_eq!(value("refused_total{cause=\"limit\"}"), Some(1.0));

    for _ in 0..4 {
        release.send(()).unwrap();
    }
    assert_eq!(in_flight.response().status, 200);
    assert!(all.iter_mut().all(Client::is_served));
}

#[test]
fn idle_strangers_keep_nobody_out() {
    let origin = Origin::start();
    let admin = Admin::new();
    let proxy = setup(&origin, &admin, 100).top("workers = 2").start();
    let strangers: Vec<Client> = (0..300).map(|_| Client::connect(proxy.address)).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert!(is_served(&mut Client::connect(proxy.address)));
                }
            });
        }
    });
    origin.requests(200);
    assert_eq!(
        admin.metrics().sum("countersign_connections_refused_total"),
        0.0
    );
    drop(strangers);
}

#[test]
fn an_idle_http2_connection_is_closed_and_one_with_a_stream_stays() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let admin = Admin::new();
    let proxy = setup(&origin, &admin, 2).http2().start();
    wait_for(&admin, 0);
    let idle = Http2::connect(proxy.address);
    wait_for(&admin, 1);
    release.send(()).unwrap();
    assert_eq!(idle.try_send(&callback()).unwrap().status, 200);
    origin.request();
    let busy = Http2::connect(proxy.address);
    wait_for(&admin, 2);
    thread::scope(|scope| {
        let answer = scope.spawn(|| busy.try_send(&callback()).unwrap());
        origin.requests(2);
        let mut new = Client::connect(proxy.address);
        new.send(&callback().with_length());
        origin.requests(3);
        for _ in 0..2 {
            release.send(()).unwrap();
        }
        assert!(new.is_served());
        assert_eq!(answer.join().unwrap().status, 200);
    });
    // GOAWAY told the client that its request was not processed.
    let error = idle.try_send(&callback()).unwrap_err();
    assert!(error.is_go_away() || error.is_io(), "{error:?}");
    // A connection that has only sent the HTTP/2 preface is closed as well.
    let mut silent = Client::connect(proxy.address);
    silent.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    release.send(()).unwrap();
    assert!(is_served(&mut Client::connect(proxy.address)));
}

#[test]
fn a_connection_that_is_silent_before_its_handshake_is_closed_to_make_room() {
    let origin = Origin::start();
    let authority = Authority::new();
    authority.issue("a", "DNS:a.example");
    let admin = Admin::new();
    let proxy = setup(&origin, &admin, 1)
        .top("trusted_proxies = [\"127.0.0.0/8\"]")
        .listener(&format!(
            "proxy_protocol = true\n{}",
            authority.tls(&["a"], "")
        ))
        .start();
    let hello = Hello {
        early: b"PROXY TCP4 198.51.100.1 127.0.0.1 1000 80\r\n",
        ..Hello::default()
    };
    wait_for(&admin, 0);
    let mut silent = connect(&proxy, &admin, 1);
    let (mut client, ..) = authority
        .connect(proxy.address, "a.example", &hello)
        .unwrap();
    assert!(is_served(&mut client));
    assert!(silent.ends());
}

#[test]
fn a_client_that_agreed_on_http2_must_speak_it() {
    let origin = Origin::start();
    let authority = Authority::new();
    authority.issue("a", "DNS:a.example");
    let proxy = Setup::new()
        .tables("[timeouts]\nheader = \"2s\"")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .http2()
        .listener(&authority.tls(&["a"], ""))
        .origin(&origin)
        .start();
    let hello = Hello {
        alpn: &["h2"],
        ..Hello::default()
    };
    for said in ["", "PRI * HTTP/2.0\r\n"] {
        let (mut client, ..) = authority
            .connect(proxy.address, "a.example", &hello)
            .unwrap();
        client.send(said.as_bytes());
        assert!(client.ends(), "{said:?}");
    }
}

#[test]
fn file_descriptors_are_reserved_for_backends() {
    let origin = Origin::start();
    let admin = Admin::new();
    let proxy = setup(&origin, &admin, 10_000)
        .command(|command, _| {
            let mut limited = Command::new("prlimit");
            limited.arg("--nofile=200:200").arg(command.get_program());
            limited.args(command.get_args());
            limited.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
            *command = limited;
        })
        .start();
    proxy.error_line("allows only 150");
    let strangers: Vec<Client> = (0..400).map(|_| Client::connect(proxy.address)).collect();
    for _ in 0..50 {
        assert!(is_served(&mut Client::connect(proxy.address)));
    }
    assert_eq!(
        admin.metrics().value("countersign_connections_limit"),
        Some(150.0)
    );
    drop(strangers);
}
