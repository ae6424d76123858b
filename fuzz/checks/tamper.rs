//! Whatever is made of the signed callbacks in `tests/vectors`: what is accepted has the signature
//! and the signed text of one of them, and if it is not marked as ambiguous, its fields have the values of
//! that one.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::{Key, KeySet, Scheme, VerifyPolicy, signed_text, verify};
use serde_json::Value;

use super::request::Request;
use super::reshaped;

struct Provider {
    policy: VerifyPolicy,
    /// By the signature in base64.
    genuine: HashMap<String, Genuine>,
}

struct Genuine {
    signed: Vec<u8>,
    body: Value,
}

static PROVIDERS: LazyLock<[Provider; 2]> = LazyLock::new(|| {
    [
        Provider::new(
            "cheezeepay",
            include_bytes!("../../tests/vectors/cheezee_pub.pem"),
            include_str!("../../tests/vectors/cheezeepay.jsonl"),
        ),
        Provider::new(
            "sgate",
            include_bytes!("../../tests/vectors/sgate_pub.pem"),
            include_str!("../../tests/vectors/sgate.jsonl"),
        ),
    ]
});

impl Provider {
    fn new(scheme: &str, key: &[u8], cases: &str) -> Self {
        let key = Key::decode(scheme, key).unwrap();
        let cases = cases.lines().map(|line| {
            let case: Value = serde_json::from_str(line).unwrap();
            let bytes = |name: &str| STANDARD.decode(case[name].as_str().unwrap()).unwrap();
            let signature = match case["headers"]["V-Signature"].as_str() {
                Some(signature) => signature.to_owned(),
                None => sign(&bytes("body_b64")).unwrap(),
            };
            let genuine = Genuine {
                signed: bytes("signing_b64"),
                body: serde_json::from_slice(&bytes("body_b64")).unwrap_or_default(),
            };
            (signature, genuine)
        });
        Self {
            genuine: cases.collect(),
            policy: VerifyPolicy::new(
                Scheme::find_built_in(scheme).unwrap().clone(),
                KeySet::Any(vec![Arc::new(key)]),
            )
            .with_max_age(None),
        }
    }
}

/// CheezeePay's signature.
fn sign(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body["sign"].as_str()?.to_owned())
}

/// Verifies it as a callback of either provider.
pub fn check(text: &[u8]) {
    let Some(request) = Request::parse(text) else {
        return;
    };
    let callback = request.callback();
    for provider in PROVIDERS.iter() {
        let policy = &provider.policy;
        let Ok(verified) = verify(policy, callback, 1_700_000_000) else {
            continue;
        };
        let signature = match callback.headers.get("v-signature") {
            Some(header) if policy.scheme.name == "sgate" => header.to_str().unwrap().to_owned(),
            _ => sign(callback.body).unwrap(),
        };
        let genuine = provider
            .genuine
            .get(&signature)
            .expect("a forged signature");
        let texts = signed_text(&policy.scheme, callback).unwrap();
        assert!(texts.contains(&genuine.signed));
        if verified.ambiguous().is_none() && policy.scheme.may_be_ambiguous() {
            reshaped::check(
                &genuine.body,
                &serde_json::from_slice(callback.body).unwrap(),
            );
        }
    }
}
