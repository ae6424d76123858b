//! Body fields that become headers.

use crate::config::model::FieldHeader;
use crate::config::reader::{Table, Text, Value};
use crate::config::resolve::headers::{AddedHeaders, Prefix};
use crate::verify::body::FieldPath;
use crate::verify::scheme::Scheme;

pub(super) fn fields(
    table: &Table<'_>,
    scheme: Option<&Scheme>,
    prefix: Option<&Prefix>,
) -> Option<Vec<FieldHeader>> {
    table.read("fields", |value| {
        let mut added = AddedHeaders::default();
        let fields: Vec<_> = value
            .pairs()?
            .into_iter()
            .map(|(header, field)| {
                let field = path(field, scheme);
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

fn path(value: Value<'_>, scheme: Option<&Scheme>) -> Option<FieldPath> {
    field_path(value.text()?, scheme)
}

/// The path to a field that the scheme's bodies may have.
pub(super) fn field_path(text: Text<'_>, scheme: Option<&Scheme>) -> Option<FieldPath> {
    match FieldPath::parse(text.text) {
        Ok(path) if scheme.is_none_or(|scheme| scheme.may_have(&path)) => Some(path),
        Ok(_) => text
            .error(
                "field never found",
                "the scheme's bodies are forms or XML, in which no field is inside another",
            )
            .help("write the field's name, such as \"order_id\" or \"data[order_id]\"")
            .report(),
        Err(error) => text
            .error("invalid field", error.to_string())
            .help("write a top-level field's name, or a JSON Pointer such as \"/data/order/id\"")
            .report(),
    }
}
