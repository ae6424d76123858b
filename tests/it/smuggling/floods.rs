//! Floods of frames that cost a client next to nothing. Each either closes the connection or has no
//! effect, and costs the proxy little time and memory.

use std::time::Duration;

use super::frames::{self, CONTINUATION, DATA, END_HEADERS, END_STREAM, End, Frames, HEADERS};
use super::rapid_reset::{opened, reset, start};
use crate::support::signer::Signer;
use crate::support::{Origin, Proxy};

/// How often each frame is sent.
const TIMES: u32 = 100_000;

fn floods() -> Vec<(&'static str, Vec<u8>)> {
    let header = frames::block(&[(b"x-other", b"x")]);
    let begun = frames::frame(HEADERS, 0, 1, &header);
    let repeated = |first: &[u8], frame: &[u8]| [first, &frame.repeat(TIMES as usize)].concat();
    let ping = frames::frame(frames::PING, 0, 0, &[0; 8]);
    let settings = frames::frame(frames::SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]);
    let window = frames::frame(frames::WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]);
    let priority = frames::frame(frames::PRIORITY, 0, 1, &[0, 0, 0, 3, 1]);
    let resets = (0..TIMES).flat_map(|nth| [opened(2 * nth + 1), reset(2 * nth + 1)]);
    vec![
        (
            "headers that go on",
            repeated(&begun, &frames::frame(CONTINUATION, 0, 1, &header)),
        ),
        (
            "headers that go on, empty",
            repeated(&begun, &frames::frame(CONTINUATION, 0, 1, b"")),
        ),
        ("header of 64 MiB from 20 KiB", bomb()),
        (
            "data, empty",
            repeated(&opened(1), &frames::frame(DATA, 0, 1, b"")),
        ),
        (
            "data, a byte each",
            repeated(&opened(1), &frames::frame(DATA, 0, 1, b"x")),
        ),
        ("pings", ping.repeat(TIMES as usize)),
        ("settings", settings.repeat(TIMES as usize)),
        ("windows", window.repeat(TIMES as usize)),
        ("priorities", priority.repeat(TIMES as usize)),
        ("resets", resets.collect::<Vec<_>>().concat()),
        (
            "frames of no known kind",
            frames::frame(0xee, 0, 0, b"x").repeat(TIMES as usize),
        ),
    ]
}

/// One header of 4 KiB in the dynamic table, and 16,000 references to it.
fn bomb() -> Vec<u8> {
    let mut block = frames::block(&[(b"x-other", &[b'x'; 4000])]);
    // A literal with incremental indexing, and the first index of the dynamic table (62).
    block[0] = 0x40;
    block.extend([0x80 | 62; 16_000]);
    let mut pieces = block.chunks(16 << 10);
    let first = frames::frame(HEADERS, END_STREAM, 1, pieces.next().unwrap());
    let rest = frames::frame(CONTINUATION, END_HEADERS, 1, pieces.next().unwrap());
    [first, rest].concat()
}

#[test]
fn floods_cost_little_time_and_memory() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let callback = Signer::get().cheezeepay("/cb/a", &[("amount", "800")]);
    assert_eq!(callback.send(&proxy).status, 200);
    for (name, bytes) in floods() {
        let before = (cpu(&proxy), memory(&proxy));
        let mut connection = Frames::connect(proxy.address);
        connection.send(&bytes);
        // Other clients are served while the flood's connection is open.
        assert_eq!(callback.send(&proxy).status, 200, "{name}");
        connection.finish();
        assert_eq!(connection.end_of(u32::MAX), End::Closed, "{name}");
        let used = cpu(&proxy) - before.0;
        let grown = memory(&proxy).saturating_sub(before.1);
        assert!(used < Duration::from_secs(1), "{name}: {used:?}");
        assert!(grown < 8 << 10, "{name}: {grown} KiB");
    }
    let callbacks = 1 + floods().len();
    assert_eq!(origin.requests(callbacks).len(), callbacks);
}

/// The CPU time that the proxy has used.
pub(super) fn cpu(proxy: &Proxy) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", proxy.id())).unwrap();
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// The proxy's resident memory in KiB.
fn memory(proxy: &Proxy) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", proxy.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
