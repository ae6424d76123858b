//! Selections of fields, compiled.

use super::choose::choose;
use super::definition_compiler::{DefinitionCompiler, DefinitionError};
use super::format_read::FormatRead;
use crate::body::{FieldPath, FieldPathError};
use crate::language::compiled_expression::{CompiledExpression, KnownNames, ValueSource};
use crate::language::expression_error::ExpressionError;
use crate::language::scheme_definition::{MustCoverDefinition, SelectionDefinition};
use crate::language::selection::{
    Chosen, FieldOrder, FieldsFrom, MustCover, NamePattern, OnMissing, OnNested, OnNull, Selection,
};

/// What `order` can be.
const ORDERS: &[(&str, FieldOrder)] = &[
    ("as-received", FieldOrder::AsReceived),
    ("bytes", FieldOrder::Bytes),
    ("nocase", FieldOrder::IgnoreCase),
    ("utf16", FieldOrder::Utf16),
    ("value", FieldOrder::Value),
    ("pair", FieldOrder::Pair),
    ("pair-nocase", FieldOrder::PairIgnoreCase),
];

/// What `null` can be.
const NULLS: &[(&str, OnNull)] = &[
    ("refuse", OnNull::Refuse),
    ("leave-out", OnNull::LeaveOut),
    ("empty", OnNull::Empty),
    ("null", OnNull::Null),
];

/// What `nested` can be.
const NESTED: &[(&str, OnNested)] = &[
    ("refuse", OnNested::Refuse),
    ("leave-out", OnNested::LeaveOut),
    ("pair", OnNested::Pair),
];

/// What `missing` can be.
const MISSING: &[(&str, OnMissing)] = &[
    ("refuse", OnMissing::Refuse),
    ("empty", OnMissing::Empty),
    ("leave-out", OnMissing::LeaveOut),
];

const LEAVE_OUT: &str = "leave-out";
const DOTTED: &str = "dotted";
const DISTINCT: &str = "distinct";
const LEAVES: &str = "leaves";

impl SelectionDefinition {
    /// The words that this key takes, if it is one that takes words.
    #[must_use]
    pub fn words(key: &str) -> Vec<&'static str> {
        fn named<T>(words: &'static [(&'static str, T)]) -> Vec<&'static str> {
            words.iter().map(|(word, _)| *word).collect()
        }
        match key {
            "order" => named(ORDERS),
            "null" => named(NULLS),
            "nested" => named(NESTED),
            "missing" => named(MISSING),
            "empty" => vec![LEAVE_OUT],
            "paths" => vec![DOTTED],
            "repeated" => vec![DISTINCT],
            "depth" => vec![LEAVES],
            _ => Vec::new(),
        }
    }
}

