//! Round trips: PHP and Java encrypt, this library decrypts.

use std::sync::Arc;

use countersign::decrypt::{
    Cipher, ContentKind, DecryptionKey, Encoding, Iv, OaepDigest, SiblingField,
};
use zeroize::Zeroizing;

use super::{Keys, decrypt, policy, rule, text};
use crate::support::encrypter::{self, Plain, hex};

const PKCS1: Cipher = Cipher::RsaPkcs1v15;
const OAEP_SHA1: Cipher = oaep(OaepDigest::Sha1, OaepDigest::Sha1);
const OAEP_JAVA: Cipher = oaep(OaepDigest::Sha256, OaepDigest::Sha1);
const OAEP_SHA256: Cipher = oaep(OaepDigest::Sha256, OaepDigest::Sha256);

const fn oaep(digest: OaepDigest, mgf1: OaepDigest) -> Cipher {
    Cipher::RsaOaep { digest, mgf1 }
}

/// Texts of 1 byte to 4 KB in three scripts, with lengths at and around block boundaries.
/// Characters of two and three bytes cross the boundaries.
fn texts() -> Vec<String> {
    let scripts = [
        "Merchant \"A\\B\"\t7 ",
        "محمد بن عبد الله ",
        "张伟北京市朝阳区",
    ];
    let mut all = Vec::new();
    for length in [
        1, 189, 190, 213, 214, 215, 244, 245, 246, 490, 491, 1000, 4096,
    ] {
        for script in scripts {
            let mut text = script.repeat(length / script.len() + 1);
            while text.len() > length {
                text.pop();
            }
            // Fills the space that is too small for a whole character.
            text.extend(std::iter::repeat_n('.', length - text.len()));
            all.push(text);
        }
    }
    all
}

fn round_trip(made: &[(Cipher, String, String)]) {
    let keys = vec![Keys::get().private("merchant")];
    for (cipher, text_before, cipher_text) in made {
        let policy = policy(rule("$.data.cardno", *cipher), keys.clone());
        // PHP's `json_encode` escapes slashes by default.
        for written in [cipher_text.clone(), cipher_text.replace('/', "\\/")] {
            let body = format!("{{\"data\":{{\"cardno\":\"{written}\",\"n\":1.50}} }}");
            let clear = decrypt(body, &policy).unwrap();
            assert_eq!(clear.decrypted().known(), ["/data/cardno"], "{cipher:?}");
            let expected = serde_json::to_string(text_before).unwrap();
            let expected = format!("{{\"data\":{{\"cardno\":{expected},\"n\":1.50}} }}");
            assert_eq!(text(&clear), expected);
        }
    }
}

fn encrypted(
    program: fn(&str, &[Plain]) -> Vec<String>,
    names: &[(&'static str, Cipher)],
) -> Vec<(Cipher, String, String)> {
    let texts = texts();
    let (ciphers, plain): (Vec<_>, Vec<_>) = names
        .iter()
        .flat_map(|(name, cipher)| {
            texts.iter().map(|text| {
                let plain = Plain {
                    cipher: name,
                    text: text.clone().into(),
                    ..Plain::default()
                };
                ((*cipher, text.clone()), plain)
            })
        })
        .unzip();
    let made = program(&Keys::get().public_file("merchant"), &plain);
    ciphers
        .into_iter()
        .zip(made)
        .map(|((cipher, text), made)| (cipher, text, made))
        .collect()
}

#[test]
fn php_encrypts_with_rsa() {
    round_trip(&encrypted(
        encrypter::php,
        &[
            ("OPENSSL_PKCS1_PADDING", PKCS1),
            ("OPENSSL_PKCS1_OAEP_PADDING", OAEP_SHA1),
        ],
    ));
}

#[test]
fn java_encrypts_with_rsa() {
    round_trip(&encrypted(
        encrypter::java,
        &[
            ("RSA/ECB/PKCS1Padding", PKCS1),
            ("RSA/ECB/OAEPWithSHA-1AndMGF1Padding", OAEP_SHA1),
            // Java's MGF1 uses SHA-1 by default.
            ("RSA/ECB/OAEPWithSHA-256AndMGF1Padding", OAEP_JAVA),
            (
                "RSA/ECB/OAEPWithSHA-256AndMGF1Padding(MGF1 SHA-256)",
                OAEP_SHA256,
            ),
        ],
    ));
}

#[test]
fn php_and_java_encrypt_with_aes() {
    let names = [
        (
            Cipher::AesGcm { bits: 128 },
            "aes-128-gcm",
            "AES/GCM/NoPadding",
        ),
        (
            Cipher::AesGcm { bits: 256 },
            "aes-256-gcm",
            "AES/GCM/NoPadding",
        ),
        (
            Cipher::AesCbc { bits: 128 },
            "aes-128-cbc",
            "AES/CBC/PKCS5Padding",
        ),
        (
            Cipher::AesCbc { bits: 256 },
            "aes-256-cbc",
            "AES/CBC/PKCS5Padding",
        ),
    ];
    for (cipher, php, java) in names {
        let bits = match cipher {
            Cipher::AesGcm { bits } | Cipher::AesCbc { bits } => bits,
            _ => unreachable!(),
        };
        let plain = |name| -> Vec<Plain> {
            let texts = texts().into_iter().chain([String::new(), "x".repeat(16)]);
            texts
                .map(|text| Plain {
                    cipher: name,
                    key: (0..).take(bits / 8).collect(),
                    iv: (7..).take(cipher.iv_length().unwrap()).collect(),
                    aad: if cipher.takes_aad() {
                        b"certificate".to_vec()
                    } else {
                        Vec::new()
                    },
                    text: text.into(),
                })
                .collect()
        };
        let file = Keys::get().public_file("merchant");
        let (php, java) = (plain(php), plain(java));
        let made = encrypter::php(&file, &php).into_iter().zip(&php);
        let made = made.chain(encrypter::java(&file, &java).into_iter().zip(&java));
        for (cipher_text, plain) in made {
            let key = DecryptionKey::aes("k", Zeroizing::new(plain.key.clone())).unwrap();
            let mut rule = rule("data", cipher);
            rule.iv = Some(Iv::Sibling(SiblingField::new("iv", Encoding::Hex)));
            rule.aad = cipher
                .takes_aad()
                .then(|| SiblingField::new("aad", Encoding::Text));
            rule.content = ContentKind::Text;
            let policy = policy(rule, vec![Arc::new(key)]);
            let body = |iv: &[u8], aad: &str| {
                format!(
                    "{{\"data\":\"{cipher_text}\",\"iv\":\"{}\",\"aad\":\"{aad}\"}}",
                    hex(iv)
                )
            };
            let clear = decrypt(body(&plain.iv, "certificate"), &policy).unwrap();
            let expected = std::str::from_utf8(&plain.text).unwrap();
            let seen: serde_json::Value = serde_json::from_str(text(&clear)).unwrap();
            assert_eq!(seen["data"], expected);
            if cipher.takes_aad() {
                let clear = decrypt(body(&plain.iv, "certificatf"), &policy).unwrap();
                assert!(clear.body().is_none());
                assert_eq!(clear.failed().known(), ["/data"]);
            }
        }
    }
}
