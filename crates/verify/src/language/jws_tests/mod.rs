//! JWS as signatures: the examples of RFC 7515 and RFC 8037, and tokens that must be refused.

mod refused_tokens;
mod unsound_definitions;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue};
use sha2::Sha256;

use super::scheme_definition::{Choice, LetDefinition, SchemeDefinition, TimestampDefinition};
use super::{Genuine, RouteValues, SchemeRules, verify};
use crate::callback::Callback;
use crate::jose_algorithms::JOSE_ALGORITHMS;
use crate::keys::{Key, Secret};
use crate::memory::{MemoryBudget, Plenty};
use crate::reason::{Reason, Rejection, VerifyError};

/// RFC 7515, appendix A.1.
const HS256_TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const HS256_KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
/// RFC 7515, appendix A.3.
const ES256_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const ES256_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
/// RFC 8037, appendix A.4.
const EDDSA_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const EDDSA_KEY: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn definition(algorithm: &str) -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed(algorithm.to_owned()),
        signature: vec!["{header:X-Token}".to_owned()],
        ..SchemeDefinition::default()
    }
}

/// Tokens in HS256 whose payload is the body.
fn detached() -> SchemeDefinition {
    SchemeDefinition {
        payload: Some("{body}".to_owned()),
        ..definition("jws-hs256")
    }
}

fn mac_key(id: &str) -> Key {
    let secret = URL_SAFE_NO_PAD.decode(HS256_KEY).unwrap();
    Key::of_secret(id, Secret::new(secret.into()).unwrap())
}

/// A token in HS256 with this header and payload.
fn signed(header: &str, payload: &str) -> String {
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let input = format!("{}.{}", encode(header), encode(payload));
    format!("{input}.{}", mac(&input))
}

fn mac(input: &str) -> String {
    let key = URL_SAFE_NO_PAD.decode(HS256_KEY).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(input.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

fn verified<'k>(
    definition: &SchemeDefinition,
    keys: &'k [Arc<Key>],
    token: &str,
    body: &str,
    memory: &mut dyn MemoryBudget,
) -> Result<Genuine<'k>, VerifyError> {
    let rules = SchemeRules::compile(definition).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut headers = HeaderMap::new();
    headers.insert("x-token", HeaderValue::from_str(token).unwrap());
    let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
    let route = RouteValues::default();
    verify(&rules, &route, keys, callback, memory, &mut ())
}

fn refusal(definition: &SchemeDefinition, token: &str, body: &str) -> Rejection {
    let keys = [Arc::new(mac_key(""))];
    match verified(definition, &keys, token, body, &mut Plenty) {
        Err(VerifyError::Rejected(rejection)) => rejection,
        other => panic!("{token}: {other:?}"),
    }
}

#[test]
fn published_tokens_are_genuine() {
    let key = |json: &str| Key::decode("", json.as_bytes()).unwrap();
    for (algorithm, key, token) in [
        ("jws-hs256", mac_key(""), HS256_TOKEN),
        ("jws-es256", key(ES256_KEY), ES256_TOKEN),
        ("jws-eddsa", key(EDDSA_KEY), EDDSA_TOKEN),
    ] {
        let keys = [Arc::new(key)];
        let genuine = verified(&definition(algorithm), &keys, token, "", &mut Plenty);
        let (input, _) = token.rsplit_once('.').unwrap();
        assert_eq!(genuine.unwrap().content, input.as_bytes(), "{algorithm}");
    }
}

#[test]
fn every_algorithm_of_jose_can_be_a_schemes() {
    for (alg, algorithm) in JOSE_ALGORITHMS {
        let name = format!("jws-{}", alg.to_lowercase());
        let rules = SchemeRules::compile(&definition(&name)).unwrap();
        assert_eq!(rules.algorithms(), [*algorithm], "{name}");
        assert_eq!(rules.jws.unwrap().alg, *alg);
    }
}

