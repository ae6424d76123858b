//! Schemes that join fields in any way, for tests.

use crate::callback::Callback;
use crate::language::scheme_definition::{Choice, SchemeDefinition, SelectionDefinition};
use crate::language::{RouteValues, SchemeRules};

/// How fields are joined, and a scheme that does so.
pub(super) struct JoinedForm {
    pub(super) assign: String,
    pub(super) separator: String,
    pub(super) omit_empty: bool,
    pub(super) json_fields: Vec<String>,
    pub(super) json: SchemeRules,
    pub(super) form: SchemeRules,
}

pub(super) fn form(
    separator: &str,
    assign: &str,
    omit_empty: bool,
    json_fields: &[&str],
) -> JoinedForm {
    let leave_out = || omit_empty.then(|| "leave-out".to_owned());
    let escaped: String = assign.chars().flat_map(|c| [c, c]).collect();
    let assigned = if assign.contains(['{', '}', '[', ']']) {
        &escaped
    } else {
        assign
    };
    let rules = |from: &str, value: &str| {
        let pair = |filter: &str| format!("{{name}}{assigned}{{value{filter}}}");
        let own = |name: &&str| ((*name).to_owned(), pair("|json:jackson"));
        let fields = SelectionDefinition {
            from: Some(from.to_owned()),
            leave_out: vec!["sign".to_owned()],
            empty: leave_out(),
            null: leave_out().or(Some("null".to_owned())),
            nested: Some("pair".to_owned()),
            order: Some("utf16".to_owned()),
            pair: pair(value),
            pair_of: json_fields.iter().map(own).collect(),
            between: separator.to_owned(),
            ..SelectionDefinition::default()
        };
        let definition = SchemeDefinition {
            algorithm: Choice::Fixed("hmac-sha256".to_owned()),
            signature: vec![format!(
                "{{{}:sign|unhex}}",
                if from == "json" { "field" } else { from }
            )],
            content: vec!["{fields}".to_owned()],
            selections: vec![(None, fields)],
            ..SchemeDefinition::default()
        };
        SchemeRules::compile(&definition).unwrap_or_else(|errors| panic!("{errors:?}"))
    };
    JoinedForm {
        assign: assign.to_owned(),
        separator: separator.to_owned(),
        omit_empty,
        json_fields: json_fields.iter().map(|&name| name.to_owned()).collect(),
        json: rules("json", "|java"),
        form: rules("form", ""),
    }
}

/// What is signed, and the field that could have been signed as another.
pub(super) fn signed(rules: &SchemeRules, body: &str) -> (String, Option<String>) {
    let headers = http::HeaderMap::new();
    let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
    let route = RouteValues::default();
    let (content, field) = rules.content_and_ambiguous_field(&route, callback).unwrap();
    (String::from_utf8(content).unwrap(), field)
}

pub(super) fn find(rules: &SchemeRules, body: &str) -> Option<String> {
    signed(rules, body).1
}
