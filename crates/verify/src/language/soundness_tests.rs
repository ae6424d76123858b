//! What an attacker tries on a scheme that is sound, and schemes that are not.

mod cut_secrets;
mod form_attacks;

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::scheme_definition::{
    Choice, LetDefinition, MustCoverDefinition, SchemeDefinition, SelectionDefinition,
    TimestampDefinition,
};
use super::scheme_rules::SchemeRules;
use super::{RouteValues, verify};
use crate::callback::Callback;
use crate::keys::{Key, Secret};
use crate::memory::Plenty;
use crate::reason::Reason;

/// A scheme over a digest, with a selection that adds the secret.
fn digest(content: &str, change: impl FnOnce(&mut SchemeDefinition)) -> SchemeDefinition {
    let mut definition = SchemeDefinition {
        algorithm: Choice::Fixed("md5".to_owned()),
        signature: vec!["{header:X-Signature|unhex}".to_owned()],
        content: vec![content.to_owned()],
        selections: vec![(
            None,
            SelectionDefinition {
                from: Some("json".to_owned()),
                pair: "{name}={value}".to_owned(),
                add: vec![("key".to_owned(), "{secret}".to_owned())],
                ..SelectionDefinition::default()
            },
        )],
        ..SchemeDefinition::default()
    };
    change(&mut definition);
    definition
}

#[test]
fn a_digest_holds_its_secret_whatever_the_callback_lacks() {
    let is_sound = |definition: &SchemeDefinition| SchemeRules::compile(definition).is_ok();
    let plain = |_: &mut SchemeDefinition| {};
    let step = |candidates: &'static [&'static str]| {
        move |definition: &mut SchemeDefinition| {
            let candidates = candidates.iter().map(|text| (*text).to_owned()).collect();
            definition.lets = vec![("s".to_owned(), LetDefinition::Candidates(candidates))];
        }
    };
    let table = |of: &'static str, default: &'static str| {
        move |definition: &mut SchemeDefinition| {
            let table = LetDefinition::Table {
                by: "{secret}".to_owned(),
                of: vec![("a".to_owned(), of.to_owned())],
                default: Some(default.to_owned()),
            };
            definition.lets = vec![("s".to_owned(), table)];
        }
    };
    let names = |names: &'static [&'static str]| {
        move |definition: &mut SchemeDefinition| {
            definition.selections[0].1.names =
                Some(names.iter().map(|name| (*name).to_owned()).collect());
        }
    };
    let listed = |must_cover: &'static [&'static str]| {
        move |definition: &mut SchemeDefinition| {
            let selection = &mut definition.selections[0].1;
            selection.listed_by = Some("{field:list}".to_owned());
            let must_cover = must_cover.iter().map(|name| (*name).to_owned()).collect();
            selection.must_cover = Some(MustCoverDefinition::Names(must_cover));
        }
    };
    let signed = |text: &'static str| {
        move |definition: &mut SchemeDefinition| definition.signed = Some(text.to_owned())
    };
    for sound in [
        digest("{body}{secret}", plain),
        digest("{body}{s}", step(&["{secret}", "{secret|md5|hex}"])),
        digest("{body}{s}", table("{secret}", "{secret:other}")),
        digest("{fields}", plain),
        digest("{fields}", names(&["a", "key"])),
        digest("{fields}", listed(&["key"])),
        digest("{body}", signed("{content}{secret}")),
        digest("{body}{secret}", signed("{content|md5|hex}")),
    ] {
        assert!(is_sound(&sound), "{sound:?}");
    }
    for unsound in [
        digest("{body}", plain),
        digest("{body}[{secret}]", plain),
        digest("{body}{secret|default:x}", plain),
        digest("{body}{header:X|default:{secret}}", plain),
        digest("{body}{s}", step(&["{secret}", "x"])),
        digest("{body}{s}", table("x", "{secret}")),
        digest("{body}{s}", table("{secret}", "x")),
        digest("{body}", step(&["{secret}"])),
        digest("{fields}", names(&["a"])),
        digest("{fields}", listed(&["a"])),
        digest("{fields}", |definition| {
            definition.selections[0].1.leave_out = vec!["k*".to_owned()];
        }),
        digest("{fields}", |definition| {
            definition.selections[0].1.pair = "{name}".to_owned();
        }),
        digest("{fields}", |definition| {
            definition.selections[0].1.pair_of = vec![("key".to_owned(), "x".to_owned())];
        }),
        digest("{body}{secret}", signed("{header:X}")),
        digest("{body}{secret}", signed("{secret}")),
    ] {
        assert!(!is_sound(&unsound), "{unsound:?}");
    }
}

