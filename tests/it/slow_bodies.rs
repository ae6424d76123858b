//! Bodies that arrive a moment late are not sacrificed for bodies that strangers hold for longer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::stalled::callback;
use crate::support::{Admin, Client, Origin, Proxy, Setup};

/// A connection from a trusted proxy that names this client.
fn connect(proxy: &Proxy, client: &str) -> Client {
    let mut connection = Client::connect(proxy.address);
    connection.send(format!("PROXY TCP4 {client} 127.0.0.1 1000 80\r\n").as_bytes());
    connection
}

/// The provider has more unfinished bodies than any one of many strangers.
#[test]
fn a_burst_of_late_bodies_outlasts_bodies_that_drip_from_many_addresses() {
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = Setup::new()
        .top("trusted_proxies = [\"127.0.0.0/8\"]")
        .tables("[limits]\nin_flight = 20\n[timeouts]\nbody = \"1h\"\nmin_rate = \"off\"")
        .listener("proxy_protocol = true")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .admin(&admin)
        .start();
    let begun = callback().head("Content-Length: 60000\r\n");
    let mut strangers: Vec<Client> = (0..20)
        .map(|nth| {
            let mut stranger = connect(&proxy, &format!("198.51.100.{}", nth / 2));
            stranger.send(&begun);
            stranger
        })
        .collect();
    admin.until("countersign_in_flight_requests", 20.0);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                strangers.iter_mut().for_each(|client| client.send(b"x"));
                thread::sleep(Duration::from_millis(200));
            }
        });
        thread::sleep(Duration::from_millis(1500));
        let bytes = callback().with_length();
        let (start, rest) = bytes.split_at(bytes.len() - 1);
        let mut burst: Vec<Client> = (0..10)
            .map(|_| {
                let mut client = connect(&proxy, "203.0.113.1");
                client.send(start);
                client
            })
            .collect();
        thread::sleep(Duration::from_millis(100));
        burst.iter_mut().for_each(|client| client.send(rest));
        let statuses: Vec<u16> = burst
            .iter_mut()
            .map(|client| client.response().status)
            .collect();
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(statuses, [200; 10]);
    });
}
