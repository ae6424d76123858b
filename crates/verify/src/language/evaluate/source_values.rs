//! The values of the sources.

use http::HeaderName;

use super::target_parts::{origin, split_target};
use super::{Evaluation, Locals};
use crate::body::{Query, Repeats};
use crate::json::JsonValue;
use crate::keys::Key;
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::expression_value::ExpressionValue;
use crate::language::measured_bytes::MeasuredBytes;
use crate::language::scheme_rules::LetRule;
use crate::language::selection;
use crate::language::value_fault::{EvaluationFault, ValueFault};
use crate::reason::{Reason, Rejection};

impl<'v> Evaluation<'v> {
    pub(super) fn source(
        &'v self,
        source: &'v ValueSource,
        locals: Locals<'v>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        let missing = Err(ValueFault::Missing.into());
        let text = |text: Option<&'v str>| {
            text.map(ExpressionValue::Text)
                .ok_or(ValueFault::Missing.into())
        };
        Ok(match source {
            ValueSource::Method => ExpressionValue::Text(self.callback.method),
            ValueSource::Target => ExpressionValue::Text(self.target()?),
            ValueSource::Path => ExpressionValue::Text(split_target(self.target()?).0),
            ValueSource::Query => ExpressionValue::Text(split_target(self.target()?).1),
            ValueSource::QueryParameter(name) => return self.query_parameter(name),
            ValueSource::Host => {
                let host = self.header(&http::header::HOST)?;
                let host = if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    self.scratch.text(host.to_ascii_lowercase().into())?
                } else {
                    host
                };
                ExpressionValue::Text(host)
            }
            ValueSource::Url => {
                let url = format!("{}{}", origin(self.public_url()?), self.target()?);
                ExpressionValue::Text(self.scratch.text(url.into())?)
            }
            ValueSource::ConfiguredUrl => return text(self.route.public_url.as_deref()),
            ValueSource::Header(names) => {
                let is_there = |name: &&HeaderName| self.callback.headers.contains_key(*name);
                let mut there = names.iter().filter(is_there);
                let Some(name) = there.next() else {
                    return missing;
                };
                let value = self.header(name)?;
                // Several spellings at once could be read as several values.
                for other in there {
                    if self.header(other)? != value {
                        return Err(ValueFault::Repeated.into());
                    }
                }
                ExpressionValue::Text(value)
            }
            ValueSource::Headers(name) => {
                let values = self.callback.headers.get_all(name).iter();
                let values: Result<Vec<_>, _> = values
                    .map(|value| std::str::from_utf8(value.as_bytes()).map(ExpressionValue::Text))
                    .collect();
                let values = values.map_err(|_| ValueFault::Malformed)?;
                if values.is_empty() {
                    return missing;
                }
                ExpressionValue::List(self.scratch.list(values)?)
            }
            ValueSource::Body => ExpressionValue::Bytes(self.callback.body),
            ValueSource::Content => {
                return locals
                    .content
                    .map(ExpressionValue::Bytes)
                    .ok_or(ValueFault::Missing.into());
            }
            ValueSource::Document => ExpressionValue::Json(self.document()?),
            ValueSource::Field(path) => match path.find(self.document()?) {
                Some(value) if !value.is_null() => ExpressionValue::Json(value),
                _ => return missing,
            },
            ValueSource::Jose(path) => return self.jose(path),
            ValueSource::Claim(path) => return self.claim(path),
            ValueSource::MessageParameter(parameter) => {
                ExpressionValue::Text(self.message_parameter(*parameter)?)
            }
            ValueSource::Form(name) | ValueSource::Xml(name) => {
                let field = self.body.field(name).ok_or(ValueFault::Missing)?;
                let value = field.text().ok_or(ValueFault::Malformed)?;
                ExpressionValue::Text(self.scratch.text(value)?)
            }
            ValueSource::Fields(at) => {
                let mut bytes = MeasuredBytes::new(self.scratch);
                selection::write(*at, self, &mut bytes)?;
                ExpressionValue::Bytes(self.scratch.bytes(bytes.finish()?)?)
            }
            ValueSource::Timestamp => return self.named(self.rules.timestamp.as_ref()),
            ValueSource::Nonce => return self.named(self.rules.nonce.as_ref()),
            ValueSource::KeyId => return self.named(self.rules.key_id.as_ref()),
            ValueSource::Secret => return text(self.key.and_then(Key::secret_text)),
            ValueSource::NamedSecret(name) => {
                return text(self.key.and_then(|key| key.named_secret_text(name)));
            }
            ValueSource::Constant(name) => {
                return text(self.route.values.get(name).map(String::as_str));
            }
            ValueSource::Let(at) => return self.step(*at),
            ValueSource::FieldName => return text(locals.field.map(|(name, _)| name)),
            ValueSource::FieldValue => {
                return locals
                    .field
                    .map(|(_, value)| value)
                    .ok_or(ValueFault::Missing.into());
            }
        })
    }

    /// The text of the timestamp, nonce or key id.
    fn named(
        &'v self,
        program: Option<&'v CompiledExpression>,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        let program = program.ok_or(ValueFault::Missing)?;
        program
            .text(self, Locals::default())
            .map(ExpressionValue::Text)
    }

    /// The value of a named step, of the candidate that is tried.
    fn step(&'v self, at: usize) -> Result<ExpressionValue<'v>, EvaluationFault> {
        if let Some(value) = self.lets.borrow().get(at).copied().flatten() {
            return Ok(value);
        }
        let choice = self.choices.borrow().get(at).copied().unwrap_or_default();
        let rule = self.rules.lets.get(at).ok_or(ValueFault::Missing)?;
        let program = rule.program(choice, self)?;
        let value = program.value(self, Locals::default())?;
        if let Some(place) = self.lets.borrow_mut().get_mut(at) {
            *place = Some(value);
        }
        Ok(value)
    }

    /// The URL under which the provider calls the route.
    pub(super) fn public_url(&self) -> Result<&'v str, ValueFault> {
        self.route.public_url.as_deref().ok_or(ValueFault::Missing)
    }

    pub(in crate::language) fn target(&self) -> Result<&'v str, ValueFault> {
        std::str::from_utf8(self.callback.target)
            .map_err(|_| Rejection::from(Reason::TargetMalformed).into())
    }

    /// The value of a header that must occur once.
    pub(in crate::language) fn header(&self, name: &HeaderName) -> Result<&'v str, ValueFault> {
        let mut values = self.callback.headers.get_all(name).iter();
        let value = values.next().ok_or(ValueFault::Missing)?;
        if values.next().is_some() {
            return Err(ValueFault::Repeated);
        }
        std::str::from_utf8(value.as_bytes()).map_err(|_| ValueFault::Malformed)
    }

    /// What fields are looked up in: the item, or the whole body.
    pub(in crate::language) fn document(&self) -> Result<JsonValue<'v, 'v>, ValueFault> {
        self.item
            .or_else(|| self.body.as_json())
            .ok_or(ValueFault::Missing)
    }

    /// The parameters of the query, decoded.
    pub(in crate::language) fn query_pairs(
        &'v self,
    ) -> Result<&'v [(&'v str, &'v str)], EvaluationFault> {
        let read = || {
            let query = self.scratch.with_memory(|memory| {
                Query::read(
                    self.callback.target,
                    self.scratch.charset(),
                    Repeats::Refuse,
                    memory,
                )
            })?;
            let mut pairs = Vec::new();
            for pair in query.pairs() {
                let name = self.scratch.text(pair.name.text())?;
                pairs.push((name, self.scratch.text(pair.value.text())?));
            }
            self.scratch.pairs(pairs)
        };
        self.query.get_or_init(read).clone().map_err(Into::into)
    }

    fn query_parameter(&'v self, name: &str) -> Result<ExpressionValue<'v>, EvaluationFault> {
        let mut found = self
            .query_pairs()?
            .iter()
            .filter(|(known, _)| *known == name);
        let (_, value) = found.next().ok_or(ValueFault::Missing)?;
        match found.next() {
            None => Ok(ExpressionValue::Text(value)),
            Some(_) => Err(ValueFault::Repeated.into()),
        }
    }
}

impl LetRule {
    /// The candidate with this number.
    fn program<'v>(
        &'v self,
        choice: usize,
        context: &'v Evaluation<'v>,
    ) -> Result<&'v CompiledExpression, EvaluationFault> {
        match self {
            Self::Candidates(programs) => programs.get(choice).ok_or(ValueFault::Missing.into()),
            Self::Table { by, of, default } => {
                let value = by.text(context, Locals::default())?;
                let found = of.iter().find(|(known, _)| known == value);
                let program = found.map(|(_, program)| program).or(default.as_ref());
                program.ok_or(ValueFault::Malformed.into())
            }
        }
    }
}
