//! Scalars in JSON that `fields` rewrites keep what they are for filters that write JSON.

use http::HeaderMap;

use super::scheme_definition::{Choice, SchemeDefinition, SelectionDefinition};
use super::{RouteValues, SchemeRules};
use crate::callback::Callback;

/// What is signed of a body, with this pair.
fn signed(pair: &str, body: &str, change: fn(&mut SelectionDefinition)) -> String {
    let mut fields = SelectionDefinition {
        from: Some("json".to_owned()),
        order: Some("bytes".to_owned()),
        pair: pair.to_owned(),
        between: ",".to_owned(),
        ..SelectionDefinition::default()
    };
    change(&mut fields);
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec!["{header:X-Signature|unhex}".to_owned()],
        content: vec!["{fields}".to_owned()],
        selections: vec![(None, fields)],
        ..SchemeDefinition::default()
    };
    let rules = SchemeRules::compile(&definition).unwrap_or_else(|errors| panic!("{errors:?}"));
    let headers = HeaderMap::new();
    let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
    let content = rules.content_and_ambiguous_field(&RouteValues::default(), callback);
    String::from_utf8(content.unwrap().0).unwrap()
}

const NULL: fn(&mut SelectionDefinition) = |fields| fields.null = Some("null".to_owned());

#[test]
fn null_is_null_to_what_writes_json_and_text_to_everything_else() {
    let body = r#"{"a":null,"b":"null"}"#;
    for (pair, expected) in [
        ("{name}={value}", "a=null,b=null"),
        ("{value|hex}", "6e756c6c,6e756c6c"),
        ("{value|upper}", "NULL,NULL"),
        ("{value|default:x}", "null,null"),
        ("{value|java}", "null,null"),
        ("{name|json:js}:{value|json:js}", r#""a":null,"b":"null""#),
        ("{value|sorted|json:js}", r#"null,"null""#),
        ("{value|json:php}{value}", r#"nullnull,"null"null"#),
    ] {
        assert_eq!(signed(pair, body, NULL), expected, "{pair}");
    }
    let by_value = |fields: &mut SelectionDefinition| {
        NULL(fields);
        fields.order = Some("value".to_owned());
    };
    let body = r#"{"a":"x","b":null,"c":"m"}"#;
    assert_eq!(signed("{value|json:js}", body, by_value), r#""m",null,"x""#);
}

#[test]
fn numbers_with_set_decimals_are_numbers_to_what_writes_json() {
    let numbers = |fields: &mut SelectionDefinition| fields.numbers = Some(2);
    let body = r#"{"a":1.5,"b":"1.5","c":-3}"#;
    for (pair, expected) in [
        ("{value}", "1.50,1.5,-3.00"),
        ("{value|json:js}", r#"1.50,"1.5",-3.00"#),
        ("{value|json:jackson}", r#"1.50,"1.5",-3.00"#),
        ("{value|java}", "1.50,1.5,-3.00"),
    ] {
        assert_eq!(signed(pair, body, numbers), expected, "{pair}");
    }
}
