//! From a definition to rules.

use std::fmt;

use super::choose::choose;
use super::compile_keys::{
    compile_algorithm, compile_charset, compile_checks, compile_each, compile_lets,
    compile_required,
};
use super::sound_rules::finish;
use super::{AlgorithmRule, Facts, SchemeRules, compile_selection};
use crate::algorithm::Algorithm;
use crate::body::BodyFormat;
use crate::language::compiled_expression::{
    CompiledExpression, KnownNames, compile as compile_expression,
};
use crate::language::expression_error::ExpressionError;
use crate::language::scheme_definition::SchemeDefinition;
use crate::language::timestamp_unit::TimestampUnit;
use crate::language::value_type::ValueType;
use crate::signature_form::SignatureForm;

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
}

impl DefinitionCompiler {
    pub(super) fn expression(
        &mut self,
        key: &str,
        text: &str,
        names: &KnownNames<'_>,
    ) -> Option<CompiledExpression> {
        match compile_expression(text, names) {
            Ok(program) => Some(program),
            Err(error) => {
                let key = key.to_owned();
                self.errors.push(DefinitionError { key, error });
                None
            }
        }
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

    pub(super) fn fault(&mut self, key: &str, message: impl Into<String>) {
        self.errors.push(DefinitionError::of_key(key, message));
    }
}

pub(super) fn compile(definition: &SchemeDefinition) -> Result<SchemeRules, Vec<DefinitionError>> {
    let mut compiler = DefinitionCompiler::default();
    let selections: Vec<Option<String>> = definition
        .selections
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let mut let_types: Vec<(String, ValueType)> = Vec::new();
    let base = KnownNames {
        selections: &selections,
        ..KnownNames::default()
    };
    // Selections use steps, so steps use no selections.
    let lets = compile_lets(
        definition,
        &KnownNames::default(),
        &mut let_types,
        &mut compiler,
    );
    let open = KnownNames {
        lets: &let_types,
        ..base
    };
    let algorithm = compile_algorithm(definition, &open, &mut compiler);
    let timestamp = definition.timestamp.as_ref();
    let timestamp_value = timestamp.map(|timestamp| &timestamp.value);
    let inner = KnownNames {
        timestamp: timestamp.is_some(),
        nonce: definition.nonce.is_some(),
        key_id: definition.key_id.is_some(),
        ..open
    };
    let in_selection = KnownNames {
        selections: &[],
        ..inner
    };
    let secret = KnownNames {
        secrets: true,
        ..inner
    };
    let unit = timestamp.map_or(Ok(TimestampUnit::Seconds), |timestamp| {
        TimestampUnit::parse(&timestamp.unit)
    });
    let unit = unit.unwrap_or_else(|message| {
        compiler.fault("timestamp.unit", message);
        TimestampUnit::Seconds
    });
    let rules = SchemeRules {
        unit,
        signature_form: choose(
            "signature_form",
            definition.signature_form.as_deref(),
            None,
            &[
                ("der", Some(SignatureForm::Der)),
                ("raw", Some(SignatureForm::Raw)),
            ],
            &mut compiler.errors,
        ),
        signature: compiler.list("signature", &definition.signature, &open),
        key: compiler.optional("key", definition.key.as_ref(), &secret),
        key_id: compiler.optional("key_id", definition.key_id.as_ref(), &open),
        timestamp: compiler.optional("timestamp", timestamp_value, &open),
        nonce: compiler.optional("nonce", definition.nonce.as_ref(), &open),
        content: compiler.list("content", &definition.content, &secret),
        signed: compiler.optional(
            "signed",
            definition.signed.as_ref(),
            &KnownNames {
                content: true,
                ..secret
            },
        ),
        check: compile_checks(definition, &inner, &mut compiler),
        require: compile_required(definition, &inner, &mut compiler),
        selections: definition
            .selections
            .iter()
            .filter_map(|(name, selection)| {
                let key = name
                    .as_ref()
                    .map_or("fields".to_owned(), |name| format!("selection.{name}"));
                compile_selection::compile(&key, selection, &in_selection, &mut compiler)
            })
            .collect(),
        content_type: definition.content_type.clone(),
        charset: compile_charset(definition, &mut compiler),
        each: compile_each(definition, &mut compiler),
        body: BodyFormat::Opaque,
        facts: Facts::default(),
        headers: Vec::new(),
        lets,
        algorithm: algorithm.unwrap_or(AlgorithmRule::Fixed(Algorithm::Token)),
    };
    finish(rules, compiler)
}
