//! Values of which only a part is signed.

use super::*;
use crate::scheme::IdentityPart;

fn partly_signed(definition: &SchemeDefinition) -> Vec<(String, &'static str)> {
    let coverage = coverage(definition);
    let found = coverage.partly_signed().iter();
    found
        .map(|found| (found.value.clone(), found.cause))
        .collect()
}

#[test]
fn a_value_of_which_a_filter_loses_something_is_not_covered_and_is_named() {
    for (filters, cause) in [
        ("lower", "lower"),
        ("upper", "upper"),
        ("trim", "trim"),
        ("prefix?:x", "prefix?"),
        ("after:x", "after"),
        ("after-last:x", "after-last"),
        ("before:x", "before"),
        ("remove:','", "remove"),
        ("number:2", "number"),
        ("default:", "default"),
        ("crc32", "crc32"),
        ("crc32|sha256|hex", "crc32"),
        ("urldecode", "urldecode"),
        ("split:,|nth:1", "split"),
        ("split:,|skip:1|nth:1", "split"),
        ("words|nth:1", "words"),
        ("pairs:,|one:a", "pairs"),
        ("unhex", "unhex"),
        ("unbase64:lenient", "unbase64"),
        ("unbase64url", "unbase64url"),
        ("lower|sha256|hex", "lower"),
        ("sha256|hex|trim", "trim"),
    ] {
        for source in [
            "form:a",
            "query:a",
            "header:A",
            "xml:a",
            "field:a",
            "field:/a/b",
        ] {
            let value = format!("{{{source}|{filters}}}");
            let scheme = mac(&[&format!("{value};{{header:X-Other}}")]);
            assert_eq!(partly_signed(&scheme), [(value.clone(), cause)], "{value}");
            assert!(!covers(&scheme, "a") && !covers(&scheme, "/a/b"), "{value}");
            assert!(!coverage(&scheme).covers_parameter("a"), "{value}");
            let header = http::HeaderName::from_static("a");
            assert!(!coverage(&scheme).covers_header(&header), "{value}");
            // It names no callback.
            let field = FieldPath::parse("a").unwrap();
            assert!(!coverage(&scheme).covers(&IdentityPart::Field(field)));
            // Where another place has it whole, nothing is lost.
            let twice = mac(&[&format!("{value};{{{source}}};{{header:X-Other}}")]);
            assert!(partly_signed(&twice).is_empty(), "{value}");
        }
    }
}

#[test]
fn a_value_that_is_signed_whole_is_not_named() {
    for content in [
        "{body|sha256|hex}",
        "{body|md5|hex|upper}",
        "{form:a|sha512|base64}",
        "{form:a|unbase64|hex}",
        "{form:a|urlencode:form};{form:b|escape:';'}",
        "{form:a|max:9};{form:b|nonempty}",
        "{document|sorted|json:js}",
        "{field:a|lower};{body}",
        "{query:a|lower} {target}\n{body}",
        "{secret|lower};{body}",
        "{value:merchant|lower};{body}",
        // The signature is in the same header.
        "{header:X-Signature|pairs:,|one:t};{body}",
    ] {
        assert!(partly_signed(&mac(&[content])).is_empty(), "{content}");
    }
}

#[test]
fn a_value_is_named_wherever_in_the_content_it_is_read() {
    let of = |content: &str, change: &dyn Fn(&mut SchemeDefinition)| {
        partly_signed(&with(content, |scheme| change(scheme)))
    };
    let named = |value: &str, cause| vec![(value.to_owned(), cause)];
    assert_eq!(
        of("[{query:a|lower};]{form:b}", &|_| {}),
        named("{query:a|lower}", "lower")
    );
    assert_eq!(
        of("{s};{form:b}", &|scheme| {
            scheme.lets = vec![step("s", &["{form:a|trim}"])];
        }),
        named("{s}", "trim")
    );
    assert_eq!(
        of("{s};{form:b}", &|scheme| {
            scheme.lets = vec![step("s", &["{form:a|trim}{form:b}"])];
        }),
        named("{form:a|trim}", "trim")
    );
    assert_eq!(
        of("{nonce};{form:b}", &|scheme| {
            scheme.nonce = Some("{form:n|before:-}".to_owned());
        }),
        named("{nonce}", "before")
    );
    assert_eq!(
        of("{body}{form:a}", &|scheme| {
            scheme.signed = Some("{content|crc32}".to_owned());
        })
        .last(),
        Some(&("{content|crc32}".to_owned(), "crc32"))
    );
    // In one candidate is enough.
    let candidates = mac(&["{form:b};{form:a}", "{form:b};{form:a|lower}"]);
    assert_eq!(partly_signed(&candidates), named("{form:a|lower}", "lower"));
    let pair = over_fields("form", |fields| {
        fields.pair_of = vec![("a".to_owned(), "a={value|number:2}".to_owned())];
    });
    assert_eq!(partly_signed(&pair), named("{value|number:2}", "number"));
    let added = over_fields("form", |fields| {
        fields.add = vec![("x".to_owned(), "{header:X|lower}".to_owned())];
    });
    assert_eq!(partly_signed(&added), named("{header:X|lower}", "lower"));
}

