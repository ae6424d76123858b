//! Fields that are selected.

use super::super::{JoinedShape, NamedPairs, SeparatorIn, ValueForm, WrittenValue};
use super::*;
use crate::body::{Body, BodyFormat, Charset};
use crate::language::scheme_definition::MustCoverDefinition;
use crate::language::selection::FieldOrder;
use crate::memory::Plenty;

fn shape(definition: &SchemeDefinition) -> JoinedShape {
    let coverage = coverage(definition);
    let (_, shape) = coverage.joined().first().unwrap();
    assert_eq!(
        *shape == JoinedShape::Open,
        is_open(definition),
        "{definition:?}"
    );
    shape.clone()
}

#[test]
fn selected_fields_are_covered_unless_they_are_left_out() {
    let all = over_fields("json", |fields| fields.leave_out = texts(&["sign", "x_*"]));
    assert!(covers(&all, "a") && covers(&all, "/a/b/0"));
    assert!(!covers(&all, "sign") && !covers(&all, "/sign/a") && !covers(&all, "x_1"));
    let only = over_fields("form", |fields| fields.only = texts(&["v_*"]));
    assert!(covers(&only, "v_a") && !covers(&only, "a"));
    let names = over_fields("json:/data", |fields| {
        fields.names = Some(texts(&["a", "/b/c", "d"]));
        fields.leave_out = texts(&["d"]);
    });
    assert!(covers(&names, "/data/a") && covers(&names, "/data/b/c"));
    assert!(!covers(&names, "a") && !covers(&names, "/data/b") && !covers(&names, "/data/d"));
    let dotted = over_fields("json", |fields| {
        fields.names = Some(texts(&["a.b"]));
        fields.paths = Some("dotted".to_owned());
    });
    assert!(covers(&dotted, "/a/b") && !covers(&dotted, "a.b") && !covers(&dotted, "/a/c"));
    let nested = over_fields("json", |fields| {
        fields.nested = Some("leave-out".to_owned())
    });
    assert!(covers(&nested, "a") && !covers(&nested, "/a/b"));
    let until = over_fields("form", |fields| fields.until = Some("sign".to_owned()));
    assert!(covers(&until, "a") && !covers(&until, "sign"));
    let lossy = over_fields("form", |fields| {
        fields.pair_of = vec![("a".to_owned(), "{name}={value|lower}".to_owned())];
    });
    assert!(covers(&lossy, "b") && !covers(&lossy, "a"));
    let by_path = over_fields("json", |fields| {
        fields.names = Some(texts(&["/a/b", "/a/c"]));
        fields.pair_of = vec![("/a/b".to_owned(), "{value|number:2}".to_owned())];
    });
    assert!(covers(&by_path, "/a/c") && !covers(&by_path, "/a/b"));
    let optional = over_fields("form", |fields| fields.pair = "{name}[={value}]".to_owned());
    assert!(!covers(&optional, "a"));
    let no_case = over_fields("form", |fields| {
        fields.nocase = true;
        fields.leave_out = texts(&["hash"]);
    });
    assert!(!covers(&no_case, "HASH") && covers(&no_case, "a"));
}

#[test]
fn parameters_and_headers_of_a_selection_are_no_fields() {
    let query = over_fields("query", |_| {});
    assert_eq!(words(&query), ["parameters"]);
    assert!(!covers(&query, "a") && coverage(&query).covers_parameter("a"));
    let headers = over_fields("headers", |fields| {
        fields.only = texts(&["x-*"]);
        fields.pair = "{name}:{value}\n".to_owned();
    });
    assert_eq!(words(&headers), ["headers"]);
    let x = http::HeaderName::from_static("x-a");
    assert!(coverage(&headers).covers_header(&x));
    assert!(!coverage(&headers).covers_header(&http::header::DATE));
}

