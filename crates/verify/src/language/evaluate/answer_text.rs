//! The texts of an answer.

use http::{HeaderName, HeaderValue};

use super::{Evaluation, Locals};
use crate::language::compiled_expression::{CompiledExpression, CompiledPiece};
use crate::language::scheme_rules::{AnswerRule, AnswerType, write_in_json};
use crate::language::value_fault::{EvaluationFault, ValueFault};
use crate::scheme_answer::SchemeAnswer;

/// The longest body of an answer, in bytes.
const MAX_BODY: usize = 16 << 10;

impl AnswerRule {
    /// The answer to a callback.
    pub(crate) fn build<'v>(
        &'v self,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<SchemeAnswer, EvaluationFault> {
        let headers = self.headers.iter().map(|(name, value)| {
            let value = value.text(context, locals)?;
            let value = HeaderValue::from_str(value).map_err(|_| ValueFault::Malformed)?;
            Ok((name.clone(), value))
        });
        let headers: Result<Vec<(HeaderName, HeaderValue)>, EvaluationFault> = headers.collect();
        let in_json = self.content_type == Some(AnswerType::Json);
        Ok(SchemeAnswer {
            status: self.status,
            content_type: self.content_type.map(AnswerType::header),
            headers: headers?,
            body: self.body.answer(in_json, context, locals)?.into_bytes(),
        })
    }
}

impl CompiledExpression {
    /// Its text in UTF-8, whatever the character set of the callback is; in JSON, its values as they
    /// stand in strings.
    fn answer<'v>(
        &'v self,
        in_json: bool,
        context: &'v Evaluation<'v>,
        locals: Locals<'v>,
    ) -> Result<String, EvaluationFault> {
        let mut out = String::new();
        for piece in &self.steps {
            match piece {
                CompiledPiece::Text(text) => out.push_str(text),
                CompiledPiece::Value(value) => {
                    let blame = |fault| EvaluationFault {
                        fault,
                        at: Some(value.place()),
                    };
                    let found = value.value(context, locals)?;
                    let text = found.text(context.scratch).map_err(blame)?;
                    if out.len().saturating_add(text.len()) > MAX_BODY {
                        return Err(blame(ValueFault::TooLong));
                    }
                    match in_json {
                        true => write_in_json(text, &mut out),
                        false => out.push_str(text),
                    }
                }
                // No answer has such a part: there, brackets are plain.
                CompiledPiece::Optional(_) => {}
            }
        }
        Ok(out)
    }
}
