//! Requests that an attacker makes of a genuine one: each passes, and had been announced.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use super::*;
use crate::callback::Callback;
use crate::keys::{Key, Secret};
use crate::language::{RouteValues, verify};
use crate::memory::Plenty;

/// What a scheme signs of a body, under any signature of the same text.
fn signed(definition: &SchemeDefinition, headers: &[(&'static str, &str)], body: &str) -> Vec<u8> {
    signed_by(&compiled(definition), headers, body)
}

/// The same for a scheme that is compiled.
pub(super) fn signed_by(
    rules: &SchemeRules,
    headers: &[(&'static str, &str)],
    body: &str,
) -> Vec<u8> {
    let secret = Secret::new(b"secret".to_vec().into()).unwrap();
    let keys = [Arc::new(Key::of_secret("", secret))];
    let mut contents = SignedTexts::default();
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.append(*name, HeaderValue::from_str(value).unwrap());
    }
    let label = match body.starts_with('{') {
        true => "application/json",
        false => "application/x-www-form-urlencoded",
    };
    all.append("content-type", HeaderValue::from_static(label));
    all.append(
        "x-signature",
        HeaderValue::from_str(&"00".repeat(32)).unwrap(),
    );
    let callback = Callback::new("POST", b"/", &all, body.as_bytes());
    let route = RouteValues::default();
    let _ = verify(rules, &route, &keys, callback, &mut Plenty, &mut contents);
    contents.0.pop().unwrap()
}

#[derive(Default)]
struct SignedTexts(Vec<Vec<u8>>);

impl crate::verify_steps::VerifySteps for SignedTexts {
    fn content(&mut self, _: usize, content: &[u8]) {
        self.0.push(content.to_vec());
    }
}

#[test]
fn two_requests_with_one_signature_are_announced() {
    let fields = |change: &dyn Fn(&mut SelectionDefinition)| over_fields("json", change);
    let values = |names: &[&str]| {
        let names = texts(names);
        fields(&move |fields| {
            fields.pair = "{value}".to_owned();
            fields.names = Some(names.clone());
            fields.between = String::new();
        })
    };
    let optional = mac(&["{field:a}[;{field:b}]"]);
    let leave_out = fields(&|fields| {
        fields.pair = "{value}".to_owned();
        fields.names = Some(texts(&["a", "b"]));
        fields.missing = Some("leave-out".to_owned());
    });
    let listed = fields(&|fields| {
        fields.pair = "{value}".to_owned();
        fields.between = String::new();
        fields.order = None;
        fields.listed_by = Some("{field:list}".to_owned());
        fields.must_cover = Some(crate::language::MustCoverDefinition::Names(texts(&["id"])));
    });
    for (scheme, one, other) in [
        // Neighbours merged.
        (
            mac(&["{field:a}{field:b}"]),
            r#"{"a":"x","b":"y"}"#,
            r#"{"a":"xy","b":""}"#,
        ),
        // Digits moved over a border.
        (
            values(&["amount", "id"]),
            r#"{"amount":10,"id":99}"#,
            r#"{"amount":109,"id":9}"#,
        ),
        // A list shortened.
        (
            listed,
            r#"{"list":["id","amount"],"id":"7","amount":"00"}"#,
            r#"{"list":["id"],"id":"700","amount":"1"}"#,
        ),
        // An optional part dropped.
        (optional, r#"{"a":"x","b":"y"}"#, r#"{"a":"x;y"}"#),
        // A field renamed.
        (leave_out, r#"{"a":"x"}"#, r#"{"b":"x"}"#),
        (
            fields(&|fields| fields.pair = "{name}{value}".to_owned()),
            r#"{"amount":"1"}"#,
            r#"{"amount1":""}"#,
        ),
        (
            mac(&["{body}", "{field:p|json:js}"]),
            r#"{"p":{"a":1}}"#,
            r#"{"p":{"p":{"a":1}}}"#,
        ),
    ] {
        let of = |body| signed(&scheme, &[], body);
        if scheme.content.len() == 1 {
            assert_eq!(of(one), of(other), "{scheme:?}");
        }
        assert!(is_open(&scheme), "{scheme:?}");
    }
    let scheme = with("{header:X-N}.{body}", |_| {});
    let of = |nonce: &str, body: &str| signed(&scheme, &[("x-n", nonce)], body);
    assert_eq!(of("1", "2.3"), of("1.2", "3"));
    assert!(is_open(&scheme));
}

#[test]
fn nothing_may_follow_the_last_signed_field() {
    let until = over_fields("form", |fields| {
        fields.until = Some("sign".to_owned());
        fields.order = None;
    });
    assert_eq!(signed(&until, &[], "a=1&b=2&sign=x"), b"a=1&b=2");
    let rules = compiled(&until);
    let secret = Secret::new(b"secret".to_vec().into()).unwrap();
    let keys = [Arc::new(Key::of_secret("", secret))];
    let mut headers = HeaderMap::new();
    headers.insert(
        "x-signature",
        HeaderValue::from_str(&"00".repeat(32)).unwrap(),
    );
    let label = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert("content-type", label);
    let callback = Callback::new("POST", b"/", &headers, b"a=1&b=2&sign=x&c=3");
    let route = RouteValues::default();
    let mut contents = SignedTexts::default();
    let refused = verify(&rules, &route, &keys, callback, &mut Plenty, &mut contents);
    assert!(refused.is_err() && contents.0.is_empty());
}

#[test]
fn what_is_compared_with_signed_values_is_looked_at_like_them() {
    let compared = |value: &str| {
        with("{header:X-Digest}", |scheme| {
            scheme.check = vec![(value.to_owned(), vec!["{header:X-Digest}".to_owned()])];
            scheme.selections = vec![(None, selection("form", |_| {}))];
        })
    };
    let touching = compared("{form:amount}{form:order}");
    assert_eq!(
        borders(&touching),
        ["`{form:amount}` and `{form:order}` touch: nothing separates them"]
    );
    let digest = compared("{fields|sha256|hex}");
    assert!(!is_open(&digest));
    assert!(coverage(&digest).shape_of(0).is_some());
    // Nothing is covered by this one.
    let mut apart = touching;
    apart.content = texts(&["{header:X-Other}"]);
    assert!(!is_open(&apart));
}

#[test]
fn values_that_touch_in_an_added_field_are_told() {
    for pair in [
        "{name|json:js}:{value|json:js}",
        "{name}={value}",
        "{value|hex}",
    ] {
        for names in [None, Some(texts(&["a", "k"]))] {
            let added = with("{fields}", |scheme| {
                scheme.nonce = Some("{header:X-N}".to_owned());
                let fields = selection("form", |fields| {
                    fields.add = vec![("k".to_owned(), "{nonce}{header:X-B}".to_owned())];
                    fields.names = names.clone();
                    fields.pair = pair.to_owned();
                });
                scheme.selections = vec![(None, fields)];
            });
            let told = "`{nonce}` and `{header:X-B}` touch: nothing separates them";
            assert!(
                borders(&added).iter().any(|border| border == told),
                "{pair} {names:?}"
            );
        }
    }
}

/// `["a","b"]` and `"[a, b]"` are printed alike.
#[test]
fn lists_that_java_prints_in_pairs_that_end_themselves_are_told() {
    let printed = |value: &str, nested: &str| {
        over_fields("json", |fields| {
            fields.nested = Some(nested.to_owned());
            fields.pair = format!("{{name|json:js}}={{value|{value}}}");
        })
    };
    assert!(is_open(&printed("java|sha256|hex", "pair")));
    assert!(is_open(&printed("java|json:js", "pair")));
    assert!(!is_open(&printed("java|sha256|hex", "refuse")));
    assert!(!is_open(&printed("json:js", "pair")));
}
