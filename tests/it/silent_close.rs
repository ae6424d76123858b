//! Backends that close idle connections without announcing it. A callback written at that moment is
//! lost; tests/cases/07-silent-close has the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::SystemTime;

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

const BODY: &str = r#"{"order":"A-1","status":"paid"}"#;

const SCHEME: &str = r#"
[[scheme]]
name = "t"
algorithm = "rsa-sha256"
signature = "{header:T-Sign|unbase64}"
timestamp = "{header:T-Time}"
max_age = "5m"
content = "{timestamp}\n{body}\n"
"#;

fn start(origin: &Origin) -> Proxy {
    start_with(2, origin)
}

fn start_with(workers: usize, origin: &Origin) -> Proxy {
    Setup::new()
        .top(&format!("workers = {workers}"))
        .route(
            "name = \"r\"\npath = \"/cb\"\nscheme = \"t\"\nkeys = [\"signer\"]\nexpose_reason = true\n\
             methods = [\"POST\", \"HEAD\"]",
        )
        .tables(SCHEME)
        .servers(&[origin.address], "keepalive = \"1h\"")
        .start()
}

fn callback(body: &str) -> Callback {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let sign = Signer::get().sign("sha256", format!("{now}\n{body}\n").as_bytes());
    Callback::post("/cb", body)
        .header("Content-Type", "application/json")
        .header("T-Time", now.to_string())
        .header("T-Sign", sign)
}

/// Answers, and closes the connection right afterwards if `closes` is set.
fn origin(closes: &Arc<AtomicBool>) -> Origin {
    let closes = Arc::clone(closes);
    Origin::answering(move |_| match closes.load(Ordering::SeqCst) {
        true => Reply::ok().then_close(),
        false => Reply::ok(),
    })
}

/// Sends callbacks until the backend gets one on a used connection; returns how many were sent.
fn until_reused(proxy: &Proxy, origin: &Origin, callback: &Callback) -> usize {
    let before = origin.count();
    loop {
        assert_eq!(callback.send(proxy).status, 200);
        let all = origin.so_far();
        let last = all.last().unwrap().connection;
        if all.iter().filter(|got| got.connection == last).count() > 1 {
            return all.len() - before;
        }
    }
}

fn has_one_each(origin: &Origin) -> bool {
    let all = origin.so_far();
    let mut connections: Vec<_> = all.iter().map(|got| got.connection).collect();
    connections.sort_unstable();
    connections.dedup();
    connections.len() == all.len()
}

#[test]
fn no_callback_is_lost_from_the_first_one_on() {
    let origin = origin(&Arc::new(AtomicBool::new(true)));
    let proxy = start(&origin);
    let (callback, address) = (callback(BODY).with_length(), proxy.address);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let mut client = Client::connect(address);
                    client.send(&callback);
                    assert_eq!(client.response().status, 200);
                }
            });
        }
    });
    origin.requests(300);
    assert!(has_one_each(&origin));
    let line = proxy.error_line("closes idle connections");
    assert!(
        line.contains(&format!("upstream origin: {}", origin.address)),
        "{line}"
    );
}

#[test]
fn no_callback_of_a_pipelining_or_head_client_is_lost() {
    let origin = Origin::answering(|got| match got.method.as_str() {
        "HEAD" => Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n").then_close(),
        _ => Reply::ok().then_close(),
    });
    let proxy = start(&origin);
    let (mut head, post) = (callback(""), callback(BODY));
    head.method = "HEAD".to_owned();
    let mut client = Client::connect(proxy.address);
    for _ in 0..50 {
        client.send(&[head.with_length(), post.with_length(), post.with_length()].concat());
        assert_eq!(client.head().status, 200);
        assert_eq!(client.response().status, 200);
        assert_eq!(client.response().status, 200);
    }
    origin.requests(150);
    assert!(has_one_each(&origin));
}

#[test]
fn connections_to_a_server_that_keeps_them_open_are_reused() {
    let origin = origin(&Arc::new(AtomicBool::new(false)));
    // With two workers, one may take a callback before the other has released the connection.
    let proxy = start_with(1, &origin);
    let callback = callback(BODY);
    until_reused(&proxy, &origin, &callback);
    let before = origin.connections();
    for _ in 0..3 {
        assert_eq!(callback.send(&proxy).status, 200);
    }
    assert_eq!(origin.connections(), before);
}

/// The server's first close is noticed before a callback uses the connection, or costs a callback.
/// Afterwards neither happens again, not even after a reload.
#[test]
fn a_server_that_starts_to_close_connections_is_on_probation_even_after_a_reload() {
    let closes = Arc::new(AtomicBool::new(false));
    let origin = origin(&closes);
    let proxy = start(&origin);
    let callback = callback(BODY);
    until_reused(&proxy, &origin, &callback);
    closes.store(true, Ordering::SeqCst);
    // The backend closes the connection after this response; the next callback reveals that.
    assert_eq!(callback.send(&proxy).status, 200);
    assert!([200, 502].contains(&callback.send(&proxy).status));
    proxy.error_line("closes idle connections");

    let each_has_its_own = |count| {
        let before = origin.count();
        for _ in 0..count {
            assert_eq!(callback.send(&proxy).status, 200);
        }
        let all = origin.requests(before + count);
        let mut connections: Vec<_> = all[before..].iter().map(|got| got.connection).collect();
        connections.dedup();
        assert_eq!(connections.len(), count);
    };
    each_has_its_own(20);
    // Probation lasts a minute, even if the server stops closing connections.
    closes.store(false, Ordering::SeqCst);
    proxy.reconfigure(|text| text.replace("max_age = \"5m\"", "max_age = \"6m\""));
    proxy.error_line("reloaded");
    each_has_its_own(20);
}