#[test]
fn an_added_value_is_covered_as_far_as_the_pair_writes_it() {
    let added = |pair: &str| {
        over_fields("form", |fields| {
            fields.leave_out = vec!["a".to_owned()];
            fields.add = vec![("x".to_owned(), "{form:a}".to_owned())];
            fields.pair = pair.to_owned();
        })
    };
    assert!(covers(&added("{name}={value}"), "a"));
    assert!(!covers(&added("{name}={value|trim}"), "a"));
    assert!(!covers(&added("{name}"), "a"));
}

#[test]
fn numbers_that_are_respelt_are_signed_but_name_no_callback() {
    let rounded = over_fields("json", |fields| fields.numbers = Some(2));
    assert!(!covers(&rounded, "a"));
    assert_eq!(words(&rounded), ["fields"]);
    assert_eq!(
        partly_signed(&rounded),
        [("{fields}".to_owned(), "numbers")]
    );
    // The verdict says how a content that is one selection wrote doubles, and no other.
    let doubles = |content: &str| {
        with(content, |scheme| {
            let pair = |fields: &mut SelectionDefinition| {
                fields.pair = "{name}={value|json:jackson+double}".to_owned();
            };
            scheme.selections = vec![(None, selection("json", pair))];
        })
    };
    assert!(covers(&doubles("{fields}"), "a"));
    assert!(!covers(&doubles("{fields}\n{method}"), "a"));
    assert!(!covers(&mac(&["{field:a|json:jackson+double}"]), "a"));
    assert!(covers(&mac(&["{field:a|json:jackson}"]), "a"));
}

/// `{"a":{"x":1},"b":{"x":2}}` and `{"a":{"x":2},"b":{"x":1}}` can be signed alike, and so can
/// `{"x":1,"a":{"x":2}}`.
#[test]
fn values_at_every_depth_are_not_covered_by_their_place() {
    let leaves = over_fields("json", |fields| {
        fields.depth = Some("leaves".to_owned());
        fields.order = Some("pair".to_owned());
        fields.leave_out = texts(&["sign"]);
    });
    for path in ["x", "/a/x", "/a/x/0", "sign"] {
        assert!(!covers(&leaves, path), "{path}");
        let part = IdentityPart::Field(FieldPath::parse(path).unwrap());
        assert!(!coverage(&leaves).covers(&part), "{path}");
    }
    assert_eq!(words(&leaves), ["fields"]);
    let words = coverage(&leaves).not_covered();
    assert!(words.contains(&"which object fields are in".to_owned()));
    assert_eq!(partly_signed(&leaves), [("{fields}".to_owned(), "depth")]);
    let whole = with("{fields}\n{body}", |scheme| {
        scheme.selections = over_fields("json", |fields| {
            fields.depth = Some("leaves".to_owned());
        })
        .selections;
    });
    assert!(covers(&whole, "/a/x") && partly_signed(&whole).is_empty());
}

/// A backend takes the text `null` for true, and null for false.
#[test]
fn null_that_is_signed_as_text_is_named() {
    let null = |pair: &str| {
        partly_signed(&over_fields("json", |fields| {
            fields.null = Some("null".to_owned());
            fields.pair = pair.to_owned();
        }))
    };
    for pair in ["{name}={value}", "{name}={value|java}"] {
        assert_eq!(null(pair), [("{fields}".to_owned(), "null")], "{pair}");
    }
    assert!(null("{name|json:js}:{value|json:js}").is_empty());
}
