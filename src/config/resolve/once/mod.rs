//! How callbacks are remembered: the table `[once]`, and a route's own settings.

mod disk;
mod identity;
mod redis;
mod redis_tls;
mod route;

pub(super) use identity::{identity, unsound_identity};
pub(super) use route::{Of, policy};

use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::keys::StoreName;
use crate::config::reader::{Table, Value};
use crate::config::resolve::files::FilesRead;
use crate::once::{MemoryLimits, OnStoreFailure, OnceSettings, StoreSettings};

pub(super) fn resolve(top: &Table<'_>, read: &mut FilesRead) -> Option<OnceSettings> {
    let table = top.table("once")?;
    let store = store(&table, read);
    let on_failure = table.read("on_store_failure", Value::word);
    let waiters = table.read("waiters", Value::integer);
    if on_failure == Some(OnStoreFailure::Open) {
        table.problems().report(
            Diagnostic::warning(
                WarningName::FailOpen,
                table.key_place("on_store_failure"),
                "while the store is unavailable, whoever captured a callback can replay it to \
                 the backend",
            )
            .help(
                "make sure that the backend recognises repeats by itself, or write \
                 \"fail_closed\"",
            ),
        );
    }
    Some(OnceSettings {
        store: store?,
        on_failure: on_failure?,
        waiters: waiters?,
    })
}

/// The largest answer that the store keeps with its body, in bytes; `None` if it keeps all of them.
pub(super) fn largest_answer(settings: &OnceSettings) -> Option<usize> {
    match &settings.store {
        StoreSettings::Memory(limits) => Some(limits.largest()),
        StoreSettings::Disk(_) | StoreSettings::Redis(_) => None,
    }
}

/// The selected store. The settings of the other stores must be valid as well.
fn store(table: &Table<'_>, read: &mut FilesRead) -> Option<StoreSettings> {
    let chosen = table.read("store", Value::word);
    let memory = memory(table);
    let disk = table.optional("disk", disk::disk);
    let redis = table.optional("redis", |value| redis::redis(value, read));
    let (memory, disk, redis) = (memory?, disk?, redis?);
    let help = match chosen? {
        StoreName::Memory => return Some(StoreSettings::Memory(memory)),
        StoreName::Disk => match disk {
            Some(path) => return Some(StoreSettings::Disk(path)),
            None => "add `disk = { path = \"/var/lib/countersign/once.db\" }`",
        },
        StoreName::Redis => match redis {
            Some(settings) => return Some(StoreSettings::Redis(Box::new(settings))),
            None => "add `redis = { servers = [\"redis://127.0.0.1:6379\"] }`",
        },
    };
    if let Some(store) = table.get("store") {
        return store
            .error("missing settings", "this store has no settings")
            .help(help)
            .report();
    }
    None
}

fn memory(table: &Table<'_>) -> Option<MemoryLimits> {
    let table = table.table("memory")?;
    let entries = table.read("entries", Value::integer);
    let bytes = table.read("size", Value::size);
    Some(MemoryLimits {
        entries: entries?,
        bytes: bytes?,
    })
}
