//! A random scheme as a file.

use countersign_verify::language::{
    Choice, LetDefinition, MustCoverDefinition, SchemeDefinition, SelectionDefinition,
};

/// The scheme in TOML, with everything that random schemes have.
pub(crate) fn toml(scheme: &SchemeDefinition) -> String {
    let mut keys = vec![("name".to_owned(), quoted("random"))];
    let mut key = |name: &str, value: Option<String>| {
        keys.extend(value.map(|value| (name.to_owned(), value)));
    };
    let text = |text: &Option<String>| text.as_deref().map(quoted);
    if let Choice::Fixed(algorithm) = &scheme.algorithm {
        key("algorithm", Some(quoted(algorithm)));
    }
    key("signature_form", text(&scheme.signature_form));
    key("signature", some_list(&scheme.signature));
    key("key", text(&scheme.key));
    key("key_id", text(&scheme.key_id));
    key("nonce", text(&scheme.nonce));
    let timestamp = scheme.timestamp.as_ref().map(|timestamp| {
        let (value, unit) = (quoted(&timestamp.value), quoted(&timestamp.unit));
        format!("{{ value = {value}, unit = {unit} }}")
    });
    key("timestamp", timestamp);
    let steps = scheme.lets.iter();
    key(
        "let",
        table(steps.map(|(name, written)| (name.clone(), step(written)))),
    );
    key("charset", text(&scheme.charset));
    key("content", some_list(&scheme.content));
    key("signed", text(&scheme.signed));
    let checks = scheme.check.iter();
    key(
        "check",
        table(checks.map(|(value, wanted)| (value.clone(), list(wanted)))),
    );
    let shapes = scheme.require.iter();
    key(
        "require",
        table(shapes.map(|(value, shape)| (value.clone(), quoted(shape)))),
    );
    let mut named = Vec::new();
    for (name, selection) in &scheme.selections {
        match name {
            None => key("fields", Some(written(selection))),
            Some(name) => named.push((name.clone(), written(selection))),
        }
    }
    key("selection", table(named.into_iter()));
    let lines = keys
        .into_iter()
        .map(|(name, value)| format!("{name} = {value}\n"));
    format!("[[scheme]]\n{}", lines.collect::<String>())
}

fn written(selection: &SelectionDefinition) -> String {
    let mut keys = Vec::new();
    let mut key = |name: &str, value: Option<String>| {
        keys.extend(value.map(|value| (name.to_owned(), value)));
    };
    let text = |text: &Option<String>| text.as_deref().map(quoted);
    let pairs = |pairs: &[(String, String)]| {
        let pairs = pairs.iter();
        table(pairs.map(|(name, value)| (name.clone(), quoted(value))))
    };
    key("from", text(&selection.from));
    key("names", selection.names.as_deref().map(list));
    key("listed_by", text(&selection.listed_by));
    if let Some(MustCoverDefinition::Names(names)) = &selection.must_cover {
        key("must_cover", Some(list(names)));
    }
    key("only", some_list(&selection.only));
    key("leave_out", some_list(&selection.leave_out));
    key("depth", text(&selection.depth));
    key(
        "numbers",
        selection.numbers.map(|decimals| decimals.to_string()),
    );
    key("add", pairs(&selection.add));
    key("until", text(&selection.until));
    key("order", text(&selection.order));
    key("pair", Some(quoted(&selection.pair)));
    key("pair_of", pairs(&selection.pair_of));
    key("between", Some(quoted(&selection.between)));
    key("empty", text(&selection.empty));
    key("null", text(&selection.null));
    key("nested", text(&selection.nested));
    key("missing", text(&selection.missing));
    key("nocase", selection.nocase.then(|| "true".to_owned()));
    key("paths", text(&selection.paths));
    key("repeated", text(&selection.repeated));
    table(keys.into_iter()).unwrap_or_default()
}

fn step(step: &LetDefinition) -> String {
    match step {
        LetDefinition::Candidates(candidates) => list(candidates),
        LetDefinition::Table { by, of, default } => {
            let rows = of.iter().map(|(row, text)| (row.clone(), quoted(text)));
            let rows = table(rows).unwrap_or_else(|| "{}".to_owned());
            let default = default.as_deref().map(quoted);
            let default = default.map(|text| format!(", default = {text}"));
            let by = quoted(by);
            format!(
                "{{ by = {by}, of = {rows}{} }}",
                default.unwrap_or_default()
            )
        }
    }
}

fn table(keys: impl Iterator<Item = (String, String)>) -> Option<String> {
    let keys = keys.map(|(name, value)| format!("{} = {value}", quoted(&name)));
    let keys: Vec<String> = keys.collect();
    (!keys.is_empty()).then(|| format!("{{ {} }}", keys.join(", ")))
}

fn some_list(texts: &[String]) -> Option<String> {
    (!texts.is_empty()).then(|| list(texts))
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// JSON's strings are TOML's, but for one character that JSON leaves as it is.
fn quoted(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    text.replace('\u{7f}', "\\u007f")
}
