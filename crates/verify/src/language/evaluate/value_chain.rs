//! The value of a source, behind its filters.

use super::{Evaluation, Locals};
use crate::body::Charset;
use crate::content::Sink;
use crate::language::compiled_expression::{FilterCall, PreparedArgument, ValueChain, ValueSource};
use crate::language::expression_value::ExpressionValue;
use crate::language::filters::{Arguments, Given, Run};
use crate::language::planted_secret::without_planted;
use crate::language::selection;
use crate::language::value_fault::{EvaluationFault, ValueFault};
use crate::reason::{At, Reason, Rejection};

impl ValueChain {
    /// The place of the value in the callback, for a refusal.
    pub(crate) fn place(&self) -> At {
        match &self.source {
            ValueSource::Header(names) if self.filters.is_empty() || names.len() == 1 => {
                match names.first() {
                    Some(name) => At::Header(name.clone()),
                    None => At::Value(without_planted(&self.text).into_owned()),
                }
            }
            ValueSource::Headers(name) => At::Header(name.clone()),
            ValueSource::Field(path) => At::Field(path.to_string()),
            ValueSource::Form(name) | ValueSource::Xml(name) => At::Field(name.clone()),
            _ => At::Value(without_planted(&self.text).into_owned()),
        }
    }

    fn blame(&self, fault: ValueFault) -> EvaluationFault {
        EvaluationFault {
            fault,
            at: Some(self.place()),
        }
    }

    /// Says where a body that must be text is none.
    fn of_body(&self, fault: ValueFault, context: &Evaluation<'_>) -> ValueFault {
        if self.source != ValueSource::Body || !matches!(fault, ValueFault::Malformed) {
            return fault;
        }
        match std::str::from_utf8(context.callback.body) {
            Ok(_) => fault,
            Err(error) => {
                Rejection::at(Reason::BodyNotUtf8, At::BodyByte(error.valid_up_to())).into()
            }
        }
    }

