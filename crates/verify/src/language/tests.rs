//! Expressions, from their text to their value.

use std::cell::RefCell;

use http::{HeaderMap, HeaderValue};
use once_cell::unsync::OnceCell;

use super::compact_jws::TokenCells;
use super::compiled_expression::{CompiledExpression, KnownNames, compile};
use super::evaluate::{Evaluation, Locals};
use super::expression_value::{ExpressionValue, Scratch};
use super::filters;
use super::scheme_definition::{
    Choice, LetDefinition, SchemeDefinition, SelectionDefinition, TimestampDefinition,
};
use super::scheme_rules::SchemeRules;
use super::value_fault::ValueFault;
use super::{DefinitionError, RouteValues};
use crate::body::{Body, Charset};
use crate::callback::Callback;
use crate::keys::{Key, Secret};
use crate::memory::Plenty;

/// A scheme whose signature is this expression.
fn rules(expression: &str) -> Result<SchemeRules, Vec<DefinitionError>> {
    SchemeRules::compile(&SchemeDefinition {
        algorithm: Choice::Fixed("token".to_owned()),
        signature: vec![expression.to_owned()],
        ..SchemeDefinition::default()
    })
}

/// The value of an expression over a callback: text as it is, bytes in hexadecimal.
fn evaluated(
    expression: &str,
    callback: Callback<'_>,
    route: &RouteValues,
) -> Result<String, ValueFault> {
    let rules = rules(expression).unwrap_or_else(|errors| panic!("{expression}: {errors:?}"));
    value_of(&rules.signature[0], &rules, callback, route)
}

fn value_of(
    program: &CompiledExpression,
    rules: &SchemeRules,
    callback: Callback<'_>,
    route: &RouteValues,
) -> Result<String, ValueFault> {
    let body = Body::read(
        rules.body_format(),
        Charset::Utf8,
        callback.body,
        &mut Plenty,
    );
    let body = body.unwrap();
    let key = Key::of_secret("", Secret::new(b"secret".to_vec().into()).unwrap());
    let mut memory = Plenty;
    let scratch = Scratch::new(Charset::Utf8, callback.body.len(), &mut memory);
    let evaluation = Evaluation {
        callback,
        body: &body,
        item: None,
        rules,
        route,
        key: Some(&key),
        scratch: &scratch,
        choices: RefCell::default(),
        lets: RefCell::default(),
        unclear: RefCell::default(),
        token: TokenCells::default(),
        label: 0,
        message: OnceCell::new(),
        query: OnceCell::new(),
    };
    let value = program.value(&evaluation, Locals::default());
    match value.map_err(|fault| fault.fault)? {
        ExpressionValue::Text(text) => Ok(text.to_owned()),
        ExpressionValue::Bytes(bytes) => {
            Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
        }
        json @ ExpressionValue::Json(_) => json.text(&scratch).map(str::to_owned),
        other => panic!("{program:?}: {other:?}"),
    }
}

#[test]
fn filters_do_what_their_examples_say() {
    let headers = HeaderMap::new();
    for filter in filters::all() {
        assert!(!filter.examples.is_empty(), "{}", filter.name);
        for (filters, input, expected) in filter.examples {
            let route = RouteValues {
                values: [("x".to_owned(), (*input).to_owned())].into(),
                ..RouteValues::default()
            };
            let expression = format!("{{value:x|{filters}}}");
            let callback = Callback::new("POST", b"/", &headers, b"");
            // Some stand in answers alone.
            let names = KnownNames {
                echo: true,
                ..KnownNames::default()
            };
            let program = compile(&expression, &names);
            let program = program.unwrap_or_else(|error| panic!("{expression}: {error:?}"));
            let value = value_of(&program, &rules("{body|text}").unwrap(), callback, &route);
            assert_eq!(
                value.ok().as_deref(),
                *expected,
                "{expression} of {input:?}"
            );
        }
    }
}

