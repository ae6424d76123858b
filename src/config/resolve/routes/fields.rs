//! Body fields that become headers.

use crate::config::model::FieldHeader;
use crate::config::reader::{Table, Text, Value};
use crate::config::resolve::headers::{AddedHeaders, Prefix};
use crate::verify::body::FieldPath;

pub(super) fn fields(table: &Table<'_>, prefix: Option<&Prefix>) -> Option<Vec<FieldHeader>> {
    table.read("fields", |value| {
        let mut added = AddedHeaders::default();
        let fields: Vec<_> = value
            .pairs()?
            .into_iter()
            .map(|(header, field)| {
                let field = path(field);
                added.add(header, prefix)?;
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
