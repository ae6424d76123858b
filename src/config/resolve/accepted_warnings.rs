//! The warnings that a configuration, or one of its routes, accepts.

use crate::config::reader::{Table, Value};

/// Reads `accept_warnings` of the top level or of the route that is being read.
pub(super) fn accept(table: &Table<'_>) {
    let accepted = table.read("accept_warnings", |value| {
        value.list_of(|item| Some((Value::word(item)?, item.place())))
    });
    for (name, place) in accepted.unwrap_or_default() {
        table.problems().accept(name, place);
    }
}
