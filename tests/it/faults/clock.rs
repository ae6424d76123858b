//! The system clock changes while callbacks are in progress.

use std::fs;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::SystemTime;

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Setup};

/// A callback signed this many seconds from now.
fn callback(ahead: i64, nonce: &str) -> Callback {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let time = now.checked_add_signed(ahead).unwrap().to_string();
    Signer::get().sgate_at("/cb", "/cb", "{}", &time, nonce)
}

#[test]
fn a_clock_step_affects_freshness_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    let set = |step: &str| {
        // Renamed into place, so that nobody reads half of it.
        let new = folder.path().join("new");
        fs::write(&new, step).unwrap();
        fs::rename(new, &clock).unwrap();
    };
    set("+0");
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .clock(&clock)
        .start();
    for (round, (step, ahead, refused)) in [
        ("+3600", 3600, "timestamp_stale"),
        ("-3600", -3600, "timestamp_future"),
    ]
    .into_iter()
    .enumerate()
    {
        set("+0");
        // One callback waits for the backend, another one has sent half of its headers.
        let mut waiting = Client::connect(proxy.address);
        waiting.send(&callback(0, "a").with_length());
        origin.requests(3 * round + 1);
        let bytes = callback(ahead, "b").with_length();
        let mut half = Client::connect(proxy.address);
        half.send(&bytes[..20]);
        set(step);
        let answer = callback(0, "c").send(&proxy);
        assert_eq!(
            (answer.status, &answer.json()["reason"]),
            (400, &refused.into())
        );
        for _ in 0..3 {
            release.send(()).unwrap();
        }
        // The timeouts of these requests have not fired.
        assert_eq!(waiting.response().status, 200);
        half.send(&bytes[20..]);
        assert_eq!(half.response().status, 200);
        waiting.send(&callback(ahead, "d").with_length());
        assert_eq!(waiting.response().status, 200);
    }
    origin.requests(6);
}
