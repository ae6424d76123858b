//! Body fields that become headers.

use super::readable_fields::ReadableFields;
use crate::config::model::FieldHeader;
use crate::config::reader::Table;
use crate::config::resolve::headers::{AddedHeaders, Prefix};

pub(super) fn fields(
    table: &Table<'_>,
    signed: ReadableFields<'_>,
    prefix: Option<&Prefix>,
) -> Option<Vec<FieldHeader>> {
    table.read("fields", |value| {
        let mut added = AddedHeaders::default();
        let fields: Vec<_> = value
            .pairs()?
            .into_iter()
            .map(|(header, field)| {
                let field = field.text().and_then(|text| signed.path(text));
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
