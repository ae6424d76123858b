//! The headers of a callback that are forwarded to the backend.

use http::HeaderName;

use crate::config::reader::Table;
use crate::config::resolve::headers::{self, Prefix};

/// `Some(None)` forwards all headers.
pub(super) fn forward_headers(
    table: &Table<'_>,
    prefix: Option<&Prefix>,
) -> Option<Option<Vec<HeaderName>>> {
    table.optional("forward_headers", |value| {
        value.list_of(|value| headers::to_forward(value.text()?, prefix))
    })
}
