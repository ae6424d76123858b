//! Secrets as keys.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign_verify::{Algorithm, Key, KeyError, KeyKind, Secret, is_public_key};

use super::hex;
use super::openssl::OpenSsl;

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

/// Everybody has it, and could sign.
#[test]
fn a_public_key_is_no_secret_in_whichever_form_it_is_written() {
    let openssl = OpenSsl::new();
    for kind in [
        "RSA",
        "EC -pkeyopt ec_paramgen_curve:P-256",
        "ED25519",
        "EC -pkeyopt ec_paramgen_curve:secp256k1",
    ] {
        openssl.run(&format!("genpkey -algorithm {kind} -out own.key"), b"");
        let pem = openssl.run("pkey -in own.key -pubout", b"");
        let der = openssl.run("pkey -in own.key -pubout -outform DER", b"");
        openssl.run("req -x509 -new -key own.key -subj /CN=x -out own.pem", b"");
        let certificate = openssl.run("x509 -in own.pem -outform DER", b"");
        let digits: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
        let lines = STANDARD.encode(&certificate);
        let lines: Vec<&str> = lines
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        for form in [
            STANDARD.encode(&der),
            format!(" {}\n", STANDARD.encode(&der).trim_end_matches('=')),
            URL_SAFE_NO_PAD.encode(&der),
            digits,
            lines.join("\r\n"),
            STANDARD.encode(&pem),
            String::from_utf8(pem.clone()).unwrap(),
            format!("\u{feff}\n{}", String::from_utf8(pem.clone()).unwrap()),
        ] {
            assert!(is_public_key(form.as_bytes()), "{kind} {form}");
        }
        assert!(is_public_key(&der) && is_public_key(&certificate), "{kind}");
    }
    let rsa = openssl.run("genpkey -algorithm RSA -out own.key", b"");
    assert!(rsa.is_empty());
    let pkcs1 = openssl.run("rsa -in own.key -RSAPublicKey_out -outform DER", b"");
    assert!(is_public_key(STANDARD.encode(pkcs1).as_bytes()));
    let x = URL_SAFE_NO_PAD.encode([0x58; 32]);
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    for public in [
        jwk.to_owned(),
        format!("{{\"keys\":[{jwk}]}}"),
        "whpk_QFsnGvNoJ7MqJYJE7mMJxFyfBvYRJKBnvuvSN1zjGXo=".to_owned(),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ x@y".to_owned(),
    ] {
        assert!(is_public_key(public.as_bytes()), "{public}");
    }
    // Secrets look like anything else.
    for secret in [
        "MIIBsecret".to_owned(),
        "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEA".to_owned(),
        STANDARD.encode([0x30; 32]),
        STANDARD.encode([7; 64]),
        "ab".repeat(32),
        "30".repeat(64),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc".to_owned(),
        "ssh-me-in".to_owned(),
        format!("{{\"kty\":\"oct\",\"k\":\"{x}\"}}"),
        "{not json}".to_owned(),
        "0".to_owned(),
    ] {
        assert!(!is_public_key(secret.as_bytes()), "{secret}");
    }
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
