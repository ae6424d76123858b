//! The keys of a definition that hold several expressions.

use regex::{Regex, RegexBuilder};

use super::algorithm_spellings::meant_algorithm;
use super::charset_rule::CharsetRule;
use super::definition_compiler::{DefinitionCompiler, DefinitionError};
use super::{AlgorithmRule, LetRule, jws_rule, message_rule};
use crate::algorithm::Algorithm;
use crate::json::pointer;
use crate::language::compiled_expression::{CompiledExpression, KnownNames};
use crate::language::expression_error::ExpressionError;
use crate::language::scheme_definition::{Choice, LetDefinition, SchemeDefinition};
use crate::language::source_table;
use crate::language::value_type::ValueType;

/// The largest automaton of a regular expression, in bytes.
const MAX_REGEX: usize = 1 << 20;

pub(super) fn compile_lets(
    definition: &SchemeDefinition,
    base: &KnownNames<'_>,
    types: &mut Vec<(String, ValueType)>,
    compiler: &mut DefinitionCompiler,
) -> Vec<LetRule> {
    let mut rules = Vec::new();
    for (name, step) in &definition.lets {
        let key = format!("let.{name}");
        if source_table::names().any(|source| source == name) {
            compiler.fault(&key, format!("`{name}` is the name of a source"));
            continue;
        }
        let known = types.clone();
        let names = KnownNames {
            lets: &known,
            secrets: true,
            ..*base
        };
        let (rule, programs) = match step {
            LetDefinition::Candidates(texts) => {
                let programs = compiler.list(&key, texts, &names);
                let kinds: Vec<ValueType> = programs.iter().map(|program| program.gives).collect();
                (LetRule::Candidates(programs), kinds)
            }
            LetDefinition::Table { by, of, default } => {
                let by = compiler.text(&format!("{key}.by"), by, &names);
                let of = compiler.named(&format!("{key}.of"), of, &names);
                let default =
                    compiler.optional(&format!("{key}.default"), default.as_ref(), &names);
                let (Some(by), Some(of)) = (by, of) else {
                    continue;
                };
                let programs = of.iter().map(|(_, program)| program).chain(&default);
                let kinds = programs.map(|program| program.gives).collect();
                (LetRule::Table { by, of, default }, kinds)
            }
        };
        let Some(first) = programs.first() else {
            // It is known by name, so that no other error comes of it.
            types.push((name.clone(), ValueType::Text));
            if matches!(step, LetDefinition::Candidates(texts) if texts.is_empty()) {
                compiler.fault(&key, "this step has no candidates");
            }
            continue;
        };
        if programs.iter().any(|kind| kind != first) {
            compiler.fault(&key, "the candidates of a step have the same type");
        }
        types.push((name.clone(), *first));
        rules.push(rule);
    }
    rules
}

impl SchemeDefinition {
    /// The names of all algorithms.
    #[must_use]
    pub fn algorithms() -> Vec<&'static str> {
        let names = Algorithm::ALL.iter().map(|algorithm| algorithm.name());
        let names = names.chain(jws_rule::names());
        names.chain(message_rule::names()).collect()
    }
}

