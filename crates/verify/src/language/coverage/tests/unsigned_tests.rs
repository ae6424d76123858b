//! What a body has besides what is signed.

use super::*;
use crate::body::{Body, BodyFormat, Charset};
use crate::language::scheme_definition::MustCoverDefinition;
use crate::memory::Plenty;

fn read(format: BodyFormat, body: &str) -> Body<'_> {
    Body::read(format, Charset::Utf8, body.as_bytes(), &mut Plenty).unwrap()
}

fn unsigned(definition: &SchemeDefinition, json: &str) -> Option<String> {
    coverage(definition).find_unsigned(&read(BodyFormat::Json, json))
}

#[track_caller]
fn all_signed(definition: &SchemeDefinition, json: &str) {
    assert_eq!(unsigned(definition, json), None, "{json}");
}

#[track_caller]
fn finds(definition: &SchemeDefinition, json: &str, path: &str) {
    assert_eq!(unsigned(definition, json).as_deref(), Some(path), "{json}");
}

#[test]
fn an_unsigned_member_of_a_partly_signed_object_is_found() {
    let scheme = mac(&["{field:/data/id};{field:/data/items/0/n};{field:t}"]);
    all_signed(
        &scheme,
        r#"{"t":1,"data":{"id":{"x":1},"items":[{"n":1}]}}"#,
    );
    finds(
        &scheme,
        r#"{"t":1,"data":{"id":1,"amount":9,"items":[{"n":1}]}}"#,
        "/data/amount",
    );
    finds(
        &scheme,
        r#"{"t":1,"data":{"id":1,"items":[{"n":1,"a/b":2}]}}"#,
        "/data/items/0/a~1b",
    );
    finds(
        &scheme,
        r#"{"t":1,"data":{"id":1,"items":[{"n":1},{"n":1}]}}"#,
        "/data/items/1",
    );
    finds(&scheme, r#"{"t":1,"data":{"id":1},"x":{}}"#, "x");
    // What could hold something signed, and does not.
    finds(
        &scheme,
        r#"{"t":1,"data":{"id":1,"items":[]}}"#,
        "/data/items",
    );
    finds(&scheme, r#"{"t":1,"data":"x"}"#, "data");
}

#[test]
fn an_unsigned_member_beside_selected_ones_is_found() {
    let dotted = over_fields("json:/obj", |fields| {
        fields.names = Some(texts(&["id", "order.id"]));
        fields.paths = Some("dotted".to_owned());
    });
    all_signed(&dotted, r#"{"obj":{"id":1,"order":{"id":2}}}"#);
    finds(
        &dotted,
        r#"{"obj":{"id":1,"order":{"id":2,"total":3}}}"#,
        "/obj/order/total",
    );
    finds(&dotted, r#"{"obj":{"id":1,"total":3}}"#, "/obj/total");
    finds(&dotted, r#"{"obj":{"id":1},"Obj":{}}"#, "Obj");
    let pointers = over_fields("json", |fields| {
        fields.names = Some(texts(&["/a/b", "c"]));
    });
    all_signed(&pointers, r#"{"a":{"b":{"x":1}},"c":1}"#);
    finds(&pointers, r#"{"a":{"b":1,"d":2},"c":1}"#, "/a/d");
    // All members of one object.
    let object = over_fields("json:/data", |fields| {
        fields.null = Some("leave-out".to_owned());
        fields.nested = Some("pair".to_owned());
    });
    all_signed(&object, r#"{"data":{"a":1,"b":{"c":null}}}"#);
    finds(&object, r#"{"data":{"a":1,"b":null}}"#, "/data/b");
    finds(&object, r#"{"data":{"a":1},"time":1}"#, "time");
    let listed = over_fields("json", |fields| {
        fields.listed_by = Some("{field:list}".to_owned());
        fields.must_cover = Some(MustCoverDefinition::Names(texts(&["id"])));
    });
    finds(&listed, r#"{"id":1,"amount":1}"#, "amount");
}

#[test]
fn an_unsigned_value_is_found_in_the_candidate_that_leaves_it_out() {
    let scheme = mac(&["{field:a};{field:b}", "{field:a}"]);
    finds(&scheme, r#"{"a":1,"b":2}"#, "b");
    let whole = mac(&["{body}", "{field:/a/b}"]);
    finds(&whole, r#"{"a":{"b":1,"c":2}}"#, "/a/c");
    assert!(!coverage(&mac(&["{body}"])).may_leave_out_fields());
    let without = mac(&["{document|without:sign|json:js}"]);
    all_signed(&without, r#"{"a":{"b":1}}"#);
    finds(&without, r#"{"a":1,"sign":1}"#, "sign");
}

#[test]
fn the_signature_itself_need_not_be_signed_but_what_stands_beside_it() {
    let scheme = with("{field:/signature/token};{field:data}", |scheme| {
        scheme.signature = texts(&["{s|unhex}"]);
        scheme.lets = vec![step("s", &["{field:/signature/value}"])];
        scheme.nonce = Some("{field:nonce}".to_owned());
    });
    all_signed(
        &scheme,
        r#"{"nonce":"n","signature":{"value":"00","token":"t"},"data":1}"#,
    );
    finds(
        &scheme,
        r#"{"signature":{"value":"00","token":"t","key":"k"},"data":1}"#,
        "/signature/key",
    );
}

#[test]
fn what_stands_beside_the_items_that_are_signed_each_is_found() {
    let scheme = with("{field:/amount/value};{field:id}", |scheme| {
        scheme.each = Some("/items/*/item".to_owned());
        scheme.signature = texts(&["{field:sign|unhex}"]);
    });
    all_signed(
        &scheme,
        r#"{"items":[{"item":{"id":1,"sign":"","amount":{"value":1}}}]}"#,
    );
    for (body, path) in [
        (r#"{"live":true,"items":[]}"#, "live"),
        (r#"{"items":[{"x":1,"item":{"id":1}}]}"#, "/items/0/x"),
        (
            r#"{"items":[{"item":{"id":1}},{"item":{"id":1,"reason":""}}]}"#,
            "/items/1/item/reason",
        ),
        (
            r#"{"items":[{"item":{"id":1,"amount":{"currency":"EUR"}}}]}"#,
            "/items/0/item/amount/currency",
        ),
    ] {
        finds(&scheme, body, path);
    }
}

#[test]
fn values_at_every_depth_are_signed_unless_they_are_left_out_or_empty() {
    let scheme = over_fields("json", |fields| {
        fields.depth = Some("leaves".to_owned());
        fields.leave_out = texts(&["out"]);
    });
    all_signed(&scheme, r#"{"a":{"b":1,"c":[1,{"d":true}]},"e":"x"}"#);
    for (body, path) in [
        (r#"{"a":{"b":1,"out":2}}"#, "/a/out"),
        (r#"{"a":[{"out":2}]}"#, "/a/0/out"),
        (r#"{"a":{"b":{}}}"#, "/a/b"),
        (r#"{"a":1,"b":[]}"#, "b"),
    ] {
        finds(&scheme, body, path);
    }
}

/// A reader that ignores the case of names takes `ID` for `id`.
#[test]
fn each_object_on_the_way_to_a_signed_value_is_searched_for_twins() {
    let twins = |definition: &SchemeDefinition, json: &str| -> Vec<String> {
        let coverage = coverage(definition);
        let body = read(BodyFormat::Json, json);
        let mut found = Vec::new();
        for object in coverage.signed_objects() {
            let members = object.members(&body, None).into_iter().flatten();
            let unsigned =
                members.filter(|(name, field)| coverage.leaves_out(object, name, *field));
            found.extend(unsigned.map(|(name, _)| name.into_owned()));
        }
        found
    };
    let pointer = mac(&["{field:/data/order/id}"]);
    let body = r#"{"data":{"order":{"id":1,"ID":2},"Order":{}},"Data":{}}"#;
    assert_eq!(twins(&pointer, body), ["Data", "Order", "ID"]);
    let selected = over_fields("json:/data", |_| {});
    assert_eq!(twins(&selected, r#"{"data":{"id":1},"Data":{}}"#), ["Data"]);
    let dotted = over_fields("json", |fields| {
        fields.names = Some(texts(&["data.id"]));
        fields.paths = Some("dotted".to_owned());
    });
    assert_eq!(twins(&dotted, r#"{"data":{"id":1,"Id":2}}"#), ["Id"]);
    assert!(coverage(&mac(&["{body}"])).signed_objects().is_empty());
}

/// `{"Data":{"id":2}}` where a body has no `data`: a reader that ignores case takes one for the other.
#[test]
fn a_twin_of_an_object_on_the_way_is_read_as_signed() {
    let is_read = |definition: &SchemeDefinition, name: &str| {
        let coverage = coverage(definition);
        let body = &coverage.signed_objects()[0];
        coverage.may_be_read_as_signed(body, name, false)
    };
    let optional = mac(&["{field:amount}[|{field:/data/order/id}]"]);
    let selected = over_fields("json:/data", |_| {});
    let named = over_fields("json", |fields| {
        fields.names = Some(texts(&["/data/status", "amount"]));
        fields.missing = Some("leave-out".to_owned());
    });
    for definition in [&optional, &selected, &named] {
        assert!(is_read(definition, "Data"), "{definition:?}");
        assert!(!is_read(definition, "Other"), "{definition:?}");
    }
}

#[test]
fn a_checksum_signs_nothing_and_a_part_counts() {
    let scheme = mac(&["{field:id};{field:amount|crc32};{field:name|lower}[;{field:note}]"]);
    finds(&scheme, r#"{"id":1,"name":"N","amount":1}"#, "amount");
    all_signed(&scheme, r#"{"id":1,"name":"N","note":"x"}"#);
    let document = mac(&["{body|field:id};{document|field:/a/b}"]);
    finds(&document, r#"{"id":1,"a":{"b":1,"c":2}}"#, "/a/c");
}

#[test]
fn a_form_has_unsigned_fields_at_the_top_only() {
    let scheme = coverage(&mac(&["{form:a};{form:b|trim}"]));
    let found = |body: &str| scheme.find_unsigned(&read(BodyFormat::Form, body));
    assert_eq!(found("a=1&b=2"), None);
    assert_eq!(found("a=1&b=2&c=3").as_deref(), Some("c"));
}

#[test]
fn a_value_inside_of_a_partly_signed_object_is_left_out_unless_it_is_signed() {
    let is_left_out = |definition: &SchemeDefinition, path: &str, json: &str| {
        let path = FieldPath::parse(path).unwrap();
        coverage(definition).leaves_out_value(&path, &read(BodyFormat::Json, json))
    };
    let body = r#"{"data":{"id":1,"amount":{"n":2}},"x":1}"#;
    let scheme = mac(&["{field:/data/id}"]);
    assert!(!is_left_out(&scheme, "/data/id", body));
    assert!(!is_left_out(&scheme, "data", body));
    for path in ["/data/amount", "/data/amount/n", "x", "/data/missing"] {
        assert!(is_left_out(&scheme, path, body), "{path}");
    }
    let of_items = with("{field:id}", |scheme| {
        scheme.each = Some("/items/*".to_owned())
    });
    let body = r#"{"items":[{"id":1,"x":2}],"live":true}"#;
    assert!(!is_left_out(&of_items, "/items/0/id", body));
    for path in ["/items/0/x", "live", "items"] {
        assert!(is_left_out(&of_items, path, body), "{path}");
    }
    assert!(!is_left_out(&mac(&["{header:X}"]), "x", body));
    assert!(!is_left_out(&mac(&["{body}"]), "live", body));
}
