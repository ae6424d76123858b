//! Limits on concurrent decryption and its duration.

use std::thread;

use super::keys;
use super::proxy::encrypted;
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, Setup};

const ROUTE: &str = "name = \"sgate\"\npath = \"/cb\"\ndecrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"merchant\"]";

/// A callback with this many encrypted values.
fn callback(values: usize) -> Callback {
    let value = format!("{{\"cardno\":\"{}\"}}", encrypted()[2]);
    let values = vec![value; values].join(",");
    Signer::get().sgate("/cb", format!("{{\"data\":{{\"list\":[{values}]}}}}"))
}

fn setup(top: &str, origin: &Origin) -> Setup {
    Setup::new()
        .tables(top)
        .tables(&keys())
        .sgate(ROUTE)
        .origin(origin)
}

#[test]
fn decryption_that_takes_too_long_gets_503() {
    let origin = Origin::start();
    let admin = Admin::new();
    let proxy = setup("[timeouts]\ndecrypt = \"1ms\"", &origin)
        .admin(&admin)
        .start();
    let answer = callback(200).send(&proxy);
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["reason"], "decryption_busy");
    assert_eq!(proxy.access()["reason"], "decryption_busy");
    assert_eq!(origin.connections(), 0);
    // The memory of the callback has been released.
    assert_eq!(
        admin.metrics().value("countersign_buffered_body_bytes"),
        Some(0.0)
    );
}

#[test]
fn callbacks_beyond_the_decryption_limit_get_503() {
    let origin = Origin::start();
    let proxy = setup(
        "[limits]\ndecrypt_in_flight = 1\ndecrypt_threads = 1",
        &origin,
    )
    .start();
    let callback = callback(250);
    let address = proxy.address;
    let send = || {
        let mut client = Client::connect(address);
        client.send(&callback.with_length());
        client.response().status
    };
    let statuses: Vec<u16> = thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    assert!(count(200) >= 1 && count(503) >= 1, "{statuses:?}");
    assert_eq!(count(200) + count(503), 8, "{statuses:?}");
    // A slot is free again.
    assert_eq!(callback.send(&proxy).status, 200);
}

#[test]
fn values_beyond_a_callbacks_operation_limit_stay_encrypted() {
    let origin = Origin::start();
    let admin = Admin::new();
    let proxy = setup("[limits]\ndecrypt_operations = 3", &origin)
        .admin(&admin)
        .start();
    assert_eq!(callback(5).send(&proxy).status, 200);
    let received = origin.last();
    assert_eq!(
        received.header("X-Verified-Decrypted"),
        Some("/data/list/0/cardno, /data/list/1/cardno, /data/list/2/cardno")
    );
    assert_eq!(
        received.header("X-Verified-Decrypt-Failed"),
        Some("/data/list/3/cardno, /data/list/4/cardno")
    );
    let line = proxy.access();
    assert_eq!(
        (&line["decrypted"], &line["decrypt_failed"]),
        (&3.into(), &2.into())
    );
    let metrics = admin.metrics();
    let values = |result: &str| {
        let series = "countersign_decrypted_values_total";
        metrics.value(&format!("{series}{{result=\"{result}\",route=\"sgate\"}}"))
    };
    assert_eq!((values("ok"), values("failed")), (Some(3.0), Some(2.0)));
    let count = "countersign_decrypt_duration_seconds_count{route=\"sgate\"}";
    assert_eq!(metrics.value(count), Some(1.0));
}

/// Clear text and its intermediate values count against the buffer.
#[test]
fn memory_is_bounded() {
    let origin = Origin::start();
    let proxy = setup("[limits]\nbody = \"60KiB\"\nbuffer = \"100KiB\"", &origin).start();
    assert_eq!(callback(10).send(&proxy).status, 200);
    let answer = callback(120).send(&proxy);
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["reason"], "overloaded");
    assert_eq!(callback(10).send(&proxy).status, 200);
}

/// There are more paths than fit into a header.
#[test]
fn long_lists_of_values_are_truncated_and_marked() {
    let origin = Origin::start();
    let proxy = setup("[limits]\ndecrypt_operations = 240", &origin).start();
    let strange = format!("{{\"cardno\":\"{}\"}}", encrypted()[2]);
    let body = format!(
        "{{\"data\":{{\"a,b%\":[{}]}}}}",
        vec![strange; 600].join(",")
    );
    assert_eq!(Signer::get().sgate("/cb", body).send(&proxy).status, 200);
    let received = origin.last();
    let decrypted = received.header("X-Verified-Decrypted").unwrap();
    assert!(decrypted.starts_with("/data/a%2Cb%25/0/cardno, /data/a%2Cb%25/1/cardno, "));
    assert!(
        decrypted.len() <= 4096 && !decrypted.contains('*'),
        "{decrypted}"
    );
    let failed = received.header("X-Verified-Decrypt-Failed").unwrap();
    assert!(
        failed.starts_with("/data/a%2Cb%25/240/cardno, "),
        "{failed}"
    );
    assert!(
        failed.len() <= 4096 && failed.ends_with("/cardno, *"),
        "{failed}"
    );
}
