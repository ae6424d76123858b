//! What reads the body as something.

use std::ops::Range;

use crate::body::BodyFormat;
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::selection::FieldsFrom;

/// A place in a definition that reads the body in a format.
pub(super) struct FormatRead {
    pub(super) key: String,
    pub(super) at: Range<usize>,
    pub(super) format: BodyFormat,
    /// The field, if one is read.
    name: Option<String>,
    pub(super) is_selection: bool,
}

impl FormatRead {
    /// Those of an expression.
    pub(super) fn of_expression(
        key: &str,
        text: &str,
        expression: &CompiledExpression,
    ) -> Vec<Self> {
        let chains = expression.operations().into_iter();
        let reads = chains.filter_map(|chain| {
            let (format, name) = match chain.source() {
                ValueSource::Field(path) => (BodyFormat::Json, path.first().map(str::to_owned)),
                ValueSource::Document => (BodyFormat::Json, None),
                ValueSource::Form(name) => (BodyFormat::Form, Some(name.clone())),
                ValueSource::Xml(name) => (BodyFormat::Xml, Some(name.clone())),
                _ => return None,
            };
            let start = text.find(&*chain.text).unwrap_or_default();
            Some(Self {
                key: key.to_owned(),
                at: start..start.saturating_add(chain.text.len()),
                format,
                name,
                is_selection: false,
            })
        });
        reads.collect()
    }

    /// That of a selection's `from`.
    pub(super) fn of_selection(key: &str, text: &str, from: &FieldsFrom) -> Option<Self> {
        let format = match from {
            FieldsFrom::Json(_) => BodyFormat::Json,
            FieldsFrom::Form => BodyFormat::Form,
            FieldsFrom::Xml => BodyFormat::Xml,
            _ => return None,
        };
        Some(Self {
            key: key.to_owned(),
            at: 0..text.len(),
            format,
            name: None,
            is_selection: true,
        })
    }

    /// What reads it in another format.
    pub(super) fn instead(&self, format: BodyFormat) -> String {
        let name = self.name.as_deref().unwrap_or("NAME");
        match (format, self.is_selection) {
            (BodyFormat::Form, true) => "\"form\"".to_owned(),
            (BodyFormat::Xml, true) => "\"xml\"".to_owned(),
            (_, true) => "\"json\"".to_owned(),
            (BodyFormat::Form, false) => format!("{{form:{name}}}"),
            (BodyFormat::Xml, false) => format!("{{xml:{name}}}"),
            (_, false) => format!("{{field:{name}}}"),
        }
    }
}
