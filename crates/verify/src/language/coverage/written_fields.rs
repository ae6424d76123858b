//! Which fields a selection writes, as far as that is the same in every callback.

use http::HeaderName;

use super::kept_by_filter::all_keep;
use crate::body::FieldPath;
use crate::content::compare_utf16;
use crate::language::compiled_expression::{CompiledExpression, CompiledPiece, ValueSource};
use crate::language::selection::{
    Chosen, FieldOrder, FieldsFrom, OnMissing, OnNested, OnNull, Selection,
};

impl Selection {
    /// The names of its fields in the order in which they are written, if they are the same in every
    /// callback.
    pub(super) fn fixed_names(&self) -> Option<Vec<&str>> {
        let mut names: Vec<&str> = match &self.chosen {
            Chosen::Names(names) => names.iter().map(String::as_str).collect(),
            Chosen::All if self.from == FieldsFrom::Nothing => {
                self.add.iter().map(|(name, _)| name.as_str()).collect()
            }
            Chosen::All | Chosen::Listed { .. } => return None,
        };
        if self.leaves_any_out() {
            return None;
        }
        let fits = |name: &str| {
            let mut only = self.only.iter();
            self.add.iter().any(|(known, _)| known == name)
                || self.only.is_empty()
                || only.any(|pattern| pattern.fits(name, self.ignore_case))
        };
        names.retain(|name| !self.leaves_out(name) && fits(name));
        match self.order {
            FieldOrder::AsReceived => {}
            FieldOrder::Bytes => names.sort_unstable(),
            FieldOrder::Utf16 => names.sort_by(|a, b| compare_utf16(a, b)),
            FieldOrder::IgnoreCase => names.sort_by_key(|name| name.to_lowercase()),
            FieldOrder::Value | FieldOrder::Pair | FieldOrder::PairIgnoreCase => return None,
        }
        Some(names)
    }

    /// Whether the order of fields depends on nothing but their names.
    pub(super) fn has_order_of_names(&self) -> bool {
        !matches!(
            self.order,
            FieldOrder::Value | FieldOrder::Pair | FieldOrder::PairIgnoreCase
        )
    }

    /// Whether fields can be left out for what they are, or because they are not there.
    pub(super) fn leaves_any_out(&self) -> bool {
        let of_json = matches!(self.from, FieldsFrom::Json(_));
        self.omit_empty
            || self.distinct
            || self.until.is_some()
            || self.missing == OnMissing::LeaveOut
            || of_json && (self.null == OnNull::LeaveOut || self.nested == OnNested::LeaveOut)
    }

    /// How a field is written.
    pub(super) fn pair_for(&self, name: &str) -> &CompiledExpression {
        let mut own = self.pair_of.iter();
        own.find(|(known, _)| known == name)
            .map_or(&self.pair, |(_, pair)| pair)
    }

    /// Whether the name of each field can be read in the text.
    pub(super) fn writes_names(&self) -> bool {
        let writes = |pair: &CompiledExpression| {
            let mut values = pair.required_values();
            values
                .any(|chain| *chain.source() == ValueSource::FieldName && all_keep(&*chain.filters))
        };
        writes(&self.pair) && self.pair_of.iter().all(|(_, pair)| writes(pair))
    }

    /// Whether nothing of a field is written but its value, and fixed text.
    pub(super) fn writes_one_value(&self) -> bool {
        let is_one = |pair: &CompiledExpression| {
            let mut values = 0usize;
            for piece in &pair.steps {
                match piece {
                    CompiledPiece::Text(_) => {}
                    CompiledPiece::Value(chain) if chain.source == ValueSource::FieldValue => {
                        values = values.saturating_add(1);
                    }
                    _ => return false,
                }
            }
            values == 1
        };
        is_one(&self.pair) && self.pair_of.iter().all(|(_, pair)| is_one(pair))
    }

    /// Where a chosen field comes from.
    pub(super) fn source_of(&self, name: &str) -> Option<ValueSource> {
        Some(match &self.from {
            FieldsFrom::Nothing => return None,
            FieldsFrom::Json(root) => {
                let root = root.as_ref().map_or(&[][..], FieldPath::steps);
                let steps = [root, &self.steps(name)].concat();
                ValueSource::Field(FieldPath::of_steps(steps))
            }
            FieldsFrom::Form => ValueSource::Form(name.to_owned()),
            FieldsFrom::Query => ValueSource::QueryParameter(name.to_owned()),
            FieldsFrom::Xml => ValueSource::Xml(name.to_owned()),
            FieldsFrom::Headers => {
                ValueSource::Header(vec![HeaderName::from_bytes(name.as_bytes()).ok()?])
            }
        })
    }
}
