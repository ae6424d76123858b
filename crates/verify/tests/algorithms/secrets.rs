//! Secrets as keys.

use countersign_verify::{Algorithm, Key, KeyError, KeyKind, Secret};

use super::hex;

fn secret(text: &str) -> Result<Secret, KeyError> {
    Secret::new(text.as_bytes().to_vec().into())
}

#[test]
fn a_secret_is_its_bytes_whatever_they_look_like() {
    let key = Key::of_secret("key", secret("Jefe").unwrap());
    let message = b"what do ya want for nothing?";
    let mac = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_eq!(key.kind(), KeyKind::Secret);
    assert!(key.candidate(Algorithm::HmacSha256, &mac));
    assert!(!key.candidate(Algorithm::HmacSha384, &mac));
    assert!(key.verify(Algorithm::HmacSha256, message, &mac));
    for other in Algorithm::ALL
        .iter()
        .filter(|other| **other != Algorithm::HmacSha256)
    {
        assert!(!key.verify(*other, message, &mac), "{other}");
    }
    for other in ["Jefe\n", " Jefe", "jefe", "4a656665"] {
        let key = Key::of_secret("key", secret(other).unwrap());
        assert!(!key.verify(Algorithm::HmacSha256, message, &mac), "{other}");
    }
}

#[test]
fn a_token_is_the_secret_itself() {
    let key = Key::of_secret("key", secret("open sesame").unwrap());
    assert!(key.candidate(Algorithm::Token, b"OPEN SESAME"));
    assert!(!key.candidate(Algorithm::Token, b"open"));
    assert!(key.verify(Algorithm::Token, b"any", b"open sesame"));
    for other in ["open sesamf", "open sesame ", "open", ""] {
        assert!(
            !key.verify(Algorithm::Token, b"any", other.as_bytes()),
            "{other}"
        );
    }
}

/// Anybody can make a digest of what they send.
#[test]
fn a_plain_digest_is_no_proof_of_the_secret() {
    let key = Key::of_secret("key", secret("secret").unwrap());
    let of_abc = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert!(!key.verify(Algorithm::Sha256, b"abc", &of_abc));
}

#[test]
fn an_empty_secret_is_refused_and_a_short_one_is_known() {
    for empty in ["", " ", "\r\n"] {
        assert_eq!(secret(empty).unwrap_err(), KeyError::EmptySecret);
    }
    assert!(secret("fifteen bytes..").unwrap().is_short());
    assert!(!secret("sixteen bytes...").unwrap().is_short());
}

#[test]
fn nothing_that_is_printed_contains_a_secret() {
    let key = Key::of_secret("key", secret("hunter2").unwrap());
    assert!(key.is_secret());
    assert_eq!(key.secret().unwrap().text(), Some("hunter2"));
    let printed = format!("{key:?} {:?} {}", key.secret(), key.bits());
    assert!(
        !printed.contains("hunter2") && !printed.contains('7'),
        "{printed}"
    );
    let other = Key::of_secret("other", secret("hunter2").unwrap());
    assert_eq!(key.fingerprint(), other.fingerprint());
}