#[test]
fn a_detached_payload_is_signed_where_it_stands() {
    // RFC 7515, appendix F, of the token in appendix A.1.
    let [header, payload, signature] = HS256_TOKEN.split('.').collect::<Vec<_>>()[..] else {
        panic!()
    };
    let token = format!("{header}..{signature}");
    let body = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let body = String::from_utf8(body).unwrap();
    let keys = [Arc::new(mac_key(""))];
    let genuine = verified(&detached(), &keys, &token, &body, &mut Plenty).unwrap();
    assert_eq!(genuine.content, format!("{header}.{payload}").as_bytes());

    let other = body.replace("joe", "jim");
    let refused = refusal(&detached(), &token, &other);
    assert_eq!(refused.reason, Reason::SignatureMismatch);
    // A payload longer than a block of the encoder.
    let long = "x".repeat(10_000);
    let token = signed(r#"{"alg":"HS256"}"#, &long);
    let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!()
    };
    let token = format!("{header}..{signature}");
    assert!(verified(&detached(), &keys, &token, &long, &mut Plenty).is_ok());
}

#[test]
fn header_and_claims_are_values_of_the_scheme() {
    let scheme = SchemeDefinition {
        key_id: Some("{jose:kid}".to_owned()),
        timestamp: Some(TimestampDefinition {
            value: "{claim:iat}".to_owned(),
            unit: "s".to_owned(),
        }),
        nonce: Some("{claim:/event/id}".to_owned()),
        lets: vec![(
            "issuer".to_owned(),
            LetDefinition::Candidates(vec!["{claim:iss|lower}".to_owned()]),
        )],
        check: vec![
            ("{issuer}".to_owned(), vec!["provider".to_owned()]),
            (
                "{claim:body|unhex}".to_owned(),
                vec!["{body|sha256}".to_owned()],
            ),
        ],
        ..definition("jws-hs256")
    };
    let body_digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let payload = format!(
        r#"{{"iat":1700000000,"iss":"Provider","event":{{"id":"e1"}},"body":"{body_digest}","no":null}}"#
    );
    let token = signed(r#"{"alg":"HS256","kid":"two"}"#, &payload);
    let keys = [Arc::new(mac_key("one")), Arc::new(mac_key("two"))];
    let genuine = verified(&scheme, &keys, &token, "hello", &mut Plenty).unwrap();
    assert_eq!(genuine.key.id(), "two");
    assert_eq!(genuine.timestamp, Some(1_700_000_000));
    assert_eq!(genuine.nonce.as_deref(), Some("e1"));
    assert_eq!(genuine.key_id.as_deref(), Some("two"));

    let reason = |scheme: &SchemeDefinition, token: &str| refusal(scheme, token, "hallo").reason;
    assert_eq!(reason(&scheme, &token), Reason::ValueUnexpected);
    let named_key = |token: &str| match verified(&scheme, &keys, token, "hello", &mut Plenty) {
        Err(VerifyError::Rejected(rejection)) => rejection.reason,
        other => panic!("{other:?}"),
    };
    // Keys without a `kid` of their own may go by any.
    let other = signed(r#"{"alg":"HS256","kid":"three"}"#, &payload);
    assert!(verified(&scheme, &keys, &other, "hello", &mut Plenty).is_ok());
    let jwk = format!(r#"{{"kty":"oct","kid":"four","k":"{HS256_KEY}"}}"#);
    let four = [Arc::new(Key::decode("one", jwk.as_bytes()).unwrap())];
    match verified(&scheme, &four, &other, "hello", &mut Plenty) {
        Err(VerifyError::Rejected(rejection)) => assert_eq!(rejection.reason, Reason::KeyUnknown),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        named_key(&signed(r#"{"alg":"HS256"}"#, &payload)),
        Reason::KeyIdMissing
    );
    // An object or an array is no text, and null is missing.
    let mut odd = scheme.clone();
    odd.nonce = Some("{claim:event}".to_owned());
    assert_eq!(reason(&odd, &token), Reason::NonceMalformed);
    odd.nonce = Some("{claim:no}".to_owned());
    assert_eq!(reason(&odd, &token), Reason::NonceMissing);
}
