//! Compiles expressions one by one, and collects what is wrong with them.

use std::fmt;

use super::format_read::FormatRead;
use crate::language::compiled_expression::{
    CompiledExpression, KnownNames, ValueChain, compile as compile_expression,
};
use crate::language::expression_error::ExpressionError;
use crate::language::value_type::ValueType;

/// The most signatures x keys x contents that are tried, so also the most candidates.
pub(crate) const MAX_ATTEMPTS: usize = 32;

/// What is wrong with a definition, and under which key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct DefinitionError {
    /// The key, such as `content`, `content[1]` or `fields.pair`.
    pub key: String,
    /// What is wrong.
    pub error: ExpressionError,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.error)
    }
}

impl DefinitionError {
    pub(super) fn of_key(key: &str, message: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            error: ExpressionError::new(0..0, message),
        }
    }
}

/// Collects every error.
#[derive(Default)]
pub(super) struct DefinitionCompiler {
    pub(super) errors: Vec<DefinitionError>,
    /// What reads the body as something.
    pub(super) format_reads: Vec<FormatRead>,
}

impl DefinitionCompiler {
    pub(super) fn expression(
        &mut self,
        key: &str,
        text: &str,
        names: &KnownNames<'_>,
    ) -> Option<CompiledExpression> {
        match compile_expression(text, names) {
            Ok(program) => {
                let reads = FormatRead::of_expression(key, text, &program);
                self.format_reads.extend(reads);
                Some(program)
            }
            Err(error) => {
                let key = key.to_owned();
                self.errors.push(DefinitionError { key, error });
                None
            }
        }
    }

    /// One that is read as text.
    pub(super) fn text(
        &mut self,
        key: &str,
        text: &str,
        names: &KnownNames<'_>,
    ) -> Option<CompiledExpression> {
        let program = self.expression(key, text, names)?;
        if matches!(program.gives, ValueType::Text | ValueType::Json) {
            return Some(program);
        }
        let message = format!("this is text, and the expression gives {}", program.gives);
        let error = ExpressionError::new(0..text.len(), message);
        let error = error.help(match program.gives {
            ValueType::Bytes => "make text of bytes with `text`, `hex` or `base64`",
            _ => "take one item, with `nth:N` or `one:NAME`",
        });
        let key = key.to_owned();
        self.errors.push(DefinitionError { key, error });
        None
    }

    pub(super) fn optional_text(
        &mut self,
        key: &str,
        text: Option<&String>,
        names: &KnownNames<'_>,
    ) -> Option<CompiledExpression> {
        text.and_then(|text| self.text(key, text, names))
    }

    pub(super) fn optional(
        &mut self,
        key: &str,
        text: Option<&String>,
        names: &KnownNames<'_>,
    ) -> Option<CompiledExpression> {
        text.and_then(|text| self.expression(key, text, names))
    }

    pub(super) fn list(
        &mut self,
        key: &str,
        texts: &[String],
        names: &KnownNames<'_>,
    ) -> Vec<CompiledExpression> {
        let numbered = texts.iter().enumerate();
        let compile = |(nth, text): (usize, &String)| {
            let key = match texts.len() {
                1 => key.to_owned(),
                _ => format!("{key}[{nth}]"),
            };
            self.expression(&key, text, names)
        };
        numbered.filter_map(compile).collect()
    }

    /// Programs with names; `None` if one is wrong.
    pub(super) fn named(
        &mut self,
        key: &str,
        texts: &[(String, String)],
        names: &KnownNames<'_>,
    ) -> Option<Vec<(String, CompiledExpression)>> {
        let compiled: Vec<_> = texts
            .iter()
            .map(|(name, text)| {
                let program = self.expression(&format!("{key}.{name}"), text, names);
                program.map(|program| (name.clone(), program))
            })
            .collect();
        compiled.into_iter().collect()
    }

    /// What is wrong with a value in the text under a key.
    pub(super) fn fault_at(&mut self, key: &str, text: &str, value: &ValueChain, message: &str) {
        let start = text.find(&*value.text).unwrap_or_default();
        let end = start.saturating_add(value.text.len());
        let key = key.to_owned();
        let error = ExpressionError::new(start..end, message);
        self.errors.push(DefinitionError { key, error });
    }

    /// A fault that is mended so.
    pub(super) fn fault_with(&mut self, key: &str, message: &str, help: &str) {
        self.errors.push(DefinitionError {
            key: key.to_owned(),
            error: ExpressionError::new(0..0, message).help(help),
        });
    }

    pub(super) fn fault(&mut self, key: &str, message: impl Into<String>) {
        self.errors.push(DefinitionError::of_key(key, message));
    }
}
