//! Every short text, in every way in which it can be read: at most one of them is plain.

#![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

use std::slice;

use serde_json::Value as Json;

use super::test_forms::{JoinedForm, find, form, signed};
use crate::body::{Body, BodyFormat, Charset};
use crate::content::{NumberStyle, compare_utf16, write_java};
use crate::json::parse;
use crate::memory::Plenty;
use crate::scheme::Scheme;

/// A body: its fields, in the order in which they are signed, with their values as JSON.
type FieldList = Vec<(String, String)>;

/// All bodies with this signed text whose names all sort after `after`.
fn readings(form: &JoinedForm, text: &str, after: Option<&str>) -> Vec<FieldList> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices(&form.assign) {
        let name = &text[..at];
        let is_behind = after.is_none_or(|after| compare_utf16(name, after).is_gt());
        if !is_behind || name == "sign" {
            continue;
        }
        let rest = &text[at + form.assign.len()..];
        let mut ends = vec![(rest.len(), None)];
        for (end, _) in rest.char_indices() {
            if let Some(behind) = rest[end..].strip_prefix(&form.separator) {
                ends.push((end, Some(behind)));
            }
        }
        for (end, behind) in ends {
            let others = match behind {
                None => vec![Vec::new()],
                Some(behind) => readings(form, behind, Some(name)),
            };
            let values = if form.json_fields.iter().any(|field| field == name) {
                json_readings(&rest[..end])
            } else {
                java_readings(&rest[..end])
            };
            for value in values {
                let is_empty = matches!(value.as_str(), "\"\"" | "[]" | "{}" | "null");
                if form.omit_empty && is_empty {
                    continue;
                }
                for others in &others {
                    let mut fields = vec![(name.to_owned(), value.clone())];
                    fields.extend_from_slice(others);
                    all.push(fields);
                }
            }
        }
    }
    all
}

fn json_readings(text: &str) -> Vec<String> {
    let value: Option<Json> = serde_json::from_str(text).ok();
    let is_it = value.map(|value| value.to_string()).as_deref() == Some(text);
    is_it.then(|| text.to_owned()).into_iter().collect()
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// All values that Java prints so, with strings as the only scalars.
fn java_readings(text: &str) -> Vec<String> {
    let mut all = vec![quoted(text)];
    let inner = |open, close| text.strip_prefix(open)?.strip_suffix(close);
    for (inner, open, close) in [
        (inner('[', ']').map(elements), '[', ']'),
        (inner('{', '}').map(|inner| members(inner, &[])), '{', '}'),
    ] {
        let lists = inner.unwrap_or_default().into_iter();
        all.extend(lists.map(|list| format!("{open}{}{close}", list.join(","))));
        if text == format!("{open}{close}") {
            all.push(text.to_owned());
        }
    }
    all
}

/// Where the text could end as one of several: at its end, and in front of each join.
fn ends(text: &str) -> Vec<(&str, Option<&str>)> {
    let joins = text.match_indices(", ");
    let mut ends: Vec<_> = joins
        .map(|(at, join)| (&text[..at], Some(&text[at + join.len()..])))
        .collect();
    ends.push((text, None));
    ends
}

fn elements(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (first, behind) in ends(text) {
        let others = behind.map_or(vec![Vec::new()], elements);
        for first in java_readings(first) {
            all.extend(
                others
                    .iter()
                    .map(|others| [slice::from_ref(&first), others.as_slice()].concat()),
            );
        }
    }
    all
}

fn members(text: &str, seen: &[&str]) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices('=') {
        let (name, rest) = (&text[..at], &text[at + 1..]);
        if seen.contains(&name) {
            continue;
        }
        let seen = [seen, &[name]].concat();
        for (value, behind) in ends(rest) {
            let others = behind.map_or(vec![Vec::new()], |behind| members(behind, &seen));
            for value in java_readings(value) {
                let first = format!("{}:{value}", quoted(name));
                all.extend(
                    others
                        .iter()
                        .map(|others| [slice::from_ref(&first), others.as_slice()].concat()),
                );
            }
        }
    }
    all
}

