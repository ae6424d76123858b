//! Fields that are selected by name.

use std::collections::BTreeSet;

use super::{
    FieldsFrom, MustCover, OnMissing, OnNull, SelectedField, Selection, missing, repeated,
};
use crate::json::{JsonValue, pointer};
use crate::language::compiled_expression::CompiledExpression;
use crate::language::evaluate::{Evaluation, Locals};
use crate::language::expression_value::{ExpressionValue, MAX_ITEMS, Scratch};
use crate::language::value_fault::{EvaluationFault, ValueFault};

/// The most names that a callback may list. Each is looked for among all fields.
const MAX_LISTED: usize = 256;

impl Selection {
    /// The names that the callback lists.
    pub(super) fn listed<'v>(
        &'v self,
        by: &'v CompiledExpression,
        must_cover: &'v MustCover,
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<&'v str>, EvaluationFault> {
        let scratch = context.scratch;
        let names = texts(by, context)?;
        // A separator behind the last name.
        let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
        if names.len() > MAX_LISTED {
            return Err(ValueFault::TooLong.into());
        }
        let mut seen = BTreeSet::new();
        for name in &names {
            if !seen.insert(self.comparable(name, scratch)?) {
                return Err(repeated(name));
            }
        }
        let wanted = match must_cover {
            MustCover::Names(names) => names.iter().map(String::as_str).collect(),
            MustCover::Program(program) => texts(program, context)?,
        };
        for name in wanted {
            if !seen.contains(self.comparable(name, scratch)?) {
                return Err(missing(name));
            }
        }
        Ok(names)
    }

    fn comparable<'v>(
        &self,
        name: &'v str,
        scratch: &'v Scratch<'v>,
    ) -> Result<&'v str, EvaluationFault> {
        let ignore_case = self.ignore_case || self.from == FieldsFrom::Headers;
        Ok(if ignore_case {
            scratch.text(name.to_lowercase().into())?
        } else {
            name
        })
    }

    /// The fields with these names, in their order.
    pub(super) fn named<'v>(
        &'v self,
        names: &[&'v str],
        fields: &[SelectedField<'v>],
        added: &[SelectedField<'v>],
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<SelectedField<'v>>, EvaluationFault> {
        if names.len() > MAX_ITEMS {
            return Err(ValueFault::TooLong.into());
        }
        let mut sorted: Vec<(&str, ExpressionValue<'v>)> = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            sorted.push((self.comparable(name, context.scratch)?, *value));
        }
        sorted.sort_by_key(|(name, _)| *name);
        let mut chosen = Vec::with_capacity(names.len());
        for name in names {
            if let Some(field) = added.iter().find(|(known, _)| known == name) {
                chosen.push(*field);
                continue;
            }
            let found = if self.dotted || name.starts_with('/') {
                self.find_inside(name, context)?
            } else {
                let wanted = self.comparable(name, context.scratch)?;
                let at = sorted
                    .binary_search_by(|(known, _)| known.cmp(&wanted))
                    .ok();
                at.and_then(|at| sorted.get(at)).map(|(_, value)| *value)
            };
            let is_null =
                found.is_some_and(ExpressionValue::is_null) && self.null == OnNull::Refuse;
            match (found.filter(|_| !is_null), self.missing) {
                (Some(value), _) => chosen.push((*name, value)),
                (None, OnMissing::Refuse) => return Err(missing(name)),
                (None, OnMissing::Empty) => chosen.push((*name, ExpressionValue::Text(""))),
                (None, OnMissing::LeaveOut) => {}
            }
        }
        Ok(chosen)
    }

    /// A value inside the object that fields come from.
    fn find_inside<'v>(
        &self,
        name: &str,
        context: &'v Evaluation<'v>,
    ) -> Result<Option<ExpressionValue<'v>>, EvaluationFault> {
        let FieldsFrom::Json(path) = &self.from else {
            return Err(ValueFault::Malformed.into());
        };
        let document = context.document()?;
        let root = match path {
            None => Some(document),
            Some(path) => path.find(document),
        };
        let steps = match name.strip_prefix('/') {
            Some(tokens) => pointer::tokens(tokens).ok_or(ValueFault::Malformed)?,
            None => name.split('.').map(str::to_owned).collect(),
        };
        let step = |value: JsonValue<'v, 'v>, step: &String| {
            value
                .get(step)
                .or_else(|| value.at(pointer::array_index(step)?))
        };
        Ok(steps
            .iter()
            .try_fold(root, |value, name| value.map(|value| step(value, name)))
            .flatten()
            .map(ExpressionValue::Json))
    }
}

/// The texts of a list.
fn texts<'v>(
    program: &'v CompiledExpression,
    context: &'v Evaluation<'v>,
) -> Result<Vec<&'v str>, EvaluationFault> {
    let value = program.value(context, Locals::default())?;
    let mut texts = Vec::new();
    for item in value.items(context.scratch)? {
        texts.push(item.text(context.scratch)?);
    }
    Ok(texts)
}
