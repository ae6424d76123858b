//! The values of the old form.

use toml::de::{DeTable, DeValue};

use super::toml_text::argument;

/// A table of the old form. Whatever it lacks, or has wrongly, is as if it were not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct OldTable<'t>(pub(super) &'t DeTable<'t>);

impl<'t> OldTable<'t> {
    pub(super) fn get(self, key: &str) -> Option<&'t DeValue<'t>> {
        self.0.get(key).map(|value| value.get_ref())
    }

    pub(super) fn table(self, key: &str) -> Option<Self> {
        as_table(self.get(key)?)
    }

    pub(super) fn tables(self, key: &str) -> Vec<Self> {
        self.items(key).into_iter().filter_map(as_table).collect()
    }

    pub(super) fn text(self, key: &str) -> Option<&'t str> {
        self.get(key)?.as_str()
    }

    /// The texts of a list, or the only one.
    pub(super) fn texts(self, key: &str) -> Vec<&'t str> {
        match self.get(key) {
            Some(DeValue::String(text)) => vec![text.as_ref()],
            _ => self
                .items(key)
                .into_iter()
                .filter_map(DeValue::as_str)
                .collect(),
        }
    }

    pub(super) fn is_true(self, key: &str) -> bool {
        matches!(self.get(key), Some(DeValue::Boolean(true)))
    }

    pub(super) fn whole_number(self, key: &str) -> Option<&'t str> {
        match self.get(key)? {
            DeValue::Integer(number) => Some(number.as_str()),
            _ => None,
        }
    }

    fn items(self, key: &str) -> Vec<&'t DeValue<'t>> {
        match self.get(key) {
            Some(DeValue::Array(items)) => items.iter().map(|item| item.get_ref()).collect(),
            _ => Vec::new(),
        }
    }
}

fn as_table<'t>(value: &'t DeValue<'t>) -> Option<OldTable<'t>> {
    match value {
        DeValue::Table(table) => Some(OldTable(table)),
        _ => None,
    }
}

/// The format in which a scheme's fields were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OldFormat {
    Json,
    Form,
    Xml,
}

impl OldFormat {
    pub(super) fn of(scheme: OldTable<'_>) -> Self {
        match scheme.text("body") {
            Some("form") => Self::Form,
            Some("xml") => Self::Xml,
            _ => Self::Json,
        }
    }

    /// What a selection takes its fields from.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Form => "form",
            Self::Xml => "xml",
        }
    }

    /// The source of a top-level field.
    pub(super) fn field(self, name: &str) -> String {
        match self {
            // A name that begins like a JSON Pointer was none.
            Self::Json if name.starts_with('/') => {
                let step = name.replace('~', "~0").replace('/', "~1");
                format!("field:{}", argument(&format!("/{step}")))
            }
            Self::Json => format!("field:{}", argument(name)),
            Self::Form | Self::Xml => format!("{}:{}", self.name(), argument(name)),
        }
    }
}