#[test]
fn fields_can_be_left_out_for_their_value() {
    let omits = |scheme: &SchemeDefinition, json: &str| {
        let body = Body::read(
            BodyFormat::Json,
            Charset::Utf8,
            json.as_bytes(),
            &mut Plenty,
        );
        let body = body.unwrap();
        let (name, field) = body.fields().next().unwrap();
        let coverage = coverage(scheme);
        coverage.leaves_out_field(&name, field)
    };
    let plain = over_fields("json", |fields| fields.leave_out = texts(&["sign"]));
    let lenient = over_fields("json", |fields| {
        fields.leave_out = texts(&["sign"]);
        fields.empty = Some("leave-out".to_owned());
        fields.null = Some("leave-out".to_owned());
        fields.nested = Some("leave-out".to_owned());
    });
    assert!(!coverage(&plain).may_omit());
    for json in [
        r#"{"a":""}"#,
        r#"{"a":null}"#,
        r#"{"a":[]}"#,
        r#"{"a":{"b":1}}"#,
    ] {
        assert!(omits(&lenient, json) && !omits(&plain, json), "{json}");
    }
    for json in [r#"{"a":0}"#, r#"{"a":false}"#, r#"{"a":"x"}"#] {
        assert!(!omits(&lenient, json), "{json}");
    }
    assert!(omits(&lenient, r#"{"sign":"x"}"#) && omits(&plain, r#"{"sign":"x"}"#));
    assert!(!omits(&mac(&["{body}"]), r#"{"a":""}"#));
    assert!(omits(&mac(&["{field:b}"]), r#"{"a":"x"}"#));
    assert!(!coverage(&mac(&["{body}"])).may_omit());
}

#[test]
fn neither_order_nor_number_of_equal_names_is_covered() {
    let distinct = over_fields("form", |fields| {
        fields.repeated = Some("distinct".to_owned())
    });
    assert!(coverage(&distinct).may_repeat());
    let words = coverage(&distinct).not_covered();
    assert!(words.contains(&"order and number of fields with equal names".to_owned()));
}

#[test]
fn names_and_values_with_separators_are_checked_in_each_callback() {
    let java = over_fields("json", |fields| {
        fields.order = Some("utf16".to_owned());
        fields.nested = Some("pair".to_owned());
        fields.pair = "{name}={value|java}".to_owned();
        fields.pair_of = vec![("data".to_owned(), "{name}={value|json:js}".to_owned())];
    });
    let of = |form| WrittenValue {
        form,
        separator: SeparatorIn::Value,
    };
    let named = NamedPairs {
        assign: "=".into(),
        separator: "&".into(),
        order: FieldOrder::Utf16,
        value: of(ValueForm::Java),
        value_of: vec![("data".to_owned(), of(ValueForm::Json))],
    };
    assert_eq!(shape(&java), JoinedShape::Named(named));
    for (from, order, expected) in [
        ("form", "bytes", FieldOrder::Bytes),
        ("xml", "nocase", FieldOrder::IgnoreCase),
        ("query", "as-received", FieldOrder::AsReceived),
        ("json:/a", "pair", FieldOrder::AsReceived),
        ("form", "value", FieldOrder::AsReceived),
    ] {
        let scheme = over_fields(from, |fields| fields.order = Some(order.to_owned()));
        let JoinedShape::Named(named) = shape(&scheme) else {
            panic!("{from} {order}");
        };
        assert_eq!(named.order, expected);
    }
}

#[test]
fn where_a_separator_can_be_is_known_of_what_filters_write() {
    let found = |value: &str, between: &str| {
        let scheme = over_fields("form", |fields| {
            fields.pair = format!("{{name}}={value}");
            fields.between = between.to_owned();
        });
        match shape(&scheme) {
            JoinedShape::Named(named) => named.value.separator,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(found("{value}", "&"), SeparatorIn::Value);
    assert_eq!(found("{value|max:20}", "&"), SeparatorIn::Value);
    assert_eq!(found("{value|urlencode:form}", "&"), SeparatorIn::Nothing);
    assert_eq!(found("{value|urlencode:form}", "+"), SeparatorIn::Written);
    assert_eq!(found("{value|trim}", "&"), SeparatorIn::Written);
    assert_eq!(found("{value|unbase64}", "&"), SeparatorIn::Written);
}

#[test]
fn fields_without_names_or_separators_are_open() {
    let open = |change: &dyn Fn(&mut SelectionDefinition)| {
        let scheme = over_fields("form", change);
        assert_eq!(shape(&scheme), JoinedShape::Open, "{scheme:?}");
        borders(&scheme)
    };
    assert_eq!(
        open(&|fields| fields.pair = "{name}{value}".to_owned()),
        ["nothing separates a field's name from its value in `{fields}`"]
    );
    assert_eq!(
        open(&|fields| fields.between = String::new()),
        ["nothing separates the fields of `{fields}`"]
    );
    assert_eq!(
        open(&|fields| fields.pair = "{value}".to_owned()),
        ["`{fields}` does not contain the names of its fields: they can have others"]
    );
    // The cause is named where names and values are separated.
    let cause = |change: &dyn Fn(&mut SelectionDefinition), cause: &str| {
        let found = open(change);
        let [only] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert!(
            only.starts_with("fields of `{fields}` could be read as others: ")
                && only.contains(cause),
            "{only}"
        );
    };
    cause(
        &|fields| fields.pair = "{name}={value}{value}".to_owned(),
        "`pair` is not simply",
    );
    cause(
        &|fields| fields.repeated = Some("distinct".to_owned()),
        "`repeated`",
    );
    cause(
        &|fields| {
            fields.pair_of = vec![("a".to_owned(), "{name}:{value}".to_owned())];
        },
        "`pair_of`",
    );
    cause(
        &|fields| {
            fields.names = Some(texts(&["a", "b"]));
            fields.missing = Some("leave-out".to_owned());
        },
        "which of `names` it has",
    );
    cause(
        &|fields| {
            fields.listed_by = Some("{form:list|split:,}".to_owned());
            fields.must_cover = Some(MustCoverDefinition::Names(texts(&["a"])));
        },
        "the callback says so",
    );
    let headers = over_fields("headers", |fields| fields.only = texts(&["x-*"]));
    assert!(
        borders(&headers)
            .iter()
            .all(|border| border.contains("header's value")),
        "{:?}",
        borders(&headers)
    );
    // A shorter list, or another, has the same text.
    let unlisted = open(&|fields| {
        fields.pair = "{value}".to_owned();
        fields.listed_by = Some("{form:list|split:,}".to_owned());
        fields.must_cover = Some(MustCoverDefinition::Names(texts(&["a"])));
    });
    assert!(
        unlisted[0].contains("the list of them is not signed"),
        "{unlisted:?}"
    );
    // One field less has the same text as another one that is empty.
    let left_out = open(&|fields| {
        fields.pair = "{value}".to_owned();
        fields.names = Some(texts(&["a", "b"]));
        fields.missing = Some("leave-out".to_owned());
    });
    assert!(
        left_out[0].contains("take the place of another"),
        "{left_out:?}"
    );
    open(&|fields| {
        fields.pair = "{value}".to_owned();
        fields.names = Some(texts(&["a", "b"]));
        fields.empty = Some("leave-out".to_owned());
    });
    open(&|fields| {
        fields.pair = "{value}".to_owned();
        fields.names = Some(texts(&["a", "b"]));
        fields.order = Some("value".to_owned());
    });
    assert_eq!(
        open(&|fields| {
            fields.pair = "{value}".to_owned();
            fields.names = Some(texts(&["a", "b"]));
            fields.between = String::new();
        }),
        ["`a` and `b` touch: nothing separates them"]
    );
}

#[test]
fn fields_in_their_places_are_separated_or_end_themselves() {
    let fixed = |change: &dyn Fn(&mut SelectionDefinition)| {
        over_fields("form", |fields| {
            fields.pair = "{value}".to_owned();
            fields.names = Some(texts(&["a", "b"]));
            change(fields);
        })
    };
    let separated = JoinedShape::Separated("&".into());
    assert_eq!(shape(&fixed(&|_| {})), separated);
    assert_eq!(
        shape(&fixed(&|fields| fields.missing = Some("empty".to_owned()))),
        separated
    );
    let encoded = fixed(&|fields| fields.pair = "{value|urlencode:form}".to_owned());
    assert_eq!(shape(&encoded), JoinedShape::SelfDelimited);
    let quoted = fixed(&|fields| {
        fields.pair = "{value|json:js}".to_owned();
        fields.between = String::new();
    });
    assert_eq!(shape(&quoted), JoinedShape::SelfDelimited);
    let mut digits = fixed(&|fields| fields.between = String::new());
    digits.require = require(&[("{form:a}", "[0-9]{4}")]);
    assert_eq!(shape(&digits), JoinedShape::SelfDelimited);
    // What is not there is empty, and so has another length.
    let mut empty = fixed(&|fields| {
        fields.between = String::new();
        fields.missing = Some("empty".to_owned());
    });
    empty.require = require(&[("{form:a|default:}", "([0-9]{4})?")]);
    assert_eq!(shape(&empty), JoinedShape::Open);
    let one = fixed(&|fields| {
        fields.between = String::new();
        fields.names = Some(texts(&["a"]));
    });
    assert_eq!(shape(&one), JoinedShape::SelfDelimited);
}

#[test]
fn all_fields_can_end_themselves() {
    let object = with("{{{fields}}}", |scheme| {
        let fields = |fields: &mut SelectionDefinition| {
            fields.pair = "{name|json:js}:{value|json:js}".to_owned();
            fields.between = ",".to_owned();
        };
        scheme.selections = vec![(None, selection("json", fields))];
    });
    assert_eq!(shape(&object), JoinedShape::SelfDelimited);
    let headers = |pair: &str| {
        over_fields("headers", |fields| {
            fields.only = texts(&["x-*"]);
            fields.pair = pair.to_owned();
            fields.between = String::new();
        })
    };
    assert_eq!(
        shape(&headers("{name}: {value}\n")),
        JoinedShape::SelfDelimited
    );
    assert_eq!(shape(&headers("{name}: {value},")), JoinedShape::Open);
    assert_eq!(shape(&headers("{value}\n")), JoinedShape::Open);
    let halves = |between: &str, names: &str, values: &str| {
        with(&format!("{{fields:n}}{between}{{fields:v}}"), |scheme| {
            let half = |name: &str, pair: &str| {
                let fields = selection("form", |fields| {
                    fields.pair = pair.to_owned();
                    fields.between = ":".to_owned();
                });
                (Some(name.to_owned()), fields)
            };
            scheme.selections = vec![half("n", names), half("v", values)];
        })
    };
    let (names, values) = ("{name|escape:':'}", "{value|escape:':'}");
    assert!(!is_open(&halves(":", names, values)));
    assert!(is_open(&halves("|", names, values)));
    assert!(is_open(&halves(":", names, "{value|lower}{name}")));
    assert!(is_open(&halves(":", "{name}", values)));
    let mut other = halves(":", names, values);
    other.selections[0].1.leave_out = texts(&["x"]);
    assert!(is_open(&other));
}

#[test]
fn a_list_that_is_signed_itself_names_the_values() {
    let listed = |content: &str, between: &str| {
        with(content, |scheme| {
            scheme.lets = vec![step("h", &["{header:X-List}"])];
            scheme.require = require(&[("{h}", "[a-z ]*")]);
            let fields = selection("headers", |fields| {
                fields.listed_by = Some("{h|words}".to_owned());
                fields.must_cover = Some(MustCoverDefinition::Names(texts(&["x-id"])));
                fields.pair = "{value}".to_owned();
                fields.between = between.to_owned();
                fields.order = None;
            });
            scheme.selections = vec![(None, fields)];
        })
    };
    assert_eq!(
        shape(&listed("{h}.{fields}.{body}", ".")),
        JoinedShape::Separated(".".into())
    );
    assert_eq!(shape(&listed("{fields}", ".")), JoinedShape::Open);
    assert_eq!(shape(&listed("{h}.{fields}", "")), JoinedShape::Open);
    assert!(is_open(&listed("{h}.{fields}|{body}", ".")));
}
