//! Schemes under which no callback, or none of some kind, could be genuine.

use super::scheme_definition::{Choice, SchemeDefinition, SelectionDefinition};
use super::{DefinitionError, SchemeRules};

fn definition(algorithm: &str, content: &str) -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed(algorithm.to_owned()),
        signature: vec!["{header:X-Sign|unhex}".to_owned()],
        content: vec![content.to_owned()],
        ..SchemeDefinition::default()
    }
}

fn errors(definition: &SchemeDefinition) -> Vec<(String, String)> {
    let errors = SchemeRules::compile(definition).err().unwrap_or_default();
    let shown = |error: &DefinitionError| (error.key.clone(), error.error.to_string());
    errors.iter().map(shown).collect()
}

#[test]
fn a_public_key_has_no_secret() {
    for algorithm in ["rsa-sha256", "ed25519", "jws-rs256"] {
        let mut definition = definition(algorithm, "{body}{secret}");
        if algorithm.starts_with("jws") {
            definition.content.clear();
            definition.signature = vec!["{header:X-Sign}".to_owned()];
            definition.payload = Some("{body}".to_owned());
            assert_eq!(errors(&definition), []);
            continue;
        }
        let found = errors(&definition);
        let [(key, why)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(key, "content");
        assert!(
            why.contains("the keys of this algorithm have none"),
            "{why}"
        );
    }
    let mut in_selection = definition("rsa-sha256", "{fields}");
    let selection = SelectionDefinition {
        from: Some("json".to_owned()),
        pair: "{name}={value}".to_owned(),
        between: "&".to_owned(),
        add: vec![("key".to_owned(), "{secret}".to_owned())],
        ..SelectionDefinition::default()
    };
    in_selection.selections = vec![(None, selection)];
    assert_eq!(errors(&in_selection).len(), 1);
    // A further secret can stand beside a public key.
    assert_eq!(errors(&definition("rsa-sha256", "{body}{secret:salt}")), []);
    assert_eq!(errors(&definition("hmac-sha256", "{body}{secret}")), []);
}

#[test]
fn text_that_stands_for_a_value_is_no_json() {
    type SelectionEdit = fn(&mut SelectionDefinition);
    let with = |pair: &str, change: SelectionEdit| {
        let mut selection = SelectionDefinition {
            from: Some("json".to_owned()),
            pair: pair.to_owned(),
            between: "&".to_owned(),
            names: Some(vec!["a".to_owned(), "b".to_owned()]),
            ..SelectionDefinition::default()
        };
        change(&mut selection);
        let mut definition = definition("hmac-sha256", "{fields}");
        definition.selections = vec![(None, selection)];
        errors(&definition)
    };
    let cases: [(&str, SelectionEdit); 5] = [
        ("null", |fields| fields.null = Some("null".to_owned())),
        ("null", |fields| fields.null = Some("empty".to_owned())),
        ("missing", |fields| {
            fields.missing = Some("empty".to_owned())
        }),
        ("numbers", |fields| fields.numbers = Some(2)),
        ("add", |fields| {
            fields.names = None;
            fields.add = vec![("c".to_owned(), "1".to_owned())];
        }),
    ];
    for (key, change) in cases {
        for filter in ["raw", "flatten"] {
            let found = with(&format!("{{name}}={{value|{filter}}}"), change);
            let [(at, why)] = found.as_slice() else {
                panic!("{found:?}");
            };
            assert_eq!(*at, format!("fields.{key}"));
            assert!(
                why.contains(&format!("`{filter}` writes values of the body only")),
                "{why}"
            );
        }
        assert_eq!(with("{name}={value}", change), [], "{key}");
        assert_eq!(with("{name}={value|json:js}", change), [], "{key}");
    }
    let own: SelectionEdit = |fields| {
        fields.names = None;
        fields.add = vec![("c".to_owned(), "1".to_owned())];
        fields.pair_of = vec![("c".to_owned(), "{name}={value}".to_owned())];
    };
    assert_eq!(with("{name}={value|raw}", own), []);
}