#[test]
fn sources_are_parts_of_the_callback() {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("Shop.Example"));
    headers.insert("x-one", HeaderValue::from_static("1"));
    headers.append("x-two", HeaderValue::from_static("a"));
    headers.append("x-two", HeaderValue::from_static("b"));
    let body = br#"{"a":"x","b":{"c":[1.50,true]},"n":null}"#;
    let callback = Callback::new("POST", b"/p%41/q?x=1&y=a+b%2F", &headers, body);
    let route = RouteValues {
        public_url: Some("https://pay.example:8443/callback?z".to_owned()),
        values: [("id".to_owned(), "7".to_owned())].into(),
    };
    for (expression, expected) in [
        ("{method}", Ok("POST")),
        ("{target}", Ok("/p%41/q?x=1&y=a+b%2F")),
        ("{path}", Ok("/p%41/q")),
        ("{query}", Ok("x=1&y=a+b%2F")),
        ("{query:y}", Ok("a b/")),
        ("{query:z}", Err(ValueFault::Missing)),
        ("{host}", Ok("shop.example")),
        ("{url}", Ok("https://pay.example:8443/p%41/q?x=1&y=a+b%2F")),
        (
            "{configured_url}",
            Ok("https://pay.example:8443/callback?z"),
        ),
        ("{header:X-One}", Ok("1")),
        ("{header:X-None,X-One}", Ok("1")),
        ("{header:X-Two}", Err(ValueFault::Repeated)),
        ("{header:X-None}", Err(ValueFault::Missing)),
        ("{headers:X-Two|nth:2}", Ok("b")),
        ("{field:a}", Ok("x")),
        ("{field:/b/c/0}", Ok("1.50")),
        ("{field:n}", Err(ValueFault::Missing)),
        ("{field:n|default:-}", Ok("-")),
        ("{field:b}!", Err(ValueFault::Malformed)),
        (
            "{document|json:js}",
            Ok(r#"{"a":"x","b":{"c":[1.50,true]},"n":null}"#),
        ),
        ("{value:id}", Ok("7")),
        ("{value:none}", Err(ValueFault::Missing)),
        ("a[-{header:X-One}-][-{header:X-None}-]b", Ok("a-1-b")),
        ("[{header:X-Two}]", Err(ValueFault::Repeated)),
        ("{{{field:a}}}", Ok("{x}")),
        ("{header:X-None|default:{field:a}}", Ok("x")),
        ("{field:a|after:{header:X-One}}", Err(ValueFault::Malformed)),
    ] {
        let value = evaluated(expression, callback, &route);
        assert_eq!(value, expected.map(str::to_owned), "{expression}");
    }
}

#[test]
fn expressions_that_cannot_be_are_refused_at_load() {
    for (expression, message) in [
        (
            "{bodi}",
            "there is no source `bodi`\n    {bodi}\n     ^^^^\n    did you mean `body`?",
        ),
        (
            "{body|hexx}",
            "there is no filter `hexx`\n    {body|hexx}\n          ^^^^\n    did you mean `hex`?",
        ),
        (
            "{header}",
            "`header` needs a name\n    {header}\n     ^^^^^^\n    write `{header:NAME}`",
        ),
        (
            "{body:x}",
            "`body` takes no argument\n    {body:x}\n          ^",
        ),
        (
            "{header:a b}",
            "`a b` is not the name of a header\n    {header:a b}\n            ^^^",
        ),
        (
            "{body|unhex}",
            "`unhex` needs text, but this is bytes\n    {body|unhex}\n          ^^^^^\n    make text of bytes with `text`, `hex` or `base64`",
        ),
        (
            "{method|one:t}",
            "`one` needs pairs, but this is text\n    {method|one:t}\n            ^^^\n    make pairs of text with `pairs:SEPARATOR`",
        ),
        (
            "x{headers:A}",
            "a list of texts cannot stand in text\n    x{headers:A}\n     ^^^^^^^^^^^\n    take one of its items with `nth:N`",
        ),
        (
            "{method|prefix}",
            "`prefix` needs an argument\n    {method|prefix}\n            ^^^^^^\n    write `prefix:X`",
        ),
        (
            "{method|lower:x}",
            "`lower` takes no argument\n    {method|lower:x}\n                  ^\n    write `lower`",
        ),
        (
            "{method|max:x}",
            "the argument of `max` is a whole number, not `x`\n    {method|max:x}\n                ^",
        ),
        (
            "{body|json:perl}",
            "`json` does not know the style `perl`\n    {body|json:perl}\n               ^^^^\n    styles are `js`, `php` with any of `+unicode`, `+slashes` and `+lines`, and `jackson` or `jackson+double`",
        ),
        (
            "{body|urlencode:frm}",
            "`urlencode` does not know `frm`\n    {body|urlencode:frm}\n                    ^^^\n    did you mean `form`?",
        ),
        (
            "{secret}",
            "a secret may not be used here: it would be told to others\n    {secret}\n     ^^^^^^",
        ),
        (
            "{timestamp}",
            "the scheme does not say `timestamp`\n    {timestamp}\n     ^^^^^^^^^\n    add `timestamp` to the scheme",
        ),
        (
            "{content}",
            "`content` exists only in `signed`\n    {content}\n     ^^^^^^^",
        ),
        (
            "{fields:x}",
            "there is no selection `x`\n    {fields:x}\n            ^",
        ),
    ] {
        let errors = rules(expression).unwrap_err();
        let [error] = errors.as_slice() else {
            panic!("{errors:?}")
        };
        assert_eq!(error.error.with_excerpt(expression), message);
    }
}

