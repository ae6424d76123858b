//! What is remembered of callbacks: the table `[once]`, and a route's part of it.

mod disk;
mod identity;
mod redis;
mod route;

pub(super) use identity::{identity, unsound_identity};
pub(super) use route::{Of, policy};

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, Value, section};
use crate::config::resolve::files::FilesRead;
use crate::once::{MemoryLimits, OnStoreFailure, OnceSettings, StoreSettings};

/// How long callbacks may be remembered.
pub(super) const KEEP: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(1000 * 24 * 60 * 60);

const ENTRIES: RangeInclusive<u64> = 1..=1_000_000_000;
const SIZE: RangeInclusive<u64> = 1 << 20..=1 << 40;
const WAITERS: RangeInclusive<u64> = 0..=1_000_000;

/// `Some(None)` without the table.
pub(super) fn resolve(top: &Table<'_>, read: &mut FilesRead) -> Option<Option<OnceSettings>> {
    if !top.has("once") {
        return Some(None);
    }
    let table = top.table("once", &section::ONCE)?;
    let default = OnceSettings::default();
    let store = store(&table, read);
    let on_failure = table.or("on_store_failure", default.on_failure, |value| {
        value.one_of(&[
            ("fail_closed", OnStoreFailure::Closed),
            ("fail_open", OnStoreFailure::Open),
        ])
    });
    let waiters = table.or("waiters", default.waiters, |value| {
        usize::try_from(value.integer(WAITERS)?).ok()
    });
    if on_failure == Some(OnStoreFailure::Open) {
        table.problems().report(
            Diagnostic::warning(
                "repeats pass without the store",
                table.key_place("on_store_failure"),
                "while the store is away, whoever captured a callback can send it to the backend again",
            )
            .help("see to it that the backend recognises repeats by itself, or write \"fail_closed\""),
        );
    }
    Some(Some(OnceSettings {
        store: store?,
        on_failure: on_failure?,
        waiters: waiters?,
    }))
}

/// The largest answer that the store keeps with its body, in bytes, where it does not keep all.
pub(super) fn largest_answer(settings: Option<&OnceSettings>) -> Option<usize> {
    match settings.map(|settings| &settings.store) {
        None => Some(MemoryLimits::default().largest()),
        Some(StoreSettings::Memory(limits)) => Some(limits.largest()),
        Some(StoreSettings::Disk(_) | StoreSettings::Redis(_)) => None,
    }
}

/// The chosen one. What is said of the others must be right, too.
fn store(table: &Table<'_>, read: &mut FilesRead) -> Option<StoreSettings> {
    const MEMORY: &str = "memory";
    let chosen = table.or("store", MEMORY, |value| {
        value.one_of(&[(MEMORY, MEMORY), ("disk", "disk"), ("redis", "redis")])
    });
    let memory = table.or("memory", MemoryLimits::default(), memory);
    let disk = table.optional("disk", disk::disk);
    let redis = table.optional("redis", |value| redis::redis(value, read));
    let (memory, disk, redis) = (memory?, disk?, redis?);
    let help = match chosen? {
        "disk" => match disk {
            Some(path) => return Some(StoreSettings::Disk(path)),
            None => "add `disk = { path = \"/var/lib/countersign/once.db\" }`",
        },
        "redis" => match redis {
            Some(settings) => return Some(StoreSettings::Redis(Box::new(settings))),
            None => "add `redis = { servers = [\"redis://127.0.0.1:6379\"] }`",
        },
        _ => return Some(StoreSettings::Memory(memory)),
    };
    if let Some(store) = table.get("store") {
        return store
            .error("missing settings", "nothing is said of this store")
            .help(help)
            .report();
    }
    None
}

fn memory(value: Value<'_>) -> Option<MemoryLimits> {
    let table = value.table(&section::ONCE_MEMORY)?;
    let default = MemoryLimits::default();
    let entries = table.or("entries", default.entries, |value| {
        usize::try_from(value.integer(ENTRIES)?).ok()
    });
    let bytes = table.or("size", default.bytes, |value| value.size(SIZE));
    Some(MemoryLimits {
        entries: entries?,
        bytes: bytes?,
    })
}
