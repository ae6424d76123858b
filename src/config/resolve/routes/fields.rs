//! Body fields that become headers.

use std::collections::HashMap;

use crate::config::backend::fold_header;
use crate::config::model::FieldHeader;
use crate::config::reader::{Table, Text, Value};
use crate::config::resolve::headers::{self, Prefix};
use crate::verify::body::FieldPath;

pub(super) fn fields(table: &Table<'_>, prefix: Option<&Prefix>) -> Option<Vec<FieldHeader>> {
    table.read("fields", |value| {
        let mut seen = HashMap::new();
        let fields: Vec<_> = value
            .pairs()?
            .into_iter()
            .map(|(header, field)| {
                let field = path(field);
                headers::for_backend(header, prefix)?;
                if let Some(first) = seen.insert(fold_header(header.text), header.place) {
                    return header
                        .error(
                            "duplicate header",
                            "a backend reads this as the same header",
                        )
                        .and(first, "as this one")
                        .help(
                            "choose another name; `-`, `_` and `.` count as the same, and case \
                             is ignored",
                        )
                        .report();
                }
                Some(FieldHeader {
                    header: header.text.to_owned(),
                    field: field?,
                })
            })
            .collect();
        fields.into_iter().collect()
    })
}

fn path(value: Value<'_>) -> Option<FieldPath> {
    field_path(value.text()?)
}

/// The path to a field.
pub(super) fn field_path(text: Text<'_>) -> Option<FieldPath> {
    match FieldPath::parse(text.text) {
        Ok(path) => Some(path),
        Err(error) => text
            .error("invalid field", error.to_string())
            .help("write a top-level field's name, or a JSON Pointer such as \"/data/order/id\"")
            .report(),
    }
}
