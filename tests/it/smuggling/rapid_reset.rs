//! Rapid reset (CVE-2023-44487): a client opens streams and resets them at once, so that they never
//! count against the limit on streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::floods::cpu;
use super::frames::{self, DATA, END_HEADERS, END_STREAM, End, Frames, HEADERS, RST_STREAM};
use super::message::body;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Origin, PATIENCE, Proxy, Setup};

/// The maximum number of concurrent requests on a connection.
const STREAMS: usize = 200;

pub(super) fn start(origin: &Origin) -> Proxy {
    Setup::new()
        .http2()
        .cheezeepay("name = \"pay-in\"\npath = \"/cb/a\"")
        .origin(origin)
        .start()
}

pub(super) fn opened(stream: u32) -> Vec<u8> {
    let block = frames::block(&[
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":authority", b"pay.example"),
        (b":path", b"/cb/a"),
        (b"content-type", b"application/json"),
    ]);
    frames::frame(HEADERS, END_HEADERS, stream, &block)
}

pub(super) fn reset(stream: u32) -> Vec<u8> {
    const CANCEL: [u8; 4] = [0, 0, 0, 8];
    frames::frame(RST_STREAM, 0, stream, &CANCEL)
}

#[test]
fn reset_streams_without_a_body_cost_little_and_are_not_forwarded() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let before = cpu(&proxy);
    for _ in 0..10 {
        let mut connection = Frames::connect(proxy.address);
        let many = (0..10_000).flat_map(|nth| [opened(2 * nth + 1), reset(2 * nth + 1)]);
        connection.send(&many.collect::<Vec<_>>().concat());
        assert_eq!(connection.end_of(u32::MAX), End::Closed);
    }
    // That was 100,000 requests; a normal request costs about a tenth of a millisecond.
    let used = cpu(&proxy) - before;
    assert!(used < Duration::from_secs(1), "{used:?}");
    assert!(origin.requests(0).is_empty());
    let callback = Signer::get().cheezeepay("/cb/a", &[("amount", "800")]);
    assert_eq!(callback.send(&proxy).status, 200);
}

#[test]
fn callbacks_reset_in_flight_are_bounded() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let origin = {
        let under_way = Arc::clone(&under_way);
        Origin::answering(move |_| {
            // No request ends before all of them have been sent.
            under_way.fetch_add(1, Ordering::SeqCst);
            thread::sleep(2 * PATIENCE);
            Reply::ok()
        })
    };
    let proxy = start(&origin);
    let mut connection = Frames::connect(proxy.address);
    let callback = |nth: usize| {
        let stream = u32::try_from(2 * nth + 1).unwrap();
        let data = frames::frame(DATA, END_STREAM, stream, body().as_bytes());
        (stream, [opened(stream), data].concat())
    };
    let deadline = Instant::now() + PATIENCE;
    for nth in 0..STREAMS {
        let (stream, bytes) = callback(nth);
        connection.send(&bytes);
        // Waits until the backend has the request, so that it is not among the unprocessed streams.
        while under_way.load(Ordering::SeqCst) <= nth {
            assert!(Instant::now() < deadline, "{nth}");
            thread::sleep(Duration::from_millis(1));
        }
        connection.send(&reset(stream));
    }
    connection.send(&callback(STREAMS).1);
    let line = proxy.access();
    assert_eq!(line["reason"], "overloaded", "{line}");
    assert_ne!(line["target"], "-", "{line}");
    assert_eq!(under_way.load(Ordering::SeqCst), STREAMS);
}
