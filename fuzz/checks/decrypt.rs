//! Decryption in a body that is not known: what comes out is JSON, and outside of the values that
//! were decrypted it is the body that came in, byte for byte.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use countersign::config::FieldPath;
use countersign::decrypt::{Cipher, DecryptPolicy, DecryptionKey, Iv, Output, Path, Rule, Task};
use countersign::verify::json::{JsonValue, parse};
use countersign::verify::language::{Choice, SchemeDefinition};
use countersign::verify::{self, Callback, KeySet, Scheme, verify};
use http::{HeaderMap, HeaderValue};

/// The signature of the text `constant`, by a key that is gone.
const SIGNATURE: &str = "QN3RTn11e1G+e+qZG6hsi1Z9O1sF44kxumECOBG6ZgWcOOQnZ8CGTOCw1Bu8FCpkwMLxEnms5CF/2W4cHtBfv3or3rM8lInr2ex0jGpaqPyexzoC84ViohrA4BDYY1keF9YWX6a6PCb5R104/pGQWZAljXhDv+8TIokbipv06/cpsfHu0ixSE+ihP8015Oesu2hCfQg/d+sPHbQOAfgkUP9CYtTWqscn5iU2UtBLS9cnoJ72w7aWp5qd5ZKPaVy8r84rH8jGOWb/ZpiXMlPSD3sY8h3NZnvlViu7k8fHxAap1/3MMc1Fgbhki25Tb8E+Keh1zT0q1/v3GlysVseTpw==";

/// A scheme that signs nothing of the callback: every body is genuine.
static VERIFICATION: LazyLock<countersign::verify::VerifyPolicy> = LazyLock::new(|| {
    let key = verify::Key::decode("k", include_bytes!("constant.pub")).unwrap();
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("rsa-sha256".to_owned()),
        signature: vec!["{header:Signature|unbase64}".to_owned()],
        content: vec!["constant".to_owned()],
        ..SchemeDefinition::default()
    };
    let scheme = Scheme::compile("constant", definition).unwrap();
    countersign::verify::VerifyPolicy::new(scheme, KeySet::Any(vec![Arc::new(key)]))
});

/// `s` at any depth, with AES-128 in CBC under a key and an IV of zeros.
static POLICIES: LazyLock<[DecryptPolicy; 2]> = LazyLock::new(|| {
    [Output::InPlace, Output::Beside("_clear".into())].map(|output| {
        let path = Path::parse("$..s").unwrap();
        let mut rule = Rule::new("test", Cipher::AesCbc { bits: 128 }, vec![path]);
        rule.output = output;
        rule.iv = Some(Iv::Fixed(vec![0; 16]));
        let key = DecryptionKey::aes("k", vec![0; 16].into()).unwrap();
        DecryptPolicy::new(rule, KeySet::Any(vec![Arc::new(key)]))
    })
});

/// Decrypts in a body, in place and beside.
pub fn check(body: &[u8]) {
    let headers = HeaderMap::from_iter([(
        "signature".parse().unwrap(),
        HeaderValue::from_static(SIGNATURE),
    )]);
    let callback = Callback::new("POST", b"/", &headers, body);
    let verified = verify(&VERIFICATION, callback, 0).unwrap();
    let body = Bytes::copy_from_slice(body);
    for policy in POLICIES.iter() {
        let mut task = Task::new(&verified, &headers, &body, policy);
        while !task.is_done() {
            task.step();
        }
        let clear = task.finish().unwrap();
        let places = clear.decrypted();
        assert_eq!(clear.body().is_some(), places.count() > 0);
        let Some(edited) = clear.body() else {
            continue;
        };
        parse(edited).unwrap();
        if let Err(error) = serde_json::from_slice::<serde_json::Value>(edited) {
            // It has no place for some numbers; a body keeps them as they are written.
            assert!(error.to_string().starts_with("number out of range"));
        }
        // A deep value's place may be too long to be told.
        if places.known().len() == places.count() {
            check_rest(&body, edited, places.known(), &policy.rule.output);
        }
    }
}

/// Cuts the decrypted values out of the edited body, and puts the encrypted ones back.
fn check_rest(body: &[u8], edited: &[u8], places: &[String], output: &Output) {
    let (before, after) = (parse(body).unwrap(), parse(edited).unwrap());
    let mut restored = Vec::new();
    let mut copied = 0;
    for pointer in places {
        let encrypted = find(before.root(), pointer);
        let kept = find(after.root(), pointer);
        let clear = match output {
            Output::InPlace => kept,
            Output::Beside(end) => {
                assert_eq!(kept.source(), encrypted.source());
                find(after.root(), &format!("{pointer}{end}"))
            }
            other => unimplemented!("{other:?}"),
        };
        assert!(clear.as_str().is_some());
        restored.extend_from_slice(&edited[copied..kept.range().start]);
        restored.extend_from_slice(encrypted.source().as_bytes());
        copied = clear.range().end;
    }
    restored.extend_from_slice(&edited[copied..]);
    assert_eq!(restored, body);
}

fn find<'d, 'a>(root: JsonValue<'d, 'a>, pointer: &str) -> JsonValue<'d, 'a> {
    FieldPath::parse(pointer).unwrap().find(root).unwrap()
}
