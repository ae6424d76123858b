//! Which fields of a callback are selected.

use std::collections::BTreeSet;

use super::{
    Chosen, FieldsFrom, NamePattern, OnNested, OnNull, SelectedField, Selection, missing, repeated,
};
use crate::body::FieldPath;
use crate::json::{JsonKind, JsonValue};
use crate::language::evaluate::{Evaluation, Locals};
use crate::language::expression_value::{ExpressionValue, Scratch};
use crate::language::filters::decimal;
use crate::language::value_fault::{EvaluationFault, ValueFault};
use crate::reason::At;
use crate::spelling::{folded, is_same_header};

impl Selection {
    /// The fields that are written, in the order in which they came or are named.
    pub(in crate::language) fn chosen<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<SelectedField<'v>>, EvaluationFault> {
        let mut fields = self.received(context)?;
        let mut added = Vec::with_capacity(self.add.len());
        for (name, program) in &self.add {
            if fields.iter().any(|(known, _)| known == name) {
                return Err(repeated(name));
            }
            let value = program.text(context, Locals::default())?;
            added.push((name.as_str(), ExpressionValue::Text(value)));
        }
        if let Some(until) = &self.until {
            let end = fields.iter().position(|(name, _)| name == until);
            let unsigned = fields.split_off(end.ok_or_else(|| missing(until))?);
            // Whoever has a callback could add fields that nobody signed.
            if let [_, (name, _), ..] = unsigned.as_slice() {
                return Err(EvaluationFault {
                    fault: ValueFault::Malformed,
                    at: Some(At::Field((*name).to_owned())),
                });
            }
        }
        let mut fields = match &self.chosen {
            Chosen::All => {
                fields.append(&mut added);
                fields
            }
            Chosen::Names(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.named(&names, &fields, &added, context)?
            }
            Chosen::Listed { by, must_cover } => {
                let names = self.listed(by, must_cover, context)?;
                self.named(&names, &fields, &added, context)?
            }
        };
        let mut refused = None;
        fields.retain_mut(|(name, value)| {
            if refused.is_some() {
                return false;
            }
            match self.kept(name, *value, context.scratch) {
                Ok(Some(written)) => {
                    *value = written;
                    true
                }
                Ok(None) => false,
                Err(fault) => {
                    refused = Some(fault);
                    false
                }
            }
        });
        refused.map_or(Ok(fields), Err)
    }

    /// A field as it is written; `None` if it is left out.
    fn kept<'v>(
        &self,
        name: &str,
        value: ExpressionValue<'v>,
        scratch: &'v Scratch<'v>,
    ) -> Result<Option<ExpressionValue<'v>>, EvaluationFault> {
        let fits = |patterns: &[NamePattern]| {
            let mut patterns = patterns.iter();
            patterns.any(|pattern| pattern.fits(name, self.ignore_case))
        };
        let is_added = || self.add.iter().any(|(known, _)| known == name);
        if fits(&self.leave_out) || !(self.only.is_empty() || is_added() || fits(&self.only)) {
            return Ok(None);
        }
        self.written(name, value, scratch)
    }

    /// The names of all fields of the callback, and of those that are added.
    pub(in crate::language) fn names<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<&'v str>, EvaluationFault> {
        let received = self.received(context)?.into_iter().map(|(name, _)| name);
        let added = self.add.iter().map(|(name, _)| name.as_str());
        Ok(received.chain(added).collect())
    }

    /// A value as it is written; `None` if it is left out.
    fn written<'v>(
        &self,
        name: &str,
        value: ExpressionValue<'v>,
        scratch: &'v Scratch<'v>,
    ) -> Result<Option<ExpressionValue<'v>>, EvaluationFault> {
        let refused = || EvaluationFault {
            fault: ValueFault::Malformed,
            at: Some(At::Field(name.to_owned())),
        };
        // A list without items is no text that is empty: a backend could tell it from a missing field.
        let is_refused = self.nested == OnNested::Refuse
            && matches!(value, ExpressionValue::Json(json) if matches!(json.kind(), JsonKind::Array | JsonKind::Object));
        if self.omit_empty && value.is_empty() && !value.is_null() && !is_refused {
            return Ok(None);
        }
        match value {
            ExpressionValue::Json(json) => match json.kind() {
                JsonKind::Null => match self.null {
                    OnNull::Refuse => Err(refused()),
                    OnNull::LeaveOut => Ok(None),
                    OnNull::Empty => Ok(Some(ExpressionValue::Text(""))),
                    OnNull::Null => Ok(Some(value)),
                },
                JsonKind::Array | JsonKind::Object => match self.nested {
                    OnNested::Refuse => Err(refused()),
                    OnNested::LeaveOut => Ok(None),
                    OnNested::Pair => Ok(Some(value)),
                },
                JsonKind::Number { .. } => match self.numbers {
                    None => Ok(Some(value)),
                    Some(decimals) => {
                        let text = decimal(json.source(), decimals).map_err(|_| refused())?;
                        // A number still, to what writes JSON.
                        let number = scratch.document(scratch.bytes(text.into())?)?;
                        Ok(Some(ExpressionValue::Json(number)))
                    }
                },
                _ => Ok(Some(value)),
            },
            other => Ok(Some(other)),
        }
    }

    /// All fields of the callback, each once.
    fn received<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<SelectedField<'v>>, EvaluationFault> {
        let scratch = context.scratch;
        let mut fields: Vec<SelectedField<'v>> = match &self.from {
            FieldsFrom::Nothing => Vec::new(),
            FieldsFrom::Json(path) if self.leaves => self.leaf_fields(path.as_ref(), context)?,
            FieldsFrom::Json(path) => self.members(path.as_ref(), context)?,
            FieldsFrom::Form | FieldsFrom::Xml => {
                let mut fields = Vec::new();
                for (name, field) in context.body.fields() {
                    let value = field.text().ok_or(ValueFault::Malformed)?;
                    fields.push((
                        scratch.text(name)?,
                        ExpressionValue::Text(scratch.text(value)?),
                    ));
                }
                fields
            }
            FieldsFrom::Query => {
                let pairs = context.query_pairs()?;
                pairs
                    .iter()
                    .map(|(name, value)| (*name, ExpressionValue::Text(value)))
                    .collect()
            }
            FieldsFrom::Headers => self.headers(context)?,
        };
        scratch.take(
            fields
                .len()
                .saturating_mul(size_of::<SelectedField<'_>>())
                .saturating_mul(2),
        )?;
        if self.distinct {
            let key = |(name, value): &SelectedField<'v>| {
                (*name, value.bytes(scratch).unwrap_or_default())
            };
            let mut seen = BTreeSet::new();
            fields.retain(|field| seen.insert(key(field)));
        } else if self.ignore_case && !self.leaves {
            // The readers have refused names that repeat as they are.
            let mut seen = BTreeSet::new();
            for (name, _) in &fields {
                let name = scratch.text(name.to_lowercase().into())?;
                if !seen.insert(name) {
                    return Err(repeated(name));
                }
            }
        }
        Ok(fields)
    }

    fn members<'v>(
        &'v self,
        path: Option<&'v FieldPath>,
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<SelectedField<'v>>, EvaluationFault> {
        let scratch = context.scratch;
        let object = object(path, context)?;
        // As many as most callbacks have.
        let mut fields = Vec::with_capacity(32);
        for (name, value) in object.members() {
            fields.push((scratch.text(name)?, ExpressionValue::Json(value)));
        }
        Ok(fields)
    }

    /// The headers. One that is there twice, is no text, or has a second spelling is refused if it
    /// may be selected: a backend could see another value than the signed one.
    fn headers<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<SelectedField<'v>>, EvaluationFault> {
        let mut fields = Vec::new();
        let mut spellings = BTreeSet::new();
        for name in context.callback.headers.keys() {
            let spelling = name.as_str().bytes().map(folded).map(char::from);
            let spelling: String = spelling.collect();
            let may_be_selected = !self.cannot_select(name.as_str());
            let is_read_as_selected = !self.cannot_select(&spelling);
            let is_plain = !is_read_as_selected || spelling == name.as_str();
            let is_new = spellings.insert(spelling);
            match context.header(name) {
                Ok(value) if is_new && is_plain => {
                    fields.push((name.as_str(), ExpressionValue::Text(value)));
                }
                _ if !may_be_selected && !is_read_as_selected => {}
                Ok(_) => return Err(repeated(name.as_str())),
                Err(fault) => {
                    return Err(EvaluationFault {
                        fault,
                        at: Some(At::Header(name.clone())),
                    });
                }
            }
        }
        Ok(fields)
    }

    /// Whether no selection of a callback can have this name.
    fn cannot_select(&self, name: &str) -> bool {
        let fits =
            |patterns: &[NamePattern]| patterns.iter().any(|pattern| pattern.fits(name, true));
        match &self.chosen {
            Chosen::All => self.leaves_out(name) || !(self.only.is_empty() || fits(&self.only)),
            Chosen::Names(names) => !names.iter().any(|known| is_same_header(known, name)),
            Chosen::Listed { .. } => false,
        }
    }
}

/// The object whose members are the fields.
pub(super) fn object<'v>(
    path: Option<&FieldPath>,
    context: &'v Evaluation<'v>,
) -> Result<JsonValue<'v, 'v>, EvaluationFault> {
    let document = context.document()?;
    let object = match path {
        None => document,
        Some(path) => path
            .find(document)
            .ok_or_else(|| missing(&path.to_string()))?,
    };
    if object.is_object() {
        Ok(object)
    } else {
        Err(ValueFault::Malformed.into())
    }
}
