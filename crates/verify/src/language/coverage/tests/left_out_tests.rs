//! Values that can be there or not, or be written in several ways, under one signature.

use super::attack_tests::signed_by;
use super::*;
use crate::language::DefinitionError;

/// What is wrong with a scheme whose backend relies on this value.
fn fault(mut definition: SchemeDefinition, value: &str) -> Option<String> {
    definition.matters = vec![("it".to_owned(), value.to_owned())];
    let errors = SchemeRules::compile(&definition).err()?;
    let [DefinitionError { key, error }] = errors.as_slice() else {
        panic!("{errors:?}");
    };
    assert_eq!(key, "matters.it");
    Some(error.to_string())
}

fn stated(mut definition: SchemeDefinition, value: &str) -> Vec<DefinitionError> {
    definition.not_covered = texts(&["it"]);
    definition.matters = vec![("it".to_owned(), value.to_owned())];
    SchemeRules::compile(&definition).err().unwrap_or_default()
}

type SelectionChange = fn(&mut SelectionDefinition);

const EMPTY: SelectionChange = |fields| fields.empty = Some("leave-out".to_owned());
const NESTED: SelectionChange = |fields| fields.nested = Some("leave-out".to_owned());
const MISSING: SelectionChange = |fields| {
    fields.names = Some(texts(&["a", "b"]));
    fields.missing = Some("empty".to_owned());
};
const NULL_EMPTY: SelectionChange = |fields| fields.null = Some("empty".to_owned());

#[test]
fn what_is_left_out_where_it_is_empty_can_be_added_so() {
    for (from, change, value, genuine, added) in [
        (
            "json",
            EMPTY,
            "{field:a}",
            r#"{"b":"1"}"#,
            r#"{"a":"","b":"1"}"#,
        ),
        ("form", EMPTY, "{form:a}", "b=1", "a=&b=1"),
        (
            "json",
            MISSING,
            "{field:a}",
            r#"{"b":"1"}"#,
            r#"{"a":"","b":"1"}"#,
        ),
        (
            "json",
            NULL_EMPTY,
            "{field:a}",
            r#"{"a":null}"#,
            r#"{"a":""}"#,
        ),
    ] {
        let definition = over_fields(from, change);
        let rules = compiled(&definition);
        assert_eq!(
            signed_by(&rules, &[], genuine),
            signed_by(&rules, &[], added),
            "{added}"
        );
        let why = fault(definition.clone(), value).unwrap();
        assert!(why.contains("where it is empty"), "{why}");
        assert!(stated(definition.clone(), value).is_empty());
        // A backend to which an empty value is none sees no difference.
        let nonempty = value.replace('}', "|nonempty}");
        assert_eq!(fault(definition.clone(), &nonempty), None);
        // And neither does one that gets no such callback.
        for (shape, is_enough) in [(".+", true), ("[0-9]+", true), (".*", false)] {
            let mut required = definition.clone();
            required.require = require(&[(value, shape)]);
            assert_eq!(fault(required, value).is_none(), is_enough, "{shape}");
        }
        let whole = with("{fields}\n{body}", |scheme| {
            scheme.selections = definition.selections.clone();
        });
        assert_eq!(fault(whole, value), None);
    }
    for plain in ["{field:a}", "{field:a|nonempty}"] {
        assert_eq!(fault(over_fields("json", |_| {}), plain), None);
        let null = over_fields("json", |fields| fields.null = Some("leave-out".to_owned()));
        // What is null is missing to expressions, and to whoever is told so.
        assert_eq!(fault(null, plain), None);
    }
}

#[test]
fn what_is_left_out_where_it_is_an_object_can_be_any() {
    let definition = over_fields("json", NESTED);
    let rules = compiled(&definition);
    let bodies = [
        r#"{"b":"1"}"#,
        r#"{"a":[100],"b":"1"}"#,
        r#"{"a":{"c":7},"b":"1"}"#,
    ];
    let signed = bodies.map(|body| signed_by(&rules, &[], body));
    assert!(signed.windows(2).all(|two| two[0] == two[1]));
    for value in ["{field:a}", "{field:a|nonempty}", "{field:a|number:2}"] {
        let why = fault(definition.clone(), value).unwrap();
        assert!(why.contains("an object or a list"), "{why}");
        assert!(stated(definition.clone(), value).is_empty());
    }
    let mut required = definition;
    required.require = require(&[("{field:a}", ".*")]);
    assert_eq!(fault(required, "{field:a}"), None);
}

#[test]
fn a_check_against_a_value_that_something_stands_for_fixes_nothing_else() {
    let check = |value: &str| {
        let mut definition = over_fields("form", EMPTY);
        definition.check = vec![(value.to_owned(), texts(&["{header:B}"]))];
        fault(definition, "{header:B}")
    };
    // Without `a`, `B` is `x`; with an empty one, it is empty, under the same signature.
    assert!(check("{form:a|default:x}").is_some());
    assert_eq!(check("{form:a}"), None);
    assert_eq!(check("{form:a|nonempty|default:x}"), None);
}

