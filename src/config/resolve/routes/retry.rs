//! The failures after which the next server gets a callback.

use crate::config::keys::RetryAfter;
use crate::config::model::Retry;
use crate::config::reader::{Table, Value};

pub(super) fn retry(table: &Table<'_>) -> Option<Retry> {
    let after: Vec<RetryAfter> = table.read("retry", |value| value.list_of(Value::word))?;
    Some(Retry {
        connect: after.contains(&RetryAfter::Connect),
        error: after.contains(&RetryAfter::Error),
        timeout: after.contains(&RetryAfter::Timeout),
    })
}
