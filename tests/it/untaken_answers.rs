//! Unread responses to callbacks, each of which is a request in flight, do not block others.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use crate::smuggling::frames::Frames;
use crate::stalled::{PATH, whole_stream};
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, PATIENCE, Proxy, Setup};

/// The limit on requests in flight.
const IN_FLIGHT: u32 = 20;

const ONCE: &str = "once = { identity = [\"event\"] }";

/// A callback that has not been sent before.
fn fresh() -> Callback {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let nth = NEXT.fetch_add(1, Ordering::Relaxed);
    Signer::get().sgate(PATH, format!(r#"{{"event":"E{nth}"}}"#))
}

fn passes(proxy: &Proxy, callback: &Callback) -> bool {
    let mut client = Client::connect(proxy.address);
    client.send(&callback.with_length());
    client.is_served()
}

/// A stranger occupies all requests in flight with a captured callback whose responses it does not
/// read. Checks that a provider's callbacks pass.
fn keeps_nobody_out(tables: &str, route: &str) -> Proxy {
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = Setup::new()
        .tables(tables)
        .sgate(&format!("name = \"sgate\"\npath = \"{PATH}\"\n{route}"))
        .http2()
        .origin(&origin)
        .admin(&admin)
        .start();
    let captured = fresh();
    assert!(passes(&proxy, &captured));
    admin.until("countersign_in_flight_requests", 0.0);
    let mut stranger = Frames::connect_without_window(proxy.address);
    let all = (0..IN_FLIGHT).flat_map(|nth| whole_stream(2 * nth + 1, PATH, &captured));
    stranger.send(&all.collect::<Vec<_>>());
    admin.until("countersign_in_flight_requests", f64::from(IN_FLIGHT));
    let deadline = Instant::now() + PATIENCE;
    while !passes(&proxy, &fresh()) {
        assert!(Instant::now() < deadline, "no callback passes");
    }
    let passed = (0..20).filter(|_| passes(&proxy, &fresh())).count();
    assert_eq!(passed, 20);
    drop(stranger);
    proxy
}

#[test]
fn unread_repeats_do_not_exhaust_the_requests_in_flight() {
    let proxy = keeps_nobody_out("[once]\n[limits]\nin_flight = 20", ONCE);
    // A dropped response is logged as a repeat whose client has gone.
    let line = loop {
        let line = proxy.access();
        if line["once"] == "repeat" {
            break line;
        }
    };
    assert_eq!(
        (&line["status"], &line["reason"]),
        (&499.into(), &"client_closed".into())
    );
}

#[test]
fn unread_backend_answers_do_not_exhaust_the_requests_in_flight() {
    keeps_nobody_out("[limits]\nin_flight = 20", "");
}

#[test]
fn unread_repeats_do_not_exhaust_the_requests_of_a_route() {
    keeps_nobody_out("[once]", &format!("in_flight = 20\n{ONCE}"));
}

#[test]
fn unread_backend_answers_do_not_exhaust_the_requests_of_a_route() {
    keeps_nobody_out("", "in_flight = 20");
}