#[test]
fn what_is_signed_alike_is_told() {
    let told = |definition: &SchemeDefinition, word: &str| {
        let words = coverage(definition).not_covered();
        words.iter().any(|known| known == word)
    };
    let typed = "how scalars are typed";
    let json = |pair: &str| over_fields("json", |fields| fields.pair = pair.to_owned());
    let rules = compiled(&json("{name}={value}"));
    assert_eq!(
        signed_by(&rules, &[], r#"{"a":1,"b":true}"#),
        signed_by(&rules, &[], r#"{"a":"1","b":"true"}"#)
    );
    assert!(told(&json("{name}={value}"), typed));
    assert!(told(&json("{name}={value|java}"), typed));
    assert!(told(&mac(&["{field:a}"]), typed));
    for not in [
        json("{name}={value|json:js}"),
        json("{name}={value|raw}"),
        mac(&["{field:a|json:js}"]),
        mac(&["{body}"]),
        over_fields("form", |_| {}),
    ] {
        assert!(!told(&not, typed), "{not:?}");
    }

    let root = "how the root is named";
    assert!(told(&over_fields("xml", |_| {}), root));
    assert!(told(&mac(&["{xml:a}"]), root));
    assert!(!told(&over_fields("form", |_| {}), root));

    let spelt = "how names are spelt";
    let named = |fields: &mut SelectionDefinition| {
        fields.names = Some(texts(&["Order"]));
        fields.nocase = true;
    };
    let rules = compiled(&over_fields("json", named));
    assert_eq!(
        signed_by(&rules, &[], r#"{"order":"1"}"#),
        signed_by(&rules, &[], r#"{"ORDER":"1"}"#)
    );
    assert!(told(&over_fields("json", named), spelt));
    // Here, a name is signed as it came.
    let all = over_fields("json", |fields| fields.nocase = true);
    assert!(!told(&all, spelt));
}

#[test]
fn a_value_that_may_stand_in_one_of_two_headers_can_be_moved() {
    let definition = mac(&["{header:A,B}\n{body}"]);
    let rules = compiled(&definition);
    assert_eq!(
        signed_by(&rules, &[("a", "7")], "x=1"),
        signed_by(&rules, &[("b", "7")], "x=1")
    );
    let found = coverage(&definition);
    let told = "which of the headers `a`, `b` has a value";
    assert!(found.not_covered().contains(&told.to_owned()));
    assert!(found.covers_headers() && found.tells_callbacks_apart());
    assert!(fault(definition.clone(), "{header:A}").is_some());
    assert_eq!(fault(definition, "{header:A,B}"), None);
    let both = mac(&["{header:A,B}\n{header:A}\n{body}"]);
    assert_eq!(fault(both, "{header:A}"), None);
}

#[test]
fn white_space_in_json_that_is_sorted_is_not_covered() {
    let sorted = mac(&["{body|sorted|json:js}"]);
    let rules = compiled(&sorted);
    let [one, other] = [r#"{"a":1,"b":2}"#, r#"{ "b":2, "a":1 }"#];
    assert_eq!(signed_by(&rules, &[], one), signed_by(&rules, &[], other));
    let found = coverage(&sorted);
    assert!(!found.covers_raw_body() && found.covers_body());
    assert!(covers(&sorted, "a"));
    let text = mac(&["{header:A|sorted|json:js}\n{body}"]);
    assert!(!coverage(&text).covers_header(&http::HeaderName::from_static("a")));
    let document = mac(&["{document|sorted|json:js}"]);
    assert!(covers(&document, "a") && coverage(&document).partly_signed().is_empty());
}

#[test]
fn a_value_that_is_signed_in_part_can_be_stated() {
    let with_matters = |content: &str, matters: &str, words: &[&str]| {
        let mut definition = mac(&[content]);
        definition.matters = vec![("amount".to_owned(), matters.to_owned())];
        definition.not_covered = texts(words);
        compiled(&definition)
    };
    let is_stated = |rules: &SchemeRules| {
        let partly = rules.coverage().partly_signed();
        assert!(!partly.is_empty());
        partly.iter().all(|value| rules.states_partly_signed(value))
    };
    let content = "{form:order}\n{form:Amount|remove:'.,'}";
    assert!(is_stated(&with_matters(
        content,
        "{form:Amount}",
        &["amount"]
    )));
    assert!(!is_stated(&with_matters(
        content,
        "{form:other}",
        &["amount", "fields"]
    )));
    let mut leaves = over_fields("json", |fields| fields.depth = Some("leaves".to_owned()));
    leaves.content = texts(&["{fields}\n{header:A}"]);
    assert!(!is_stated(&compiled(&leaves)));
}
