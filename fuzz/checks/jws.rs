//! A token that its own key signed is taken exactly if a strict reading of RFC 7515 has one meaning for it, and
//! no other part of a token, and no other key, makes one that is taken.
//!
//! The first line of an input is a token without its signature, the second one says what the check does with
//! it; the rest is the body, which is the payload of a detached token.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::verify::http::{HeaderMap, HeaderValue};
use countersign::verify::keys::Secret;
use countersign::verify::language::{
    Choice, Genuine, RouteValues, SchemeDefinition, SchemeRules, verify,
};
use countersign::verify::{Callback, Key, Plenty, VerifyError};
use serde_json::Value;

const SECRET: &[u8] = b"the secret of this fuzz target";

/// RFC 7515, appendix A.3, and RFC 8037, appendix A.2.
const PUBLIC: [(&str, &str); 2] = [
    (
        "jws-es256",
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    ),
    (
        "jws-eddsa",
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    ),
];

struct Receiver {
    rules: SchemeRules,
    key: Arc<Key>,
}

impl Receiver {
    fn new(algorithm: &str, key: Key, change: impl FnOnce(&mut SchemeDefinition)) -> Self {
        let mut definition = SchemeDefinition {
            algorithm: Choice::Fixed(algorithm.to_owned()),
            signature: vec!["{header:X-Token}".to_owned()],
            ..SchemeDefinition::default()
        };
        change(&mut definition);
        Self {
            rules: SchemeRules::compile(&definition).unwrap(),
            key: Arc::new(key),
        }
    }

    fn with_secret(change: impl FnOnce(&mut SchemeDefinition)) -> Self {
        let secret = Secret::new(SECRET.to_vec().into()).unwrap();
        Self::new("jws-hs256", Key::of_secret("", secret), change)
    }

    fn verify(&self, token: &str, body: &[u8]) -> Result<Genuine<'_>, VerifyError> {
        let mut headers = HeaderMap::new();
        headers.insert("x-token", HeaderValue::from_str(token).unwrap());
        let callback = Callback::new("POST", b"/", &headers, body);
        let keys = std::slice::from_ref(&self.key);
        verify(
            &self.rules,
            &RouteValues::default(),
            keys,
            callback,
            &mut Plenty,
            &mut (),
        )
    }
}

static COMPACT: LazyLock<Receiver> = LazyLock::new(|| Receiver::with_secret(|_| {}));
static WITH_CLAIM: LazyLock<Receiver> =
    LazyLock::new(|| Receiver::with_secret(|scheme| scheme.nonce = Some("{claim:jti}".to_owned())));
static DETACHED: LazyLock<Receiver> =
    LazyLock::new(|| Receiver::with_secret(|scheme| scheme.payload = Some("{body}".to_owned())));
static OTHERS: LazyLock<[Receiver; 2]> = LazyLock::new(|| {
    PUBLIC.map(|(algorithm, jwk)| {
        Receiver::new(algorithm, Key::decode("", jwk.as_bytes()).unwrap(), |_| {})
    })
});

/// Signs the token and verifies it, and what is made of it.
pub fn check(input: &[u8]) {
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let text = std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let how = lines.next().unwrap_or_default();
    let body = lines.next().unwrap_or_default();
    // A header's value has no white space around it, and no other characters.
    let is_header = |byte: u8| matches!(byte, b'!'..=b'~');
    if !text.bytes().all(is_header) {
        return;
    }
    compact(text, how);
    detached(text.split('.').next().unwrap_or_default(), body);
    no_public_key_is_a_secret(text);
}

fn mac(key: &[u8], text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()))
}

fn compact(text: &str, how: &[u8]) {
    let token = format!("{text}.{}", mac(SECRET, text));
    let verdict = COMPACT.verify(&token, b"");
    let parts: Vec<&str> = text.split('.').collect();
    let is_read =
        matches!(parts[..], [header, payload] if is_header(header) && !payload.is_empty());
    // Longer headers are refused, and so is JSON that others could read differently.
    if let Ok(genuine) = &verdict {
        assert!(is_read, "{token}");
        assert_eq!(genuine.content, text.as_bytes());
        let [at, by, ..] = how else { return };
        let mut changed = token.clone().into_bytes();
        let at = usize::from(*at) * changed.len() / 256;
        changed[at] = b'!' + by % 94;
        if changed != token.as_bytes() {
            let changed = String::from_utf8(changed).unwrap();
            assert!(COMPACT.verify(&changed, b"").is_err(), "{token} {changed}");
        }
    } else if let [header, _] = parts[..]
        && is_read
        && is_plain(header)
    {
        panic!("{token}: {verdict:?}");
    }
    if let Ok(genuine) = WITH_CLAIM.verify(&token, b"") {
        let payload = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        let wanted = match &claims["jti"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // A number is told as it is written.
        if claims["jti"].is_string() {
            assert_eq!(genuine.nonce, Some(wanted));
        }
    }
}

fn detached(header: &str, body: &[u8]) {
    let payload = URL_SAFE_NO_PAD.encode(body);
    let signature = mac(SECRET, &format!("{header}.{payload}"));
    let verdict = DETACHED.verify(&format!("{header}..{signature}"), body);
    assert!(is_header(header) || verdict.is_err());
    assert!(!is_plain(header) || verdict.is_ok(), "{header} {verdict:?}");
    if verdict.is_ok() {
        let other = [body, b"x"].concat();
        assert!(
            DETACHED
                .verify(&format!("{header}..{signature}"), &other)
                .is_err()
        );
        // A token with a payload of its own has two.
        if !body.is_empty() {
            let both = format!("{header}.{payload}.{signature}");
            assert!(DETACHED.verify(&both, body).is_err());
            assert!(COMPACT.verify(&both, &other).is_ok());
        }
    }
}

/// A token in HS256 whose secret is what everybody knows.
fn no_public_key_is_a_secret(text: &str) {
    for (receiver, (_, jwk)) in OTHERS.iter().zip(PUBLIC) {
        for secret in [jwk.as_bytes(), b"", SECRET] {
            let token = format!("{text}.{}", mac(secret, text));
            assert!(receiver.verify(&token, b"").is_err(), "{token}");
        }
        assert!(receiver.verify(&format!("{text}."), b"").is_err());
    }
}

/// The members of a header, if it is written in base64url's one way, and they have one meaning.
fn members(header: &str) -> Option<serde_json::Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(header).ok()?;
    if URL_SAFE_NO_PAD.encode(&bytes) != header {
        return None;
    }
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// Whether it says HS256, and nothing that changes what is signed.
fn is_header(header: &str) -> bool {
    members(header).is_some_and(|members| {
        members.get("alg").and_then(Value::as_str) == Some("HS256")
            && !members.contains_key("crit")
            && !members.contains_key("b64")
    })
}

/// Whether there is nothing else in it that a strict reader could refuse.
fn is_plain(header: &str) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    bytes == br#"{"alg":"HS256"}"# || bytes == br#"{"alg":"HS256","kid":"1"}"#
}
