//! Every form in which OpenSSL writes a private key, and the forms that are rejected.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::decrypt::{Cipher, DecryptionKey, DecryptionKeyKind, PrivateKeyError};
use std::sync::Arc;
use zeroize::Zeroizing;

use super::{Keys, decrypt, policy, rule, text};
use crate::support::encrypter::{self, Plain};

#[test]
fn every_format_decodes_to_the_same_private_key() {
    let openssl = &Keys::get().openssl;
    let pkcs1 = openssl.run("pkey -in merchant.pem -traditional", b"");
    let pkcs8_der = openssl.run("pkcs8 -in merchant.pem -topk8 -nocrypt -outform DER", b"");
    let pkcs1_der = openssl.run("pkey -in merchant.pem -traditional -outform DER", b"");
    assert!(pkcs1.starts_with(b"-----BEGIN RSA PRIVATE KEY-----"));
    assert_ne!(pkcs1_der, pkcs8_der);
    let pem = String::from_utf8(openssl.read("merchant.pem")).unwrap();
    let labelled = |label: &str, der: &[u8]| {
        let text = STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n").into_bytes()
    };
    let forms = [
        // What a block contains counts, and not its label.
        labelled("RSA PRIVATE KEY", &pkcs8_der),
        labelled("PRIVATE KEY", &pkcs1_der),
        labelled("PUBLIC KEY", &pkcs8_der),
        // With the byte order mark of Windows.
        format!("\u{feff}{pem}").into_bytes(),
        format!("\u{feff}{}\r\n", STANDARD.encode(&pkcs8_der)).into_bytes(),
        pem.clone().into_bytes(),
        // Some platforms hand out keys with all base64 on one line.
        one_line(&pem).into_bytes(),
        format!("\r\n{}\r\n", pem.replace('\n', "\r\n")).into_bytes(),
        pkcs1,
        STANDARD.encode(&pkcs8_der).into_bytes(),
        format!("{}\n", STANDARD.encode(&pkcs1_der)).into_bytes(),
        pkcs8_der,
        pkcs1_der,
    ];
    let plain = Plain {
        cipher: "OPENSSL_PKCS1_PADDING",
        text: "客".into(),
        ..Plain::default()
    };
    let made = encrypter::php(&Keys::get().public_file("merchant"), &[plain]);
    for form in forms {
        let key = DecryptionKey::rsa("merchant", &form).unwrap();
        assert_eq!(key.kind(), DecryptionKeyKind::Rsa(2048));
        let policy = policy(rule("v", Cipher::RsaPkcs1v15), vec![Arc::new(key)]);
        let clear = decrypt(format!("{{\"v\":\"{}\"}}", made[0]), &policy).unwrap();
        assert_eq!(text(&clear), "{\"v\":\"客\"}");
    }
}

fn one_line(pem: &str) -> String {
    let lines: Vec<_> = pem.trim().lines().collect();
    let (first, last) = (lines[0], lines[lines.len() - 1]);
    format!("{first}\n{}\n{last}\n", lines[1..lines.len() - 1].concat())
}

#[test]
fn invalid_private_keys_are_refused() {
    let openssl = &Keys::get().openssl;
    let pem = String::from_utf8(openssl.read("merchant.pem")).unwrap();
    let run = |command: &str| openssl.run(command, b"");
    let short = run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024");
    let three = run("genpkey -algorithm RSA -pkeyopt rsa_keygen_primes:3");
    let elliptic = run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    let encrypted = run("pkcs8 -in merchant.pem -topk8 -passout pass:x");
    let old = run("pkey -in merchant.pem -traditional -aes256 -passout pass:x");
    let public = openssl.read("merchant.pub");
    let mislabelled = String::from_utf8(public.clone()).unwrap();
    let mislabelled = mislabelled.replace("PUBLIC", "PRIVATE").into_bytes();
    let mut damaged = run("pkcs8 -in merchant.pem -topk8 -nocrypt -outform DER");
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for (bytes, error) in [
        (Vec::new(), PrivateKeyError::Empty),
        (b" \n".to_vec(), PrivateKeyError::Empty),
        (b"no key".to_vec(), PrivateKeyError::NotAKey),
        (short, PrivateKeyError::Size(1024)),
        (three, PrivateKeyError::NotRsa),
        (elliptic, PrivateKeyError::NotRsa),
        (encrypted, PrivateKeyError::Encrypted),
        (old, PrivateKeyError::Encrypted),
        (public, PrivateKeyError::Public),
        (mislabelled, PrivateKeyError::Public),
        (damaged, PrivateKeyError::NotRsa),
        (pem.repeat(2).into_bytes(), PrivateKeyError::Several(2)),
        (
            pem.replace("-----END", "-----AND").into_bytes(),
            PrivateKeyError::BadPem,
        ),
        (
            pem.replace("PRIVATE", "SECRET").into_bytes(),
            PrivateKeyError::BadPem,
        ),
    ] {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let seen = DecryptionKey::rsa("k", &bytes).err();
        assert_eq!(seen, Some(error), "{shown}");
    }
}

#[test]
fn nothing_of_a_key_is_printed() {
    let key = Keys::get().private("merchant");
    assert_eq!(
        format!("{key:?}"),
        "Key { id: \"merchant\", kind: Rsa(2048), .. }"
    );
    let key = DecryptionKey::aes("k", Zeroizing::new(b"0123456789abcdef".to_vec())).unwrap();
    assert_eq!(format!("{key:?}"), "Key { id: \"k\", kind: Aes(128), .. }");
    assert!(DecryptionKey::aes("k", Zeroizing::new(vec![0; 24])).is_none());
}