pub(super) fn compile_algorithm(
    definition: &SchemeDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<AlgorithmRule> {
    let unknown = |key: &str, name: &str, is_fixed: bool, compiler: &mut DefinitionCompiler| {
        let known = SchemeDefinition::algorithms().into_iter();
        let known = known.filter(|known| is_fixed || Algorithm::from_name(known).is_some());
        let error = ExpressionError::new(0..name.len(), format!("there is no algorithm `{name}`"));
        let error = match meant_algorithm(name) {
            Some(meant) => error.help(format!("did you mean `{meant}`?")),
            None => error.help_word(name, known),
        };
        let key = key.to_owned();
        compiler.errors.push(DefinitionError { key, error });
    };
    let find = |key: &str, name: &str, compiler: &mut DefinitionCompiler| {
        let found = Algorithm::from_name(name);
        if found.is_none() && jws_rule::find(name).is_some() {
            compiler.fault(key, "a JWS has one algorithm: a callback cannot choose it");
        } else if found.is_none() && message_rule::find(name).is_some() {
            let message = "signatures of RFC 9421 have one algorithm: a callback cannot choose it";
            compiler.fault(key, message);
        } else if found.is_none() {
            unknown(key, name, false, compiler);
        }
        found
    };
    match &definition.algorithm {
        Choice::Fixed(name) => {
            let others = || jws_rule::find(name).or_else(|| message_rule::find(name));
            let found = Algorithm::from_name(name).or_else(|| Some(others()?.1));
            if found.is_none() {
                unknown("algorithm", name, true, compiler);
            }
            found.map(AlgorithmRule::Fixed)
        }
        Choice::By { by, of } => {
            let by = compiler.text("algorithm.by", by, names);
            let mut algorithms = Vec::new();
            for (value, name) in of {
                let found = find(&format!("algorithm.of.{value}"), name, compiler)?;
                algorithms.push((value.clone(), found));
            }
            Some(AlgorithmRule::Choice {
                by: by?,
                of: algorithms,
            })
        }
    }
}

pub(super) fn compile_charset(
    definition: &SchemeDefinition,
    compiler: &mut DefinitionCompiler,
) -> CharsetRule {
    let Some(text) = &definition.charset else {
        return CharsetRule::default();
    };
    CharsetRule::parse(text).unwrap_or_else(|message| {
        compiler.fault("charset", message);
        CharsetRule::default()
    })
}

pub(super) fn compile_each(
    definition: &SchemeDefinition,
    compiler: &mut DefinitionCompiler,
) -> Option<Vec<String>> {
    let each = definition.each.as_deref()?;
    let steps = each.strip_prefix('/').and_then(pointer::tokens);
    if steps.is_none() {
        compiler.fault("each", "`each` is a JSON Pointer such as `/items/*`");
    }
    steps
}

pub(super) fn compile_checks(
    key: &str,
    written: &[(String, Vec<String>)],
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Vec<(CompiledExpression, Vec<CompiledExpression>)> {
    let mut checks = Vec::new();
    for (value, wanted) in written {
        let key = format!("{key}.{value}");
        let wanted = wanted.iter().enumerate().filter_map(|(nth, text)| {
            let key = format!("{key}[{nth}]");
            compiler.expression(&key, text, names)
        });
        let wanted = wanted.collect();
        if let Some(program) = compiler.expression(&key, value, names) {
            checks.push((program, wanted));
        }
    }
    checks
}

/// A regular expression for whole texts.
pub(super) fn shape(pattern: &str) -> Result<Regex, String> {
    let regex = RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .size_limit(MAX_REGEX)
        .build();
    regex.map_err(|error| {
        // The lines before the last one show the place.
        let error = error.to_string();
        let why = error.lines().last().unwrap_or_default();
        let why = why.strip_prefix("error: ").unwrap_or(why);
        format!("`{pattern}` is no regular expression: {why}")
    })
}

/// Values with the shapes that they must have.
pub(super) fn compile_shapes(
    key: &str,
    written: &[(String, String)],
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Vec<(CompiledExpression, Regex)> {
    let mut required = Vec::new();
    for (value, pattern) in written {
        let key = format!("{key}.{value}");
        let program = compiler.text(&key, value, names);
        match shape(pattern) {
            Err(message) => compiler.fault(&key, message),
            Ok(shape) => required.extend(program.map(|program| (program, shape))),
        }
    }
    required
}

/// The field that names the event, and nothing else: a backend gets it as it is in the body.
pub(super) fn compile_event(
    definition: &SchemeDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<CompiledExpression> {
    let event = compiler.optional("event", definition.event.as_ref(), names)?;
    let is_field = event.field().is_some_and(|path| path.is_top_level());
    if !is_field {
        compiler.fault(
            "event",
            "`event` is one top-level field of the body: `{field:NAME}`, `{form:NAME}` or `{xml:NAME}`",
        );
    }
    Some(event)
}