/// `key_id = "X-Key-Id"` is a text, not the header: nothing would be read from callbacks.
#[test]
fn what_a_callback_presents_has_a_value_of_it() {
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec!["X-Signature".to_owned()],
        key_id: Some("X-Key-Id".to_owned()),
        timestamp: Some(TimestampDefinition {
            value: "X-Time".to_owned(),
            unit: "s".to_owned(),
        }),
        nonce: Some("X-Nonce".to_owned()),
        content: vec!["{body}".to_owned()],
        ..SchemeDefinition::default()
    };
    let errors = SchemeRules::compile(&definition).unwrap_err();
    let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["signature", "key_id", "timestamp", "nonce"]);
    for error in &errors {
        let help = error.error.help.as_deref().unwrap_or_default();
        assert!(help.contains("`{header:X-Name}`"), "{error:?}");
    }
}

type Change<'c> = &'c dyn Fn(&mut SchemeDefinition, String);

/// Bytes become text only by `text`: a scheme that takes them for text would refuse every callback.
#[test]
fn what_is_read_as_text_gives_text() {
    let key_of = |change: Change<'_>| -> [Vec<String>; 3] {
        let errors = |expression: &str| -> Vec<DefinitionError> {
            let mut definition = SchemeDefinition {
                algorithm: Choice::Fixed("hmac-sha256".to_owned()),
                signature: vec!["{header:X-Signature|unhex}".to_owned()],
                content: vec!["{body}".to_owned()],
                ..SchemeDefinition::default()
            };
            change(&mut definition, expression.to_owned());
            SchemeRules::compile(&definition).err().unwrap_or_default()
        };
        assert!(errors("{body|text}").is_empty());
        let errors = ["{body}", "a{body}", "{headers:X-List}"].map(errors);
        errors.map(|errors| {
            errors
                .into_iter()
                .map(|error| error.key)
                .collect::<Vec<_>>()
        })
    };
    let changes: [(&str, Change<'_>); 6] = [
        ("nonce", &|scheme, text| scheme.nonce = Some(text)),
        ("key_id", &|scheme, text| scheme.key_id = Some(text)),
        ("timestamp", &|scheme, value| {
            let unit = "s".to_owned();
            scheme.timestamp = Some(TimestampDefinition { value, unit });
        }),
        ("algorithm.by", &|scheme, by| {
            let of = vec![("a".to_owned(), "hmac-sha256".to_owned())];
            scheme.algorithm = Choice::By { by, of };
        }),
        ("let.a.by", &|scheme, by| {
            let of = vec![("a".to_owned(), "{method}".to_owned())];
            let table = LetDefinition::Table {
                by,
                of,
                default: None,
            };
            scheme.lets = vec![("a".to_owned(), table)];
        }),
        ("fields.add.a", &|scheme, text| {
            let fields = SelectionDefinition {
                pair: "{value}".to_owned(),
                add: vec![("a".to_owned(), text)],
                ..SelectionDefinition::default()
            };
            scheme.selections = vec![(None, fields)];
        }),
    ];
    for (key, change) in changes {
        assert_eq!(key_of(change), [[key], [key], [key]], "{key}");
    }
    let require = |text: &str| {
        let mut scheme = SchemeDefinition {
            algorithm: Choice::Fixed("token".to_owned()),
            signature: vec!["{header:X-Token}".to_owned()],
            ..SchemeDefinition::default()
        };
        scheme.require = vec![(text.to_owned(), "a".to_owned())];
        SchemeRules::compile(&scheme).is_ok()
    };
    assert!(require("{body|text}") && !require("{body}"));
}

/// Each of a header's spellings that is there counts as covered.
#[test]
fn all_spellings_of_a_header_that_are_there_have_one_value() {
    let value = |pairs: &[(&'static str, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let callback = Callback::new("POST", b"/", &headers, b"");
        evaluated("{header:X-A,X-B,X-C}", callback, &RouteValues::default()).ok()
    };
    let one = Some("1".to_owned());
    assert_eq!(value(&[("x-c", "1")]), one);
    assert_eq!(value(&[("x-a", "1"), ("x-b", "1"), ("x-c", "1")]), one);
    assert_eq!(value(&[("x-a", "1"), ("x-b", "2")]), None);
    assert_eq!(value(&[("x-a", "1"), ("x-b", "1"), ("x-c", "2")]), None);
}
