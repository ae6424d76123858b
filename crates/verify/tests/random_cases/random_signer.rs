//! Keys for every kind of algorithm, and signatures with them, by a library that the product checks no
//! secret with.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use aws_lc_rs::{digest, encoding::AsDer as _, hmac};
use countersign_verify::Key;
use countersign_verify::keys::Secret;

/// The secret of all schemes.
pub(crate) const SECRET: &str = "k3yOfTheRandomSchemes";

static ED25519: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap());
static RSA: LazyLock<RsaKeyPair> =
    LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static P256: LazyLock<[EcdsaKeyPair; 2]> = LazyLock::new(|| {
    twice(
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &ECDSA_P256_SHA256_FIXED_SIGNING,
    )
});
static P384: LazyLock<[EcdsaKeyPair; 2]> = LazyLock::new(|| {
    twice(
        &ECDSA_P384_SHA384_ASN1_SIGNING,
        &ECDSA_P384_SHA384_FIXED_SIGNING,
    )
});

/// One key, to sign in either form.
fn twice(
    der: &'static EcdsaSigningAlgorithm,
    raw: &'static EcdsaSigningAlgorithm,
) -> [EcdsaKeyPair; 2] {
    let document = EcdsaKeyPair::generate_pkcs8(der, &SystemRandom::new()).unwrap();
    [der, raw].map(|algorithm| EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref()).unwrap())
}

/// The key that verifies, and as the providers' requests have it: form and value.
pub(crate) fn key(algorithm: &str) -> (Arc<Key>, &'static str, String) {
    let spki = match algorithm {
        "ed25519" => ED25519.public_key().as_der().unwrap().as_ref().to_vec(),
        _ if algorithm.starts_with("rsa") => RSA.public_key().as_der().unwrap().as_ref().to_vec(),
        _ if algorithm.starts_with("ecdsa-p256") => {
            P256[0].public_key().as_der().unwrap().as_ref().to_vec()
        }
        _ if algorithm.starts_with("ecdsa") => {
            P384[0].public_key().as_der().unwrap().as_ref().to_vec()
        }
        _ => {
            let secret = Secret::new(SECRET.as_bytes().to_vec().into()).unwrap();
            return (
                Arc::new(Key::of_secret("", secret)),
                "text",
                SECRET.to_owned(),
            );
        }
    };
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(&spki);
    let key = Key::decode("", text.as_bytes()).unwrap();
    (Arc::new(key), "spki-base64", text)
}

/// A signature by the key. `key` is the scheme's, of an HMAC.
pub(crate) fn sign(
    algorithm: &str,
    form: Option<&str>,
    key: Option<&str>,
    content: &[u8],
) -> Vec<u8> {
    let random = SystemRandom::new();
    let hashed = |algorithm| digest::digest(algorithm, content).as_ref().to_vec();
    let mac = |algorithm| {
        let secret = match key {
            Some("{secret|sha256}") => digest::digest(&digest::SHA256, SECRET.as_bytes())
                .as_ref()
                .to_vec(),
            Some("{secret|hex}") => SECRET
                .bytes()
                .flat_map(|byte| format!("{byte:02x}").into_bytes())
                .collect(),
            _ => SECRET.as_bytes().to_vec(),
        };
        hmac::sign(&hmac::Key::new(algorithm, &secret), content)
            .as_ref()
            .to_vec()
    };
    let raw = usize::from(form == Some("raw"));
    match algorithm {
        "hmac-sha1" => mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        "hmac-sha256" => mac(hmac::HMAC_SHA256),
        "hmac-sha384" => mac(hmac::HMAC_SHA384),
        "hmac-sha512" => mac(hmac::HMAC_SHA512),
        "sha1" => hashed(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "sha256" => hashed(&digest::SHA256),
        "sha512" => hashed(&digest::SHA512),
        "ed25519" => ED25519.sign(content).as_ref().to_vec(),
        "ecdsa-p256-sha256" => P256[raw].sign(&random, content).unwrap().as_ref().to_vec(),
        "ecdsa-p384-sha384" => P384[raw].sign(&random, content).unwrap().as_ref().to_vec(),
        "rsa-sha256" | "rsa-pss-sha256" => {
            let mut signature = vec![0; RSA.public_modulus_len()];
            let padding: &'static dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
                "rsa-sha256" => &RSA_PKCS1_SHA256,
                _ => &RSA_PSS_SHA256,
            };
            RSA.sign(padding, &random, content, &mut signature).unwrap();
            signature
        }
        other => panic!("{other}"),
    }
}
