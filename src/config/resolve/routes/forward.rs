//! Which headers of a callback the backend gets.

use http::HeaderName;

use crate::config::reader::Table;
use crate::config::resolve::headers::{self, Prefix};

/// `Some(None)`: all.
pub(super) fn forward_headers(
    table: &Table<'_>,
    prefix: Option<&Prefix>,
) -> Option<Option<Vec<HeaderName>>> {
    table.optional("forward_headers", |value| {
        value.list_of(|value| headers::to_forward(value.text()?, prefix))
    })
}