/// Verifies a callback with these headers and this body, whose digest the test makes itself.
fn refusal(
    definition: &SchemeDefinition,
    signed: &str,
    headers: &[(&'static str, &[u8])],
    body: &str,
) -> Option<Reason> {
    let rules = SchemeRules::compile(definition).unwrap();
    let secret = Secret::new(b"secret".to_vec().into()).unwrap();
    let keys = [Arc::new(Key::of_secret("", secret))];
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.append(*name, HeaderValue::from_bytes(value).unwrap());
    }
    let tag = <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(b"secret").unwrap();
    let tag = hmac::Mac::chain_update(tag, signed.as_bytes());
    let tag = hmac::Mac::finalize(tag).into_bytes();
    let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    all.append("x-signature", HeaderValue::from_str(&tag).unwrap());
    let callback = Callback::new("POST", b"/", &all, body.as_bytes());
    let route = RouteValues::default();
    let verified = verify(&rules, &route, &keys, callback, &mut Plenty, &mut ());
    verified.err().map(|error| error.of_plenty().reason)
}

/// A scheme over these contents.
fn mac(content: &str) -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec!["{header:X-Signature|unhex}".to_owned()],
        content: vec![content.to_owned()],
        ..SchemeDefinition::default()
    }
}

#[test]
fn headers_that_may_be_selected_are_there_once_in_one_spelling() {
    let mut definition = mac("{fields}");
    definition.selections = vec![(
        None,
        SelectionDefinition {
            from: Some("headers".to_owned()),
            only: vec!["x-foo-*".to_owned()],
            pair: "{name}:{value}".to_owned(),
            between: ",".to_owned(),
            ..SelectionDefinition::default()
        },
    )];
    let refused = |more: &[(&'static str, &[u8])]| {
        let mut headers = vec![("x-foo-id", &b"1"[..])];
        headers.extend(more);
        refusal(&definition, "x-foo-id:1", &headers, "")
    };
    assert_eq!(refused(&[]), None);
    assert_eq!(refused(&[("x-bar", b"1"), ("x-bar", b"2")]), None);
    let amount: &[(&str, &[u8])] = &[("x-foo-amount", b"9"), ("x-foo-amount", b"9")];
    assert!(refused(amount).is_some());
    assert!(refused(&[("x-foo-amount", b"\xff")]).is_some());
    assert!(refused(&[("x_foo_id", b"9")]).is_some());
    // Backends behind CGI read it as `X-Foo-Amount`.
    assert!(refused(&[("x_foo_amount", b"9")]).is_some());
}

#[test]
fn a_second_spelling_of_an_optional_header_is_refused() {
    let definition = mac("{body}[|{header:X-Amount}]");
    assert_eq!(refusal(&definition, "b", &[], "b"), None);
    let genuine: &[(&str, &[u8])] = &[("x-amount", b"1")];
    assert_eq!(refusal(&definition, "b|1", genuine, "b"), None);
    let spelt: &[(&str, &[u8])] = &[("x_amount", b"100")];
    let refused = refusal(&definition, "b", spelt, "b");
    assert_eq!(refused, Some(Reason::HeaderRepeated));
}

#[test]
fn items_that_are_signed_each_have_one_time_and_are_distinct() {
    let mut definition = mac("{field:id}");
    definition.each = Some("/items/*".to_owned());
    definition.timestamp = Some(TimestampDefinition {
        value: "{field:t}".to_owned(),
        unit: "s".to_owned(),
    });
    let refused = |body: &str| refusal(&definition, "a", &[], body);
    assert_eq!(refused(r#"{"items":[{"id":"a","t":1}]}"#), None);
    let again = r#"{"items":[{"id":"a","t":1},{"id":"a","t":1}]}"#;
    assert_eq!(refused(again), Some(Reason::ValueUnexpected));
    let stale = r#"{"items":[{"id":"a","t":1},{"id":"a","t":2}]}"#;
    assert_eq!(refused(stale), Some(Reason::ValueUnexpected));
}

#[test]
fn values_at_every_depth_are_those_of_a_json_object() {
    let leaves = |change: &dyn Fn(&mut SelectionDefinition)| {
        let mut selection = SelectionDefinition {
            from: Some("json".to_owned()),
            depth: Some("leaves".to_owned()),
            numbers: Some(2),
            pair: "{name}={value}".to_owned(),
            between: "/".to_owned(),
            leave_out: vec!["out".to_owned()],
            ..SelectionDefinition::default()
        };
        change(&mut selection);
        SchemeDefinition {
            algorithm: Choice::Fixed("hmac-sha256".to_owned()),
            signature: vec!["{header:X-Signature|unhex}".to_owned()],
            content: vec!["{fields}".to_owned()],
            selections: vec![(None, selection)],
            ..SchemeDefinition::default()
        }
    };
    type Change = fn(&mut SelectionDefinition);
    let unsound: [Change; 4] = [
        |selection| selection.from = Some("form".to_owned()),
        |selection| selection.names = Some(vec!["a".to_owned()]),
        |selection| selection.until = Some("a".to_owned()),
        |selection| selection.repeated = Some("distinct".to_owned()),
    ];
    for change in unsound {
        assert!(SchemeRules::compile(&leaves(&change)).is_err());
    }

    let rules = SchemeRules::compile(&leaves(&|_| {})).unwrap();
    let body = br#"{"a":{"b":1,"out":{"c":2}},"d":[true,{"e":"x"},[3.5]],"f":{},"out":4}"#;
    let secret = Secret::new(b"k".to_vec().into()).unwrap();
    let keys = [Arc::new(Key::of_secret("", secret))];
    let verdict = |body: &[u8]| {
        // Of `b=1.00/d=true/e=x/d=3.50`, under `k`.
        let mut headers = HeaderMap::new();
        let hex = "6a6ccf9d47f61294dedd8e1130f7b5ad1128be3d92fab96e96e87d6a73f732dc";
        headers.insert("x-signature", HeaderValue::from_static(hex));
        let callback = Callback::new("POST", b"/", &headers, body);
        verify(
            &rules,
            &RouteValues::default(),
            &keys,
            callback,
            &mut Plenty,
            &mut (),
        )
        .is_ok()
    };
    assert!(verdict(body));
    assert!(!verdict(br#"{"b":1,"d":[true,{"e":"x"}]}"#));
    // More decimals than there are.
    assert!(!verdict(br#"{"b":1.001,"d":[true,{"e":"x"},[3.5]]}"#));
}

#[test]
fn an_empty_list_is_not_left_out_where_lists_are_refused() {
    // An HMAC of `a=1`, under `k`.
    let signature = "310f57de49873563b85599a4aaa688883c5c6ebc7d3925020d99379d1a4d0af8";
    let scheme = SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec!["{header:X-Signature|unhex}".to_owned()],
        content: vec!["{fields}".to_owned()],
        selections: vec![(
            None,
            SelectionDefinition {
                from: Some("json".to_owned()),
                pair: "{name}={value}".to_owned(),
                empty: Some("leave-out".to_owned()),
                ..SelectionDefinition::default()
            },
        )],
        ..SchemeDefinition::default()
    };
    let rules = SchemeRules::compile(&scheme).unwrap();
    let secret = Secret::new(b"k".to_vec().into()).unwrap();
    let keys = [Arc::new(Key::of_secret("", secret))];
    let mut headers = HeaderMap::new();
    headers.insert("x-signature", HeaderValue::from_static(signature));
    let verdict = |body: &str| {
        let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
        let route = RouteValues::default();
        verify(&rules, &route, &keys, callback, &mut Plenty, &mut ()).is_ok()
    };
    assert!(verdict(r#"{"a":1}"#));
    assert!(verdict(r#"{"a":1,"b":""}"#));
    assert!(!verdict(r#"{"a":1,"b":[]}"#));
    assert!(!verdict(r#"{"a":1,"b":{}}"#));
}

/// `{a=1, b=2}` is one object, or another, or text.
#[test]
fn what_java_prints_outside_of_a_pair_has_open_ends() {
    let borders = |content: &str| {
        let rules = SchemeRules::compile(&mac(content)).unwrap();
        rules.coverage().open_borders().len()
    };
    assert_eq!(borders("{document|java}"), 1);
    assert_eq!(borders("{field:a|java:double}"), 1);
    assert_eq!(borders("{field:a|json:js}"), 0);
}

/// Whoever knows a digest can continue it, with bytes that no text has, unless a secret ends what it is over.
#[test]
fn no_digest_is_continued_by_what_follows_the_content() {
    let secret = || Secret::new(b"0123456789abcdef".to_vec().into()).unwrap();
    let keys = [Arc::new(Key::of_secret("k", secret()))];
    let verdict = |content: &str, signed: &str, more: &str, applied: &[u8]| {
        let scheme = digest(content, |definition| {
            definition.algorithm = Choice::Fixed("sha256".to_owned());
            definition.signed = Some(signed.to_owned());
        });
        let rules = SchemeRules::compile(&scheme).unwrap();
        let made = Sha256::digest(applied);
        let made: String = made.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut headers = HeaderMap::new();
        headers.insert("x-signature", HeaderValue::from_str(&made).unwrap());
        let body = format!(r#"{{"a":"1","b":"{more}"}}"#);
        let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
        let route = RouteValues::default();
        let verdict = verify(&rules, &route, &keys, callback, &mut Plenty, &mut ());
        verdict.err().map(|error| error.of_plenty().reason)
    };
    let malformed = Some(Reason::ValueMalformed);
    let at_end = ("{field:a}{secret}", "{content}{field:b}");
    let text = b"10123456789abcdef2";
    let padded = b"10123456789abcdef2\x01";
    assert_eq!(verdict(at_end.0, at_end.1, "2", text), None);
    assert_eq!(verdict(at_end.0, at_end.1, r"2\u0001", padded), malformed);
    let at_start = "{secret}{field:a}";
    let padded = b"0123456789abcdef12\x01";
    assert_eq!(
        verdict(at_start, "{content}{field:b}", r"2\u0001", padded),
        malformed
    );
    // Nothing can follow this secret.
    let ended = b"12\x010123456789abcdef";
    let ending = "{content}{secret}";
    assert_eq!(
        verdict("{field:a}{field:b}", ending, r"2\u0001", ended),
        None
    );
}
