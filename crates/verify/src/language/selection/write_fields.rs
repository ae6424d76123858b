//! Selected fields in their order, as they are written.

use super::{FieldOrder, SelectedField, Selection};
use crate::content::{Sink, compare_utf16};
use crate::language::ambiguity;
use crate::language::evaluate::{Evaluation, Locals};
use crate::language::expression_value::Scratch;
use crate::language::measured_bytes::MeasuredBytes;
use crate::language::value_fault::{EvaluationFault, ValueFault};
use crate::reason::At;

/// Writes the selection with this number.
pub(in crate::language) fn write<'v>(
    at: usize,
    context: &'v Evaluation<'v>,
    out: &mut dyn Sink,
) -> Result<(), EvaluationFault> {
    let selection = context
        .rules
        .selections
        .get(at)
        .ok_or(ValueFault::Missing)?;
    let fields = selection.chosen(context)?;
    if fields.is_empty() {
        // A signature over nothing covers nothing.
        return Err(ValueFault::Missing.into());
    }
    if let Some(shape) = context.rules.coverage().shape_of(at)
        && !ambiguity::is_clear(shape, &fields)
    {
        context.unclear.borrow_mut().insert(at);
    }
    let sorted_by_pair = matches!(
        selection.order,
        FieldOrder::Pair | FieldOrder::PairIgnoreCase
    );
    if sorted_by_pair {
        return selection.write_sorted_pairs(&fields, context, out);
    }
    let mut fields = fields;
    selection.sort(&mut fields, context.scratch)?;
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            out.put_str(&selection.between);
        }
        selection.write_pair(*field, context, out)?;
    }
    Ok(())
}

impl Selection {
    /// The fields that are written, in the order in which they are.
    pub(in crate::language) fn sorted<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<SelectedField<'v>>, EvaluationFault> {
        let mut fields = self.chosen(context)?;
        self.sort(&mut fields, context.scratch)?;
        Ok(fields)
    }

    /// Writes one field.
    pub(in crate::language) fn write_pair<'v>(
        &'v self,
        (name, value): SelectedField<'v>,
        context: &'v Evaluation<'v>,
        out: &mut dyn Sink,
    ) -> Result<(), EvaluationFault> {
        let own = self.pair_of.iter().find(|(known, _)| known == name);
        let pair = own.map_or(&self.pair, |(_, pair)| pair);
        let locals = Locals {
            field: Some((name, value)),
            ..Locals::default()
        };
        pair.write(context, locals, out)
            .map_err(|fault| EvaluationFault {
                at: Some(At::Field(name.to_owned())),
                ..fault
            })
    }

    fn write_sorted_pairs<'v>(
        &'v self,
        fields: &[SelectedField<'v>],
        context: &'v Evaluation<'v>,
        out: &mut dyn Sink,
    ) -> Result<(), EvaluationFault> {
        let mut pairs = Vec::with_capacity(fields.len());
        for field in fields {
            let mut pair = MeasuredBytes::new(context.scratch);
            self.write_pair(*field, context, &mut pair)?;
            pairs.push(context.scratch.bytes(pair.finish()?)?);
        }
        if self.order == FieldOrder::PairIgnoreCase {
            pairs.sort_by_cached_key(|pair| String::from_utf8_lossy(pair).to_lowercase());
        } else {
            pairs.sort_unstable();
        }
        for (place, pair) in pairs.iter().enumerate() {
            if place > 0 {
                out.put_str(&self.between);
            }
            out.put(pair);
        }
        Ok(())
    }

    fn sort<'v>(
        &self,
        fields: &mut [SelectedField<'v>],
        scratch: &'v Scratch<'v>,
    ) -> Result<(), EvaluationFault> {
        match self.order {
            _ if self.distinct => sort_by_bytes(fields, scratch, |name| name)?,
            FieldOrder::Bytes => fields.sort_by_key(|(name, _)| *name),
            FieldOrder::Utf16 => fields.sort_by(|(a, _), (b, _)| compare_utf16(a, b)),
            FieldOrder::IgnoreCase => fields.sort_by_cached_key(|(name, _)| name.to_lowercase()),
            FieldOrder::Value => sort_by_bytes(fields, scratch, |_| "")?,
            FieldOrder::AsReceived | FieldOrder::Pair | FieldOrder::PairIgnoreCase => {}
        }
        Ok(())
    }
}

/// Sorts by a part of the name, and then by the bytes of the value.
fn sort_by_bytes<'v>(
    fields: &mut [SelectedField<'v>],
    scratch: &'v Scratch<'v>,
    part: fn(&'v str) -> &'v str,
) -> Result<(), EvaluationFault> {
    let mut keyed = Vec::with_capacity(fields.len());
    for field in fields.iter() {
        let value = field.1.with_null_as_text();
        keyed.push((part(field.0), value.bytes(scratch)?, *field));
    }
    keyed.sort_by(|(a, x, _), (b, y, _)| a.cmp(b).then_with(|| x.cmp(y)));
    for (place, (_, _, field)) in fields.iter_mut().zip(keyed) {
        *place = field;
    }
    Ok(())
}
