//! What is remembered of callbacks: the table `[once]`, and a route's part of it.

mod identity;
mod route;

pub(super) use identity::identity;
pub(super) use route::{Of, policy};

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::reader::{Table, Value, section};
use crate::once::{Limits, OnFailure, Settings, StoreSettings};

/// How long callbacks may be remembered.
pub(super) const KEEP: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(1000 * 24 * 60 * 60);

const ENTRIES: RangeInclusive<u64> = 1..=1_000_000_000;
const SIZE: RangeInclusive<u64> = 1 << 20..=1 << 40;
const WAITERS: RangeInclusive<u64> = 0..=1_000_000;

/// `Some(None)` without the table.
pub(super) fn resolve(top: &Table<'_>) -> Option<Option<Settings>> {
    if !top.has("once") {
        return Some(None);
    }
    let table = top.table("once", &section::ONCE)?;
    let default = Settings::default();
    let memory = table.or("memory", Limits::default(), memory);
    let on_failure = table.or("on_store_failure", default.on_failure, |value| {
        value.one_of(&[
            ("fail_closed", OnFailure::Closed),
            ("fail_open", OnFailure::Open),
        ])
    });
    let waiters = table.or("waiters", default.waiters, |value| {
        usize::try_from(value.integer(WAITERS)?).ok()
    });
    Some(Some(Settings {
        store: StoreSettings::Memory(memory?),
        on_failure: on_failure?,
        waiters: waiters?,
    }))
}

fn memory(value: Value<'_>) -> Option<Limits> {
    let table = value.table(&section::ONCE_MEMORY)?;
    let default = Limits::default();
    let entries = table.or("entries", default.entries, |value| {
        usize::try_from(value.integer(ENTRIES)?).ok()
    });
    let bytes = table.or("size", default.bytes, |value| value.size(SIZE));
    Some(Limits {
        entries: entries?,
        bytes: bytes?,
    })
}
