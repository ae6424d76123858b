//! Schemes from TOML.

use countersign_verify::Scheme;
use countersign_verify::language::{
    CertificateDefinition, Choice, LetDefinition, MustCoverDefinition, SchemeDefinition,
    SchemeRules, SelectionDefinition, TimestampDefinition,
};
use toml::{Table, Value};

/// Schemes with their names.
pub(crate) type NamedSchemes = Vec<(String, SchemeRules)>;

/// The schemes in a file, or everything that is wrong with them.
pub(crate) fn read(text: &str) -> Result<NamedSchemes, String> {
    let file: Table = text
        .parse()
        .map_err(|error: toml::de::Error| error.to_string())?;
    let schemes = file["scheme"].as_array().unwrap().iter();
    let compile = |scheme: &Value| {
        let definition = definition(scheme.as_table().unwrap());
        let rules = SchemeRules::compile(&definition).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            errors.join("\n")
        });
        Ok((scheme["name"].as_str().unwrap().to_owned(), rules?))
    };
    schemes.map(compile).collect()
}

/// The schemes in a text that is right, with what they say of how their values are joined.
pub(crate) fn schemes(text: &str) -> Vec<Scheme> {
    let file: Table = text.parse().unwrap();
    let tables = file["scheme"].as_array().unwrap().iter();
    let compile = |table: &Value| {
        let name = table["name"].as_str().unwrap();
        let mut scheme = Scheme::compile(name, definition(table.as_table().unwrap())).unwrap();
        let join = table.get("ambiguous_join").and_then(Value::as_bool);
        scheme.ambiguous_join = join.unwrap_or_default();
        scheme
    };
    tables.map(compile).collect()
}

fn definition(table: &Table) -> SchemeDefinition {
    let mut definition = SchemeDefinition::default();
    for (key, value) in table {
        match key.as_str() {
            // The others are the configuration's, whose tests read these files, too.
            "name" | "about" | "max_age" | "identity" | "keep" | "failure" | "ambiguous_join"
            | "unsigned_body" | "case" | "acknowledge" | "refuse" | "handshake" => {}
            "algorithm" => definition.algorithm = Choice::Fixed(text(value)),
            "signature_form" => definition.signature_form = Some(text(value)),
            "signature" => definition.signature = list(value),
            "key" => definition.key = Some(text(value)),
            "key_id" => definition.key_id = Some(text(value)),
            "nonce" => definition.nonce = Some(text(value)),
            "event" => definition.event = Some(text(value)),
            "body" => definition.body = Some(text(value)),
            "matters" => definition.matters = pairs(value),
            "not_covered" => definition.not_covered = list(value),
            "content" => definition.content = list(value),
            "components" => definition.components = list(value),
            "label" => definition.label = Some(text(value)),
            "certificate" => definition.certificate = Some(certificate(value)),
            "payload" => definition.payload = Some(text(value)),
            "signed" => definition.signed = Some(text(value)),
            "each" => definition.each = Some(text(value)),
            "charset" => definition.charset = Some(text(value)),
            "content_type" => definition.content_type = list(value),
            "timestamp" => {
                let (value, unit) = match value.as_table() {
                    None => (text(value), "s".to_owned()),
                    Some(table) => (text(&table["value"]), text(&table["unit"])),
                };
                definition.timestamp = Some(TimestampDefinition { value, unit });
            }
            "let" => {
                let steps = value.as_table().unwrap().iter();
                let candidates = |value| LetDefinition::Candidates(list(value));
                definition.lets = steps
                    .map(|(name, value)| (name.clone(), candidates(value)))
                    .collect();
            }
            "check" => {
                let checks = value.as_table().unwrap().iter();
                definition.check = checks
                    .map(|(value, wanted)| (value.clone(), list(wanted)))
                    .collect();
            }
            "require" => definition.require = pairs(value),
            "fields" => definition.selections.push((None, selection(value, None))),
            "selection" => {
                // Only `like = "fields"` occurs.
                let fields = { definition.selections.first() }.map(|(_, fields)| fields.clone());
                let named = value.as_table().unwrap().iter();
                let named = named
                    .map(|(name, value)| (Some(name.clone()), selection(value, fields.as_ref())));
                definition.selections.extend(named);
            }
            other => panic!("unknown key {other}"),
        }
    }
    definition
}

fn certificate(value: &Value) -> CertificateDefinition {
    let mut certificate = CertificateDefinition::default();
    for (key, value) in value.as_table().unwrap() {
        match key.as_str() {
            "value" => certificate.value = text(value),
            "subject" => certificate.subject = pairs(value),
            "extensions" => certificate.extensions = list(value),
            "issuer_extensions" => certificate.issuer_extensions = list(value),
            other => panic!("unknown key {other}"),
        }
    }
    certificate
}

fn selection(value: &Value, fields: Option<&SelectionDefinition>) -> SelectionDefinition {
    let mut selection = SelectionDefinition::default();
    if value.get("like").is_some() {
        selection = fields.unwrap().clone();
    }
    for (key, value) in value.as_table().unwrap() {
        match key.as_str() {
            "like" => {}
            "from" => selection.from = Some(text(value)),
            "names" => selection.names = Some(list(value)),
            "listed_by" => selection.listed_by = Some(text(value)),
            "must_cover" => {
                selection.must_cover = Some(match value {
                    Value::String(text) => MustCoverDefinition::Expression(text.clone()),
                    names => MustCoverDefinition::Names(list(names)),
                });
            }
            "only" => selection.only = list(value),
            "leave_out" => selection.leave_out = list(value),
            "add" => selection.add = pairs(value),
            "depth" => selection.depth = Some(text(value)),
            "numbers" => selection.numbers = Some(value.as_integer().unwrap().try_into().unwrap()),
            "until" => selection.until = Some(text(value)),
            "order" => selection.order = Some(text(value)),
            "pair" => selection.pair = text(value),
            "pair_of" => selection.pair_of = pairs(value),
            "between" => selection.between = text(value),
            "empty" => selection.empty = Some(text(value)),
            "null" => selection.null = Some(text(value)),
            "nested" => selection.nested = Some(text(value)),
            "missing" => selection.missing = Some(text(value)),
            "nocase" => selection.nocase = value.as_bool().unwrap(),
            "paths" => selection.paths = Some(text(value)),
            "repeated" => selection.repeated = Some(text(value)),
            other => panic!("unknown key {other}"),
        }
    }
    selection
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let table = value.as_table().unwrap().iter();
    table
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}