/// The body as JSON.
fn body(fields: &FieldList) -> String {
    let member = |(name, value): &(String, String)| format!("{}:{value}", quoted(name));
    let members: Vec<_> = fields.iter().map(member).collect();
    format!("{{{},\"sign\":\"x\"}}", members.join(","))
}

/// Checks the promises for a text's readings. Returns how many readings there are, and how many are
/// plain.
fn check(form: &JoinedForm, text: &str) -> (usize, usize) {
    let readings = readings(form, text, None);
    let mut plain: Vec<&FieldList> = Vec::new();
    for fields in &readings {
        let body = body(fields);
        let (again, field) = signed(&form.json, &body);
        assert_eq!(again, text, "{body}");
        if field.is_none() {
            plain.push(fields);
        }
    }
    assert!(plain.len() <= 1, "{text}: {plain:#?}");
    for found in &plain {
        readings
            .iter()
            .for_each(|genuine| is_kept(form, genuine, found));
    }
    (readings.len(), plain.len())
}

/// Whichever body was signed, the unmarked one has none of its fields with another value, except
/// one that ends where the signed value contains a separator.
fn is_kept(form: &JoinedForm, genuine: &FieldList, found: &FieldList) {
    let is_plain = |name: &str| !name.contains(&form.assign) && !name.contains(&form.separator);
    if !genuine.iter().all(|(name, _)| is_plain(name)) {
        return;
    }
    let text = |json: &str| {
        let document = parse(json.as_bytes()).unwrap();
        let mut text = Vec::new();
        write_java(document.root(), NumberStyle::AsWritten, &mut text);
        String::from_utf8(text).unwrap()
    };
    for (name, value) in found.iter().filter(|_| form.json_fields.is_empty()) {
        let signed = genuine.iter().find(|(signed, _)| signed == name);
        let Some((_, signed)) = signed else { continue };
        let (signed, value) = (text(signed), text(value));
        let rest = signed.strip_prefix(&value);
        let is_kept = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(&form.separator));
        assert!(is_kept, "{genuine:?} as {found:?}");
    }
}

/// Every text of up to `length` characters of the alphabet, between the two ends.
fn check_all(form: &JoinedForm, ends: (&str, &str), alphabet: &str, length: usize) {
    let mut texts = vec![String::new()];
    let (mut ambiguous, mut plain) = (0, 0);
    for round in 0..=length {
        for text in &texts {
            let (count, plains) = check(form, &format!("{}{text}{}", ends.0, ends.1));
            ambiguous += usize::from(count > 1);
            plain += plains;
        }
        if round < length {
            let longer = |text: &String| {
                let text = text.clone();
                alphabet
                    .chars()
                    .map(move |character| format!("{text}{character}"))
            };
            texts = texts.iter().flat_map(longer).collect();
        }
    }
    assert!(ambiguous > 20 && plain > 20, "{ambiguous} {plain}");
}

#[test]
fn at_most_one_reading_of_fields_is_plain() {
    check_all(&form("&", "=", true, &[]), ("", ""), "ab=&", 7);
    check_all(&form("&", "=", false, &[]), ("a=", "=b"), "ab=&", 6);
    // Names above U+FFFF sort before those right below it.
    check_all(
        &form("&", "=", true, &[]),
        ("\u{ff5e}=", ""),
        "\u{ff5e}\u{1f600}=&",
        6,
    );
    check_all(&form("&", "=", true, &[]), ("a=", "=b"), "sign&", 6);
}

#[test]
fn at_most_one_reading_is_plain_with_marks_that_overlap() {
    for separator in ["&", "&&", "=&", "a", "a&", "aa"] {
        for assign in ["=", "==", "&=", "b", "=a"] {
            check_all(
                &form(separator, assign, true, &[]),
                (assign, assign),
                "ab=&",
                5,
            );
        }
    }
}

#[test]
fn at_most_one_reading_of_lists_and_objects_is_plain() {
    for omit_empty in [true, false] {
        let form = form("&", "=", omit_empty, &[]);
        check_all(&form, ("a=[", "]"), "[], x", 5);
        check_all(&form, ("a={", "}"), "{}, =x", 5);
        check_all(&form, ("a={", "]}"), "{[, =x", 5);
        check_all(&form, ("a={", "}&c=x"), "}, =&b", 5);
    }
}

