//! From a definition to rules.

use super::answer_rule::compile_acknowledgement;
use super::certificate_rule::compile_certificate;
use super::choose::choose;
use super::compile_keys::{
    compile_algorithm, compile_charset, compile_checks, compile_each, compile_event, compile_lets,
    compile_shapes,
};
use super::definition_compiler::{DefinitionCompiler, DefinitionError};
use super::handshake_rule::compile_handshakes;
use super::jws_rule::{self, compile_jws};
use super::message_rule::{self, compile_message};
use super::sound_rules::finish;
use super::stated_gaps::compile_gaps;
use super::{
    AlgorithmRule, Facts, SchemeRules, SecretParts, compile_selection, expanded_size, list_bounds,
};
use crate::algorithm::Algorithm;
use crate::body::BodyFormat;
use crate::language::compiled_expression::{
    CompiledExpression, KnownNames, ValueChain, ValueSource,
};
use crate::language::coverage::Coverage;
use crate::language::scheme_definition::SchemeDefinition;
use crate::language::timestamp_unit::TimestampUnit;
use crate::language::value_type::ValueType;
use crate::signature_form::SignatureForm;

pub(super) fn compile(definition: &SchemeDefinition) -> Result<SchemeRules, Vec<DefinitionError>> {
    let mut compiler = DefinitionCompiler::default();
    list_bounds::check(definition, &mut compiler);
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    let selections: Vec<Option<String>> = definition
        .selections
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let mut let_types: Vec<(String, ValueType)> = Vec::new();
    let in_step = KnownNames {
        jws: jws_rule::is_jws(definition),
        message: message_rule::is_message(definition),
        ..KnownNames::default()
    };
    let base = KnownNames {
        selections: &selections,
        ..in_step
    };
    // Selections use steps, so steps use no selections.
    let lets = compile_lets(definition, &in_step, &mut let_types, &mut compiler);
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
        key_id: compiler.optional_text("key_id", definition.key_id.as_ref(), &open),
        certificate: compile_certificate(definition, &open, &mut compiler),
        timestamp: compiler.optional_text("timestamp", timestamp_value, &open),
        nonce: compiler.optional_text("nonce", definition.nonce.as_ref(), &open),
        content: compiler.list("content", &definition.content, &secret),
        signed: compiler.optional(
            "signed",
            definition.signed.as_ref(),
            &KnownNames {
                content: true,
                ..secret
            },
        ),
        jws: compile_jws(definition, &inner, &mut compiler),
        message: compile_message(definition, &mut compiler),
        check: compile_checks("check", &definition.check, &inner, &mut compiler),
        require: compile_shapes("require", &definition.require, &inner, &mut compiler),
        acknowledge: compile_acknowledgement(definition, &inner, &mut compiler),
        handshakes: compile_handshakes(&definition.handshakes, &mut compiler),
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
        body: choose(
            "body",
            definition.body.as_deref(),
            BodyFormat::Opaque,
            BodyFormat::NAMED,
            &mut compiler.errors,
        ),
        event: compile_event(definition, &in_step, &mut compiler),
        stated: compile_gaps(definition, &inner, &mut compiler),
        facts: Facts::default(),
        coverage: Coverage::default(),
        secret_parts: SecretParts::default(),
        headers: Vec::new(),
        lets,
        algorithm: algorithm.unwrap_or(AlgorithmRule::Fixed(Algorithm::Token)),
    };
    expanded_size::check(&rules, definition, &mut compiler);
    let mut rules = finish(rules, definition, compiler)?;
    rules.facts.differs_by_fractions = differs_by_fractions(&rules, definition);
    rules.facts.differs_by_lines = differs_by_lines(&rules, definition);
    Ok(rules)
}

/// Whether all contents differ in nothing but whether U+2028 and U+2029 are escaped, and consist of
/// parts of the callback as they are: no filter or reader could make such a character of others.
fn differs_by_lines(rules: &SchemeRules, definition: &SchemeDefinition) -> bool {
    let named = [&rules.key_id, &rules.timestamp, &rules.nonce];
    let mut named = named.into_iter().flatten();
    let is_raw = |chain: &&ValueChain| {
        let is_part = matches!(
            chain.source(),
            ValueSource::KeyId
                | ValueSource::Timestamp
                | ValueSource::Nonce
                | ValueSource::Target
                | ValueSource::Method
                | ValueSource::Body
                | ValueSource::Header(_)
        );
        is_part && chain.is_written_as("json")
    };
    let chains = rules
        .content
        .iter()
        .flat_map(CompiledExpression::operations);
    let contents = definition.content.iter();
    let mut contents = contents.map(|content| content.replace("+lines", ""));
    let first = contents.next();
    first.is_some()
        && contents.all(|other| Some(&other) == first.as_ref())
        && named.all(|value| value.header().is_some())
        && chains.into_iter().all(|chain| is_raw(&chain))
}

/// Whether all contents are selections that differ in nothing but how numbers with a fraction or an
/// exponent are written.
fn differs_by_fractions(rules: &SchemeRules, definition: &SchemeDefinition) -> bool {
    let as_written = |text: &String| text.replace("java:double", "java").replace("+double", "");
    let mut contents = rules.content.iter().map(|content| {
        let at = content.selection()?;
        let (_, selection) = definition.selections.get(at)?;
        let mut selection = selection.clone();
        selection.pair = as_written(&selection.pair);
        for (_, pair) in &mut selection.pair_of {
            *pair = as_written(pair);
        }
        Some(selection)
    });
    let first = contents.next().flatten();
    first.is_some() && contents.all(|other| other == first)
}