    pub(super) fn value<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        self.filtered(&self.filters, context, locals)
    }

    /// The value behind the first filters.
    pub(in crate::language) fn filtered<'v>(
        &'v self,
        filters: &'v [FilterCall],
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        let value = context.source(&self.source, locals);
        let value = match self.writes_null_as_text() {
            true => value.map(ExpressionValue::with_null_as_text),
            false => value,
        };
        if filters.is_empty() && !self.is_secret() {
            return value.map_err(|fault| self.place_of(fault));
        }
        self.filtered_from(value, filters, context, locals)
    }

    /// The value of the chain, if this is that of its source.
    pub(super) fn behind_source<'v>(
        &'v self,
        value: Result<ExpressionValue<'v>, EvaluationFault>,
        context: &'v Evaluation<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        self.filtered_from(value, &self.filters, context, Locals::default())
    }

    fn filtered_from<'v>(
        &'v self,
        value: Result<ExpressionValue<'v>, EvaluationFault>,
        filters: &'v [FilterCall],
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        let value = match value {
            Err(fault) if !fault.is_missing() => return Err(self.place_of(fault)),
            value => value,
        };
        let value = self.apply_filters(value, filters, context, locals)?;
        // Nobody may sign with nothing, whatever the filters make of a secret.
        if self.is_secret() && value.is_empty() {
            return Err(self.blame(ValueFault::Missing));
        }
        Ok(value)
    }

    /// Whether a null that `fields` lets pass is text: to all filters but those that write JSON.
    fn writes_null_as_text(&self) -> bool {
        let first = self.filters.first().map(|call| call.filter.run);
        self.source == ValueSource::FieldValue && !matches!(first, Some(Run::Write(_)))
    }

    /// Its bytes behind each filter, as far as they have some.
    pub(in crate::language) fn bytes_on_the_way<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
    ) -> impl Iterator<Item = &'v [u8]> {
        let ends = 0..=self.filters.len();
        ends.filter_map(|end| {
            let filters = self.filters.get(..end)?;
            let value = self.filtered(filters, context, Locals::default()).ok()?;
            value.bytes(context.scratch).ok()
        })
    }

    pub(in crate::language) const fn is_secret(&self) -> bool {
        matches!(
            self.source,
            ValueSource::Secret | ValueSource::NamedSecret(_)
        )
    }

    /// The value of the chain, if this is what its first filter made.
    pub(in crate::language) fn behind_first<'v>(
        &'v self,
        value: ExpressionValue<'v>,
        context: &'v Evaluation<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        let filters = self.filters.get(1..).unwrap_or_default();
        self.apply_filters(Ok(value), filters, context, Locals::default())
    }

    fn apply_filters<'v>(
        &'v self,
        mut value: Result<ExpressionValue<'v>, EvaluationFault>,
        filters: &'v [FilterCall],
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        for call in filters {
            value = match (value, call.filter.run) {
                (Err(_), Run::Default) => self.default(call, context, locals),
                (Ok(value), Run::Default) if value.is_null() => self.default(call, context, locals),
                (Ok(value), Run::Default) => Ok(value),
                (Err(missing), _) => Err(missing),
                (Ok(value), _) => call.apply(value, context, locals),
            };
            if let Err(fault) = &value
                && !fault.is_missing()
            {
                break;
            }
        }
        value.map_err(|fault| self.place_of(fault))
    }

    fn place_of(&self, fault: EvaluationFault) -> EvaluationFault {
        EvaluationFault {
            at: fault.at.or_else(|| Some(self.place())),
            ..fault
        }
    }

    fn default<'v>(
        &'v self,
        call: &'v FilterCall,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        match &call.arguments {
            [Some(PreparedArgument::Text(text)), _] => Ok(ExpressionValue::Text(text)),
            [Some(PreparedArgument::Value(operation)), _] => operation.value(context, locals),
            _ => Err(ValueFault::Missing.into()),
        }
    }

    pub(super) fn write<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
        out: &mut dyn Sink,
    ) -> Result<(), EvaluationFault> {
        let blame = |fault| self.blame(self.of_body(fault, context));
        // The text of the last filter need not be stored.
        if let Some((last, before)) = self.filters.split_last()
            && last.filter.run.can_write()
            && !last.on_items
        {
            let value = self.filtered(before, context, locals)?;
            let given = last.given(context, locals)?;
            return last
                .filter
                .run
                .write(value, given, context.scratch, out)
                .map_err(blame);
        }
        if let (ValueSource::Fields(at), true) = (&self.source, self.filters.is_empty()) {
            return selection::write(*at, context, out).map_err(|fault| self.place_of(fault));
        }
        if self.source == ValueSource::Target && self.filters.is_empty() {
            // It may have bytes that are no text, and is signed as it came.
            out.put(context.callback.target);
            return Ok(());
        }
        if let (ValueSource::FieldName, true, Some((name, _)), Charset::Utf8) = (
            &self.source,
            self.filters.is_empty(),
            locals.field,
            context.scratch.charset(),
        ) {
            out.put_str(name);
            return Ok(());
        }
        let value = self.value(context, locals)?;
        out.put(value.bytes(context.scratch).map_err(blame)?);
        Ok(())
    }
}

impl FilterCall {
    fn given<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<Arguments<'v>, EvaluationFault> {
        let mut given = Arguments::default();
        for (argument, place) in self.arguments.iter().zip(&mut given.0) {
            *place = match argument {
                None => None,
                Some(PreparedArgument::Text(text)) => Some(Given::Text(text)),
                Some(PreparedArgument::Number(number)) => Some(Given::Number(*number)),
                Some(PreparedArgument::Path(path)) => Some(Given::Path(path)),
                Some(PreparedArgument::Style(style)) => Some(Given::Style(*style)),
                Some(PreparedArgument::Value(operation)) => {
                    let value = operation.value(context, locals)?;
                    // Nobody may sign with nothing.
                    let (given, is_empty) = match value {
                        ExpressionValue::Bytes(bytes) if matches!(self.filter.run, Run::Mac(_)) => {
                            (Given::Bytes(bytes), bytes.is_empty())
                        }
                        value => {
                            let text = value.text(context.scratch)?;
                            (Given::Text(text), text.is_empty())
                        }
                    };
                    if is_empty {
                        return Err(operation.blame(ValueFault::Malformed));
                    }
                    Some(given)
                }
            };
        }
        Ok(given)
    }

    fn apply<'v>(
        &'v self,
        value: ExpressionValue<'v>,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        let run = self.filter.run;
        let given = self.given(context, locals)?;
        // What is null counts as missing, but for those who write JSON.
        if value.is_null() && !run.can_write() {
            return Err(ValueFault::Missing.into());
        }
        if !self.on_items {
            return Ok(run.apply(value, given, context.scratch)?);
        }
        let items = value.items(context.scratch)?;
        let mut applied = Vec::with_capacity(items.len());
        for item in items {
            applied.push(run.apply(*item, given, context.scratch)?);
        }
        Ok(ExpressionValue::List(context.scratch.list(applied)?))
    }
}