#[test]
fn at_most_one_reading_of_json_is_plain() {
    let form = form("&", "=", true, &["b"]);
    check_all(&form, ("a=x&b=", ""), "\"[]&c=", 5);
    check_all(&form, ("b=[\"", "\"]"), "\"[],&c=", 5);
    // Numbers do not say where they end.
    let form = super::test_forms::form("1", "=", true, &["b"]);
    check_all(&form, ("b=", ""), "01c=", 6);
}

/// The body as a form, if its values are texts.
fn as_form(fields: &FieldList) -> Option<String> {
    let codes = |text: &str| -> String { text.bytes().map(|b| format!("%{b:02x}")).collect() };
    let pair = |(name, value): &(String, String)| {
        let value: Json = serde_json::from_str(value).ok()?;
        Some(format!("{}={}&", codes(name), codes(value.as_str()?)))
    };
    fields.iter().map(pair).collect()
}

/// Of the forms with one signed text, at most one is plain.
fn check_forms(form: &JoinedForm, length: usize) {
    let mut texts = vec![String::new()];
    let mut found = [0; 2];
    let is_plain = |body: &String| {
        let read = Body::read(
            BodyFormat::Form,
            Charset::Utf8,
            body.as_bytes(),
            &mut Plenty,
        );
        read.is_ok() && find(&form.form, body).is_none()
    };
    for _ in 0..length {
        let longer = |text: &String| "ab=&".chars().map(|c| format!("{text}{c}")).collect();
        texts = texts.iter().flat_map::<Vec<_>, _>(longer).collect();
        for text in &texts {
            let forms = readings(form, text, None);
            let forms = forms.iter().filter_map(as_form);
            found[forms.filter(is_plain).count()] += 1;
        }
    }
    assert!(found[0] > 20 && found[1] > 20, "{found:?}");
}

#[test]
fn at_most_one_form_is_plain() {
    check_forms(&form("&", "=", true, &[]), 6);
    check_forms(&form("&", "=", false, &[]), 6);
    check_forms(&form("a", "=", true, &[]), 5);
    check_forms(&form("&", "=", true, &["a"]), 5);
}

#[test]
fn unambiguous_bodies_are_not_reported() {
    let scheme = Scheme::find_built_in("cheezeepay").unwrap();
    let found = |body: &str| find(scheme.rules(), body);
    for body in [
        r#"{"amount":"800.00","mchOrderNo":"C1","note":"a & b = c","list":["x","y"],"sign":"x"}"#,
        r#"{"notifyUrl":"https://shop.example/cb?a=1&mch=2","remark":"[urgent] pay {now}","ok":true}"#,
        r#"{"data":"{a=1}","customer":{"name":"A, B","tags":["x y"]},"z":"&sign=1","n":null}"#,
        r#"{"data":{"a":"1&z=2","b":[""]},"e":"","formula":"x=1","json":"{\"a\":1}"}"#,
    ] {
        let name = found(body);
        let expected = body.contains("A, B").then(|| "customer".to_owned());
        assert_eq!(name, expected, "{body}");
    }
    for (body, name) in [
        (r#"{"a":"1&b=2"}"#, "a"),
        (
            r#"{"a":"1","notifyUrl":"https://shop.example/cb?a=1&order=2"}"#,
            "notifyUrl",
        ),
        (r#"{"a":"{b=1}"}"#, "a"),
        (r#"{"a":"[x]"}"#, "a"),
        (r#"{"a":["x, y"]}"#, "a"),
        (r#"{"a":{"b=c":"1"}}"#, "a"),
        (r#"{"a":{"b":"1, c=2"}}"#, "a"),
        (r#"{"a=b":"1"}"#, "a"),
        (r#"{"a":"1","b&c":"1"}"#, "b"),
        // What was signed may have had another `no`, and what begins as its own status.
        (r#"{"no":"1","z":"2&no=3"}"#, "z"),
        (r#"{"data":{"k":"2\u0026no=3"},"no":"1"}"#, "data"),
        (r#"{"no":"1&no=2"}"#, "no"),
        (r#"{"note":"x","no":"","z":"&no=1"}"#, "z"),
    ] {
        assert_eq!(found(body).as_deref(), Some(name), "{body}");
    }
}
