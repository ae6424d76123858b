//! Any scheme and any callback: compiling and evaluating end, and a signature that its own scheme made
//! fits no other content.
//!
//! The first line of an input is the content's expression, the second the signature's, the third the
//! target; the rest is the body.

use std::sync::Arc;

use countersign::verify::http::{HeaderMap, HeaderValue};
use countersign::verify::keys::Secret;
use countersign::verify::language::{
    Choice, Genuine, RouteValues, SchemeDefinition, SchemeRules, SelectionDefinition, verify,
};
use countersign::verify::{Callback, Key, Plenty};

/// Compiles the scheme, and verifies the callback by it.
pub fn check(input: &[u8]) {
    let mut lines = input.splitn(4, |byte| *byte == b'\n');
    let mut line = || std::str::from_utf8(lines.next().unwrap_or_default()).ok();
    let (Some(content), Some(signature), Some(target)) = (line(), line(), line()) else {
        return;
    };
    let body = lines.next().unwrap_or_default();
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec![signature.to_owned()],
        content: vec![content.to_owned()],
        selections: vec![(
            None,
            SelectionDefinition {
                from: Some("json".to_owned()),
                order: Some("bytes".to_owned()),
                pair: "{name}={value|java}".to_owned(),
                between: "&".to_owned(),
                ..SelectionDefinition::default()
            },
        )],
        ..SchemeDefinition::default()
    };
    let rules = match SchemeRules::compile(&definition) {
        Ok(rules) => rules,
        Err(errors) => {
            for error in errors {
                let text = match error.key.as_str() {
                    "content" => content,
                    "signature" => signature,
                    _ => continue,
                };
                // Every place is one in the expression.
                assert!(text.get(error.error.at.clone()).is_some(), "{error:?}");
                let _ = error.error.with_excerpt(text);
            }
            return;
        }
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-signature", HeaderValue::from_static("sha256=00"));
    headers.insert("x-list", HeaderValue::from_static("t=1,v1=ab,v1=cd"));
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let secret = Secret::new(b"secret".to_vec().into()).unwrap();
    let keys = [Arc::new(Key::of_secret("", secret))];
    let callback = Callback::new("POST", target.as_bytes(), &headers, body);
    let route = RouteValues {
        public_url: Some("https://shop.example/callback".to_owned()),
        ..RouteValues::default()
    };
    let verified = verify(&rules, &route, &keys, callback, &mut Plenty, &mut ());
    if let Ok(Genuine { content, .. }) = verified {
        panic!("nobody signed {}", content.escape_ascii());
    }
}
