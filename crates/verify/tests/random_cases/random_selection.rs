//! Selections of fields.

use countersign_verify::language::{MustCoverDefinition, SelectionDefinition};

use super::choices::Choices;
use super::random_expression::{Scope, value};
use super::random_message::Format;

const PAIRS: &[&str] = &[
    "{name}={value}",
    "{name}={value}",
    "{value}",
    "{name}{value}",
    "{name}:{value}",
    "{name}={value|urlencode:form}",
    "{name|urlencode:rfc3986}={value|urlencode:rfc3986}",
    "{name}={value|trim}",
    "{name|lower}={value}",
    "{name}={value|upper}",
    "{name}={value|max:5}",
    "{value|md5|hex}",
    "{name}={value|json:js}",
    "{name|json:js}:{value|json:js}",
    "{name|hex}={value|hex}",
    "{name}=[{value|nonempty}]",
    "{value|escape:'|'}",
];

const JSON_PAIRS: &[&str] = &[
    "{name}={value|java}",
    "{name}={value|json:php+unicode+slashes}",
    "{name}={value|raw}",
    "{name}={value|json:jackson}",
    "{value|java}",
    "{name}={value|flatten}",
    "{name}={value|sorted|json:js}",
    "{name}:{value|java:double}",
];

const FIELDS: &[&str] = &["a", "b", "c", "id", "amount", "list"];

/// A selection of the body's fields, the query's parameters or the headers. `left_out`: the field with the
/// signature.
pub(crate) fn selection(
    choices: &mut Choices<'_>,
    scope: &Scope,
    left_out: Option<&str>,
) -> SelectionDefinition {
    let of_json = scope.format == Format::Json;
    let from = match (choices.below(8), scope.format) {
        (6, _) => "query",
        (7, _) => "headers",
        (5, Format::Json) => "json:/data",
        (_, Format::Json) => "json",
        (_, Format::Form) => "form",
        (_, Format::Xml) => "xml",
        (_, Format::Raw) => "query",
    };
    let names: &[&str] = match from {
        "headers" => &["x-a", "x-b", "x-nonce"],
        "query" | "json:/data" => &["a", "b"],
        _ => FIELDS,
    };
    let of_names = |choices: &mut Choices<'_>, at_most: usize| -> Vec<String> {
        let count = 1 + choices.below(at_most);
        let mut picked: Vec<String> = Vec::new();
        for _ in 0..count {
            let name = choices.pick(names).to_owned();
            if !picked.contains(&name) {
                picked.push(name);
            }
        }
        picked
    };
    let word = |choices: &mut Choices<'_>, words: &[&str]| -> Option<String> {
        let word = choices.pick(words);
        (!word.is_empty()).then(|| word.to_owned())
    };
    let mut out = SelectionDefinition {
        from: Some(from.to_owned()),
        ..SelectionDefinition::default()
    };
    if from == "headers" || choices.one_in(3) {
        out.names = Some(of_names(choices, 3));
        out.missing = word(choices, &["", "", "empty", "leave-out"]);
    } else if choices.one_in(8) {
        out.listed_by = Some("{header:X-List|split:,}".to_owned());
        out.must_cover = Some(MustCoverDefinition::Names(of_names(choices, 2)));
        out.missing = word(choices, &["", "", "empty", "leave-out"]);
    }
    if choices.one_in(8) {
        out.only = of_names(choices, 3);
    }
    if choices.one_in(6) {
        out.leave_out = of_names(choices, 2);
        if choices.one_in(4) {
            out.leave_out.push("x-*".to_owned());
        }
    }
    out.leave_out.extend(left_out.map(str::to_owned));
    out.order = word(
        choices,
        &[
            "bytes",
            "",
            "nocase",
            "utf16",
            "value",
            "pair",
            "pair-nocase",
            "as-received",
            "bytes",
        ],
    );
    let pair = |choices: &mut Choices<'_>| match choices.below(4) {
        0 if of_json => choices.pick(JSON_PAIRS).to_owned(),
        1 | 2 => choices.pick(PAIRS).to_owned(),
        _ => PAIRS[0].to_owned(),
    };
    out.pair = pair(choices);
    if choices.one_in(8) {
        out.pair_of = vec![(choices.pick(names).to_owned(), pair(choices))];
    }
    out.between = choices
        .pick(&["&", "&", "", "\n", ";", ", ", "|", ".", "&&"])
        .to_owned();
    out.empty = word(choices, &["", "", "leave-out"]);
    if of_json {
        // What is written for null may be text, of which these filters over JSON make something of their own.
        let is_reshaped = ["sorted", "flatten", "raw"]
            .iter()
            .any(|filter| out.pair.contains(filter));
        let nulls: &[&str] = if is_reshaped {
            &["", "leave-out"]
        } else {
            &["", "leave-out", "empty", "null"]
        };
        out.null = word(choices, nulls);
        out.nested = word(choices, &["", "", "leave-out", "pair", "pair"]);
        if choices.one_in(12) {
            out.depth = Some("leaves".to_owned());
        }
        if choices.one_in(16) {
            out.numbers = Some(2);
        }
        if choices.one_in(16) {
            out.paths = Some("dotted".to_owned());
            if let Some(names) = &mut out.names {
                names.push("data.a".to_owned());
            }
        }
    }
    out.nocase = choices.one_in(8);
    if choices.one_in(16) {
        out.repeated = Some("distinct".to_owned());
    }
    if choices.one_in(16) && from != "headers" {
        out.until = Some("c".to_owned());
    }
    if choices.one_in(8) {
        let no_selections = Scope {
            made: Vec::new(),
            named: scope.named.clone(),
            ..*scope
        };
        out.add = vec![(
            choices.pick(&["a", "z", "key", "amount"]).to_owned(),
            value(choices, &no_selections),
        )];
    }
    out
}
