//! What a route answers to GET without a backend.

use bytes::Bytes;
use http::Method;

use crate::config::reader::Table;

/// `Some(None)` if GET is not answered.
pub(super) fn get_answer(table: &Table<'_>, methods: Option<&[Method]>) -> Option<Option<Bytes>> {
    table.optional("get_answer", |value| {
        let text = value.text()?;
        let mut callbacks = methods.unwrap_or_default().iter();
        let taken = callbacks.find(|method| matches!(**method, Method::GET | Method::HEAD));
        if let Some(method) = taken {
            return text
                .error(
                    "conflicting keys",
                    format!("callbacks by {method} would get this answer and reach no backend"),
                )
                .and(
                    table.key_place("methods"),
                    format!("{method} is listed here"),
                )
                .help("remove `get_answer`, or GET and HEAD from `methods`")
                .report();
        }
        Some(Bytes::copy_from_slice(text.text.as_bytes()))
    })
}
