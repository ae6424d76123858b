//! The signed content of many providers' callbacks, with their keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_verify::keys::{DigestCheck, MacKey};
use countersign_verify::scheme::SignatureForm;
use countersign_verify::{Algorithm, Key};
use serde_json::Value;

use super::verdict;

struct Vector {
    id: String,
    algorithm: Algorithm,
    form: Option<SignatureForm>,
    key: Option<(String, String)>,
    signature: Vec<u8>,
    content: Vec<u8>,
}

fn vectors() -> Vec<Vector> {
    let lines = include_str!("providers.jsonl").lines();
    lines
        .map(|line| vector(&serde_json::from_str(line).unwrap()))
        .collect()
}

fn vector(line: &Value) -> Vector {
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    let bytes = |name: &str| STANDARD.decode(text(name)).unwrap();
    let key = line.get("key").map(|key| {
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        (text("form"), text("value"))
    });
    Vector {
        id: text("id"),
        algorithm: Algorithm::from_name(&text("algorithm")).unwrap(),
        form: line.get("form").map(|form| match form.as_str() {
            Some("der") => SignatureForm::Der,
            Some("raw") => SignatureForm::Raw,
            other => panic!("{other:?}"),
        }),
        key,
        signature: bytes("signature"),
        content: bytes("content"),
    }
}

impl Vector {
    fn passes(&self, signature: &[u8], content: &[u8]) -> bool {
        if let Some(mut digest) = DigestCheck::new(self.algorithm) {
            digest.update(content);
            return digest.matches(signature);
        }
        let (form, value) = self.key.as_ref().unwrap();
        if form == "bytes" {
            let mut mac = MacKey::new(self.algorithm, &STANDARD.decode(value).unwrap()).unwrap();
            mac.update(content);
            return mac.matches(signature);
        }
        let key = Key::decode("key", value.as_bytes()).unwrap();
        assert!(key.fits(self.algorithm), "{}", self.id);
        SignatureForm::read(self.form, self.algorithm, signature)
            .is_some_and(|signature| verdict(&key, self.algorithm, content, &signature))
    }
}

#[test]
fn genuine_signatures_pass() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 116);
    for vector in vectors {
        assert!(
            vector.passes(&vector.signature, &vector.content),
            "{}",
            vector.id
        );
    }
}

#[test]
fn each_changed_byte_of_signature_and_content_fails() {
    for vector in vectors() {
        let mut signature = vector.signature.clone();
        for at in 0..signature.len() {
            signature[at] ^= 1 << (at % 8);
            assert!(
                !vector.passes(&signature, &vector.content),
                "{} {at}",
                vector.id
            );
            signature[at] ^= 1 << (at % 8);
        }
        let mut content = vector.content.clone();
        // The digest is the same function everywhere: a few bytes of a long one will do.
        for at in (0..content.len()).step_by(content.len() / 64 + 1) {
            content[at] ^= 1 << (at % 8);
            assert!(
                !vector.passes(&vector.signature, &content),
                "{} {at}",
                vector.id
            );
            content[at] ^= 1 << (at % 8);
        }
        for other in [&content[1..], &content[..content.len() - 1], &[]] {
            assert!(!vector.passes(&vector.signature, other), "{}", vector.id);
        }
    }
}
