//! A small memory store with large answers.

use super::storm::callbacks;
use crate::support::origin::Reply;
use crate::support::{Admin, Client, Origin, Setup};

const SMALL: usize = 200;
const LARGE: usize = 100;

#[test]
fn large_answers_do_not_evict_other_callbacks() {
    let admin = Admin::new();
    let origin = Origin::answering(|request| {
        let order = request.header("x-order").unwrap()[1..].to_owned();
        if order.parse::<usize>().unwrap() < SMALL {
            return Reply::ok();
        }
        let body = "x".repeat(15_000);
        Reply::raw(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    });
    let proxy = Setup::new()
        .cheezeepay("name = \"c\"\npath = \"/cb\"\nfields = { \"X-Order\" = \"mchOrderNo\" }")
        .tables("[once]\nmemory = { size = \"1MiB\" }")
        .origin(&origin)
        .admin(&admin)
        .start();
    let callbacks = callbacks(SMALL + LARGE);
    let mut client = Client::connect(proxy.address);
    for callback in &callbacks {
        client.send(callback);
        assert_eq!(client.response().status, 200);
    }
    let taken = origin.count();
    assert_eq!(taken, SMALL + LARGE);
    for callback in &callbacks[..SMALL] {
        client.send(callback);
        assert_eq!(client.response().body, b"ok\n");
    }
    assert_eq!(
        origin.count() - taken,
        0,
        "of {SMALL} callbacks, so many were forgotten"
    );
    let metrics = admin.metrics();
    assert_eq!(metrics.value("countersign_once_evictions_total"), Some(0.0));
    let bytes = metrics.value("countersign_once_bytes").unwrap();
    assert!(bytes <= f64::from(1 << 20), "{bytes}");
}
