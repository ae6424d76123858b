//! Runs a program over a callback.

mod answer_text;
mod message_values;
mod source_values;
mod target_parts;
mod token_values;
mod value_chain;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use once_cell::unsync::OnceCell;

use super::compact_jws::TokenCells;
use super::compiled_expression::{CompiledExpression, CompiledPiece, ValueChain};
use super::expression_value::{ExpressionValue, Scratch};
use super::measured_bytes::MeasuredBytes;
use super::message_signature::PresentedMessage;
use super::scheme_rules::SchemeRules;
use super::value_fault::{EvaluationFault, ValueFault};
use crate::body::{Body, Charset};
use crate::callback::Callback;
use crate::content::Sink;
use crate::json::JsonValue;
use crate::keys::Key;
use crate::reason::At;

/// What a route adds to its scheme.
#[derive(Clone, Debug, Default)]
pub struct RouteValues {
    /// The URL under which the provider calls the route.
    pub public_url: Option<String>,
    /// Constants of the route's configuration.
    pub values: BTreeMap<String, String>,
}

/// Everything that the values of one callback come from.
pub(crate) struct Evaluation<'v> {
    pub(crate) callback: Callback<'v>,
    pub(crate) body: &'v Body<'v>,
    /// The item that is verified, if the scheme signs each item of the body.
    pub(crate) item: Option<JsonValue<'v, 'v>>,
    pub(crate) rules: &'v SchemeRules,
    pub(crate) route: &'v RouteValues,
    pub(crate) scratch: &'v Scratch<'v>,
    /// The key that is tried.
    pub(crate) key: Option<&'v Key>,
    /// Which candidate of each named step is tried, and what it is.
    pub(crate) choices: RefCell<Vec<usize>>,
    pub(crate) lets: RefCell<Vec<Option<ExpressionValue<'v>>>>,
    /// The selections that were written, and of which a closer look must show that none of their
    /// fields could be another.
    pub(crate) unclear: RefCell<BTreeSet<usize>>,
    pub(crate) token: TokenCells<'v>,
    /// Which signature of RFC 9421 is tried, and what it is.
    pub(crate) label: usize,
    pub(crate) message: OnceCell<Result<PresentedMessage, ValueFault>>,
    pub(crate) query: OnceCell<Result<&'v [(&'v str, &'v str)], ValueFault>>,
}

/// What is there only where an expression stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Locals<'v> {
    pub(crate) content: Option<&'v [u8]>,
    /// The field that is written.
    pub(crate) field: Option<(&'v str, ExpressionValue<'v>)>,
}

impl CompiledExpression {
    /// Its value.
    pub(crate) fn value<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        if let Some(operation) = self.single() {
            return operation.value(context, locals);
        }
        let mut bytes = MeasuredBytes::new(context.scratch);
        write_steps(&self.steps, context, locals, &mut bytes)?;
        Ok(match String::from_utf8(bytes.finish()?) {
            Ok(text) => ExpressionValue::Text(context.scratch.text(Cow::Owned(text))?),
            Err(error) => ExpressionValue::Bytes(context.scratch.bytes(error.into_bytes())?),
        })
    }

    /// Writes it. Nothing that was written counts if this fails.
    pub(crate) fn write<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
        out: &mut dyn Sink,
    ) -> Result<(), EvaluationFault> {
        write_steps(&self.steps, context, locals, out)
    }

    /// Its text.
    pub(crate) fn text<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<&'v str, EvaluationFault> {
        let value = self.value(context, locals)?;
        value
            .text(context.scratch)
            .map_err(|fault| self.blame(fault))
    }

    /// Its bytes.
    pub(crate) fn bytes<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<&'v [u8], EvaluationFault> {
        let value = self.value(context, locals)?;
        value
            .bytes(context.scratch)
            .map_err(|fault| self.blame(fault))
    }

    /// The byte strings of a list, or the one that it is. Text that is decoded is refused if it is
    /// longer than `most`, or no text in JSON.
    pub(crate) fn each_decoded<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        most: usize,
        out: &mut Vec<&'v [u8]>,
    ) -> Result<(), EvaluationFault> {
        let blame = |fault| self.blame(fault);
        let value = match self.single().filter(|chain| chain.is_decoded()) {
            None => self.value(context, Locals::default()),
            Some(chain) => {
                let encoded = context.source(chain.source(), Locals::default());
                if let Ok(encoded) = &encoded {
                    check_encoded(*encoded, most).map_err(blame)?;
                }
                chain.behind_source(encoded, context)
            }
        };
        match value? {
            ExpressionValue::List(items) => {
                for item in items {
                    out.push(item.bytes(context.scratch).map_err(blame)?);
                }
            }
            one => out.push(one.bytes(context.scratch).map_err(blame)?),
        }
        Ok(())
    }

    /// The place of its value in the callback, if it is a single one.
    pub(crate) fn place(&self) -> Option<At> {
        self.single().map(ValueChain::place)
    }

    fn blame(&self, fault: ValueFault) -> EvaluationFault {
        EvaluationFault {
            fault,
            at: self.place(),
        }
    }
}

/// Refuses a value that is longer than this, or no text in JSON.
fn check_encoded(value: ExpressionValue<'_>, most: usize) -> Result<(), ValueFault> {
    let length = match value {
        ExpressionValue::Json(json) => json.as_str().ok_or(ValueFault::Malformed)?.len(),
        ExpressionValue::Text(text) => text.len(),
        _ => 0,
    };
    if length > most {
        return Err(ValueFault::TooLong);
    }
    Ok(())
}

fn write_steps<'v>(
    steps: &'v [CompiledPiece],
    context: &'v Evaluation<'v>,
    locals: Locals<'v>,
    out: &mut dyn Sink,
) -> Result<(), EvaluationFault> {
    for step in steps {
        match step {
            CompiledPiece::Text(text) => match context.scratch.charset() {
                Charset::Utf8 => out.put_str(text),
                charset => out.put(&charset.encode(text).ok_or(ValueFault::Malformed)?),
            },
            CompiledPiece::Value(operation) => operation.write(context, locals, out)?,
            CompiledPiece::Optional(steps) => {
                let mut part = MeasuredBytes::new(context.scratch);
                match write_steps(steps, context, locals, &mut part) {
                    Ok(()) => out.put(&part.finish()?),
                    Err(fault) if fault.is_missing() => {}
                    Err(fault) => return Err(fault),
                }
            }
        }
    }
    Ok(())
}
