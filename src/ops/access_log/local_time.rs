//! Local time in log formats, formatted once a second.

use std::cell::Cell;
use std::time::SystemTime;

use chrono::{DateTime, Local};

use crate::record::Clock;

/// Enough for `24/Nov/2026:23:32:31 +0000` and `2026-11-24T23:32:31+00:00`.
const LENGTH: usize = 26;

#[derive(Clone, Copy, Default)]
struct Formatted {
    second: u64,
    common: [u8; LENGTH],
    iso8601: [u8; LENGTH],
}

thread_local! {
    static LAST: Cell<Option<Formatted>> = const { Cell::new(None) };
}

pub(super) fn write(out: &mut Vec<u8>, time: SystemTime, clock: Clock) {
    let formatted = formatted(time);
    let text = match clock {
        Clock::Common => formatted.common,
        Clock::Iso8601 => formatted.iso8601,
    };
    out.extend(text.iter().take_while(|byte| **byte != 0));
}

fn formatted(time: SystemTime) -> Formatted {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let second = since.unwrap_or_default().as_secs();
    if let Some(last) = LAST.get().filter(|last| last.second == second) {
        return last;
    }
    let local = DateTime::<Local>::from(time);
    let formatted = Formatted {
        second,
        common: array(&local.format("%d/%b/%Y:%H:%M:%S %z").to_string()),
        iso8601: array(&local.format("%Y-%m-%dT%H:%M:%S%:z").to_string()),
    };
    LAST.set(Some(formatted));
    formatted
}

fn array(text: &str) -> [u8; LENGTH] {
    let mut array = [0; LENGTH];
    for (to, from) in array.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    array
}