/// Compiles the selection that stands under this key.
pub(super) fn compile(
    key: &str,
    definition: &SelectionDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<Selection> {
    let of = |name: &str| format!("{key}.{name}");
    let errors = &mut compiler.errors;
    let order = choose(
        &of("order"),
        definition.order.as_deref(),
        FieldOrder::AsReceived,
        ORDERS,
        errors,
    );
    let null = choose(
        &of("null"),
        definition.null.as_deref(),
        OnNull::Refuse,
        NULLS,
        errors,
    );
    let nested = choose(
        &of("nested"),
        definition.nested.as_deref(),
        OnNested::Refuse,
        NESTED,
        errors,
    );
    let missing = choose(
        &of("missing"),
        definition.missing.as_deref(),
        OnMissing::Refuse,
        MISSING,
        errors,
    );
    let said = |key: &str, word: &Option<String>, errors: &mut Vec<_>, known| {
        choose(&of(key), word.as_deref(), false, &[(known, true)], errors)
    };
    let omit_empty = said("empty", &definition.empty, errors, LEAVE_OUT);
    let dotted = said("paths", &definition.paths, errors, DOTTED);
    let distinct = said("repeated", &definition.repeated, errors, DISTINCT);
    let leaves = said("depth", &definition.depth, errors, LEAVES);
    let from = match fields_from(definition.from.as_deref()) {
        Ok(from) => from,
        Err(error) => {
            let key = of("from");
            errors.push(DefinitionError { key, error });
            return None;
        }
    };
    let selects_by_name =
        definition.names.is_some() || definition.listed_by.is_some() || definition.until.is_some();
    let written = definition.from.as_deref().unwrap_or_default();
    let read = FormatRead::of_selection(&of("from"), written, &from);
    compiler.format_reads.extend(read);
    let errors = &mut compiler.errors;
    if leaves && (!matches!(from, FieldsFrom::Json(_)) || distinct || selects_by_name) {
        errors.push(DefinitionError::of_key(
            &of("depth"),
            "only all values of a JSON object can be at every depth: names may repeat there",
        ));
    }
    if definition.numbers.is_some() && !matches!(from, FieldsFrom::Json(_)) {
        let message = "only JSON has numbers; use the filter `number`";
        errors.push(DefinitionError::of_key(&of("numbers"), message));
    }
    if from == FieldsFrom::Nothing && definition.add.is_empty() {
        errors.push(DefinitionError::of_key(
            key,
            "`from` is missing: where are the fields?",
        ));
    }
    let in_pair = KnownNames {
        field: true,
        is_text_field: !matches!(from, FieldsFrom::Json(_)),
        ..*names
    };
    let plain = KnownNames {
        secrets: true,
        ..*names
    };
    let pair = compiler.expression(&of("pair"), &definition.pair, &in_pair);
    let pair_of = compiler.named(&of("pair_of"), &definition.pair_of, &in_pair);
    let add = definition.add.iter().map(|(name, text)| {
        let program = compiler.text(&of(&format!("add.{name}")), text, &plain);
        program.map(|program| (name.clone(), program))
    });
    let add: Vec<_> = add.collect();
    let add: Option<Vec<_>> = add.into_iter().collect();
    let chosen = chosen(key, definition, names, compiler);
    let made_texts = [
        ("null", matches!(null, OnNull::Empty | OnNull::Null)),
        ("missing", missing == OnMissing::Empty),
        ("numbers", definition.numbers.is_some()),
        ("add", {
            let has_own = |name: &String| definition.pair_of.iter().any(|(known, _)| known == name);
            definition.add.iter().any(|(name, _)| !has_own(name))
        }),
    ];
    let mut made_texts = made_texts.iter().filter(|(_, is_said)| *is_said);
    let of_json = pair.as_ref().and_then(filter_of_json);
    if let (Some(filter), Some((made, _))) = (of_json, made_texts.next()) {
        compiler.fault_with(
            &of(made),
            &format!(
                "`{made}` makes text, and `{filter}` writes values of the body only: it would be refused"
            ),
            "write `{value}` in `pair`, or `{value|json:js}` or the like; `pair_of` writes a field in a way of its own",
        );
    }
    let patterns = |texts: &[String]| texts.iter().map(|text| NamePattern::parse(text)).collect();
    Some(Selection {
        from,
        leaves,
        numbers: definition.numbers,
        chosen: chosen?,
        leave_out: patterns(&definition.leave_out),
        only: patterns(&definition.only),
        add: add?,
        until: definition.until.clone(),
        order,
        pair: pair?,
        pair_of: pair_of?,
        between: definition.between.clone(),
        omit_empty,
        null,
        nested,
        missing,
        ignore_case: definition.nocase,
        dotted,
        distinct,
    })
}

/// The filter of a pair that takes only JSON, and no text that stands for it.
fn filter_of_json(pair: &CompiledExpression) -> Option<&'static str> {
    let values = pair.written_values().into_iter();
    let mut values = values.filter(|value| *value.source() == ValueSource::FieldValue);
    values.find_map(|value| {
        let first = value.filters.first()?.filter.name;
        ["raw", "flatten"].contains(&first).then_some(first)
    })
}

fn fields_from(text: Option<&str>) -> Result<FieldsFrom, ExpressionError> {
    const WORDS: [&str; 6] = ["json", "json:/POINTER", "form", "query", "xml", "headers"];
    Ok(match text {
        None => FieldsFrom::Nothing,
        Some("json") => FieldsFrom::Json(None),
        Some("form") => FieldsFrom::Form,
        Some("query") => FieldsFrom::Query,
        Some("xml") => FieldsFrom::Xml,
        Some("headers") => FieldsFrom::Headers,
        Some(other) => match other.strip_prefix("json:") {
            Some(pointer) if pointer.starts_with('/') => {
                let fault =
                    |error: FieldPathError| ExpressionError::new(0..other.len(), error.to_string());
                FieldsFrom::Json(Some(FieldPath::parse(pointer).map_err(fault)?))
            }
            written => {
                let words = WORDS.map(|word| format!("`{word}`")).join(", ");
                let message = format!("`{other}` is none of {words}");
                let error = ExpressionError::new(0..other.len(), message);
                return Err(match written.filter(|name| !name.is_empty()) {
                    Some(name) => error.help(format!("write `json:/{}`", name.replace('.', "/"))),
                    None => error.help_word(other, WORDS.into_iter()),
                });
            }
        },
    })
}

fn chosen(
    key: &str,
    definition: &SelectionDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<Chosen> {
    let mut fault = |message: &str| {
        compiler.errors.push(DefinitionError::of_key(key, message));
        None
    };
    match (
        &definition.names,
        &definition.listed_by,
        &definition.must_cover,
    ) {
        (Some(_), Some(_), _) => fault("`names` and `listed_by` exclude each other"),
        (_, None, Some(_)) => fault("`must_cover` belongs to `listed_by`"),
        (_, Some(_), None) => fault(
            "`listed_by` needs `must_cover`: without it, whoever sends a callback chooses what is signed",
        ),
        (Some(names), None, None) if names.is_empty() => fault("`names` is empty"),
        (Some(names), None, None) => Some(Chosen::Names(names.clone())),
        (None, None, None) => Some(Chosen::All),
        (None, Some(by), Some(must_cover)) => {
            let by = compiler.expression(&format!("{key}.listed_by"), by, names);
            let must_cover = match must_cover {
                MustCoverDefinition::Names(names) => Some(MustCover::Names(names.clone())),
                MustCoverDefinition::Expression(text) => compiler
                    .expression(&format!("{key}.must_cover"), text, names)
                    .map(MustCover::Program),
            };
            Some(Chosen::Listed {
                by: by?,
                must_cover: must_cover?,
            })
        }
    }
}
