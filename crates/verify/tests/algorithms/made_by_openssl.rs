//! Keys and signatures made by OpenSSL, in every format that platforms publish.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_verify::scheme::SignatureForm;
use countersign_verify::{Algorithm, Key, KeyError, KeyKind};

use super::openssl::OpenSsl;
use super::verdict;

const MESSAGE: &[u8] = b"amount=1";

/// The algorithms, how OpenSSL makes keys for them, and how it signs.
const KINDS: &[(Algorithm, &str, &str)] = &[
    (
        Algorithm::EcdsaP256Sha256,
        "EC -pkeyopt ec_paramgen_curve:P-256",
        "dgst -sha256 -sign key.pem",
    ),
    (
        Algorithm::EcdsaP256Sha1,
        "EC -pkeyopt ec_paramgen_curve:P-256",
        "dgst -sha1 -sign key.pem",
    ),
    (
        Algorithm::EcdsaP384Sha384,
        "EC -pkeyopt ec_paramgen_curve:P-384",
        "dgst -sha384 -sign key.pem",
    ),
    (
        Algorithm::EcdsaP521Sha512,
        "EC -pkeyopt ec_paramgen_curve:P-521",
        "dgst -sha512 -sign key.pem",
    ),
    (
        Algorithm::Ed25519,
        "ED25519",
        "pkeyutl -sign -inkey key.pem -rawin -in message",
    ),
    (
        Algorithm::RsaPssSha256,
        "RSA",
        "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -sign key.pem",
    ),
    (
        Algorithm::RsaPssSha384,
        "RSA",
        "dgst -sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -sign key.pem",
    ),
    (
        Algorithm::RsaPssSha512,
        "RSA",
        "dgst -sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -sign key.pem",
    ),
];

/// A folder with `key.pem`.
fn folder(kind: &str) -> OpenSsl {
    let openssl = OpenSsl::new();
    openssl.run(&format!("genpkey -algorithm {kind} -out key.pem"), b"");
    std::fs::write(openssl.path("message"), MESSAGE).unwrap();
    openssl
}

/// The signature as keys take it.
fn sign(openssl: &OpenSsl, algorithm: Algorithm, command: &str) -> Vec<u8> {
    let signature = openssl.run(command, MESSAGE);
    let der = algorithm.curve().map(|_| SignatureForm::Der);
    SignatureForm::read(der, algorithm, &signature)
        .unwrap()
        .into_owned()
}

fn formats(openssl: &OpenSsl) -> Vec<(&'static str, Vec<u8>)> {
    let certificate = |form: &str| {
        let command = "req -x509 -new -key key.pem -subj /CN=platform -days 1 -outform";
        openssl.run(&format!("{command} {form}"), b"")
    };
    let pem = openssl.run("pkey -in key.pem -pubout", b"");
    let der = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
    let marked = format!("\u{feff}{}", String::from_utf8(pem.clone()).unwrap());
    vec![
        ("base64", STANDARD.encode(&der).into()),
        ("der", der),
        ("pem", pem),
        ("pem with a mark", marked.into()),
        ("certificate", certificate("PEM")),
        ("certificate in der", certificate("DER")),
        (
            "certificate in base64",
            STANDARD.encode(certificate("DER")).into(),
        ),
    ]
}

#[test]
fn genuine_signatures_pass_and_each_changed_byte_fails_for_keys_in_every_format() {
    for &(algorithm, kind, command) in KINDS {
        let openssl = folder(kind);
        let mut signature = sign(&openssl, algorithm, command);
        for (format, bytes) in formats(&openssl) {
            let key =
                Key::decode("key", &bytes).unwrap_or_else(|error| panic!("{format}: {error}"));
            assert_eq!(key.kind(), algorithm.key_kind(), "{format}");
            assert!(!key.is_secret() && !key.is_legacy());
            assert!(key.candidate(algorithm, &signature), "{algorithm} {format}");
            assert!(
                verdict(&key, algorithm, MESSAGE, &signature),
                "{algorithm} {format}"
            );
            assert!(
                !verdict(&key, algorithm, b"amount=2", &signature),
                "{algorithm} {format}"
            );
        }
        let key = Key::decode("key", &openssl.run("pkey -in key.pem -pubout", b"")).unwrap();
        for at in 0..signature.len() {
            signature[at] ^= 1 << (at % 8);
            assert!(
                !verdict(&key, algorithm, MESSAGE, &signature),
                "{algorithm} {at}"
            );
            signature[at] ^= 1 << (at % 8);
        }
        for at in 0..MESSAGE.len() {
            let mut message = MESSAGE.to_vec();
            message[at] ^= 1;
            assert!(
                !verdict(&key, algorithm, &message, &signature),
                "{algorithm} {at}"
            );
        }
        for other in Algorithm::ALL.iter().filter(|other| **other != algorithm) {
            assert!(
                !key.verify(*other, MESSAGE, &signature),
                "{algorithm} {other}"
            );
        }
        let other = folder(kind);
        assert!(!verdict(
            &key,
            algorithm,
            MESSAGE,
            &sign(&other, algorithm, command)
        ));
        for wrong in [
            &signature[1..],
            &signature[..signature.len() - 1],
            &[],
            &[&signature[..], &[0]].concat(),
        ] {
            assert!(!key.candidate(algorithm, wrong) && !verdict(&key, algorithm, MESSAGE, wrong));
        }
    }
}

#[test]
fn a_salt_of_another_length_fails() {
    let openssl = folder("RSA");
    let key = Key::decode("key", &openssl.run("pkey -in key.pem -pubout", b"")).unwrap();
    for salt in ["0", "20", "31", "33", "max"] {
        let command = format!(
            "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:{salt} -sign key.pem"
        );
        let signature = openssl.run(&command, MESSAGE);
        assert!(
            !verdict(&key, Algorithm::RsaPssSha256, MESSAGE, &signature),
            "{salt}"
        );
        assert!(
            !verdict(&key, Algorithm::RsaSha256, MESSAGE, &signature),
            "{salt}"
        );
    }
}

#[test]
fn keys_under_2048_bits_verify_pss_too() {
    let openssl = folder("RSA -pkeyopt rsa_keygen_bits:1024");
    let key = Key::decode("key", &openssl.run("pkey -in key.pem -pubout", b"")).unwrap();
    assert!(key.is_legacy());
    let signature = openssl.run(KINDS[5].2, MESSAGE);
    assert!(verdict(&key, Algorithm::RsaPssSha256, MESSAGE, &signature));
}

#[test]
fn a_key_of_another_curve_does_not_fit() {
    for (curve, fits) in [
        ("P-256", [true, true, false, false]),
        ("P-384", [false, false, true, false]),
        ("P-521", [false, false, false, true]),
    ] {
        let openssl = folder(&format!("EC -pkeyopt ec_paramgen_curve:{curve}"));
        let key = Key::decode("key", &openssl.run("pkey -in key.pem -pubout", b"")).unwrap();
        assert_eq!(key.kind().to_string(), curve);
        let ecdsa = Algorithm::ALL
            .iter()
            .filter(|algorithm| algorithm.curve().is_some());
        let found: Vec<bool> = ecdsa.map(|algorithm| key.fits(*algorithm)).collect();
        assert_eq!(found, fits, "{curve}");
    }
}

#[test]
fn private_keys_of_every_kind_are_refused_as_such() {
    for kind in ["EC -pkeyopt ec_paramgen_curve:P-384", "ED25519", "RSA"] {
        let openssl = folder(kind);
        for command in [
            "pkey -in key.pem",
            "pkcs8 -topk8 -nocrypt -in key.pem -outform DER",
        ] {
            let bytes = openssl.run(command, b"");
            for bytes in [STANDARD.encode(&bytes).into_bytes(), bytes] {
                let error = Key::decode("key", &bytes).unwrap_err();
                // Base64 of PEM is neither.
                let is_pem_in_base64 = bytes.starts_with(b"LS0t");
                assert!(
                    is_pem_in_base64 || matches!(error, KeyError::Private(_)),
                    "{error}"
                );
            }
        }
    }
    let openssl = OpenSsl::new();
    let both = openssl.run("ecparam -name prime256v1 -genkey", b"");
    assert!(String::from_utf8_lossy(&both).contains("EC PARAMETERS"));
    let private = KeyError::Private("EC PRIVATE KEY".to_owned());
    assert_eq!(Key::decode("key", &both).unwrap_err(), private);
    std::fs::write(openssl.path("key.pem"), both).unwrap();
    let sec1 = openssl.run("ec -in key.pem -outform DER", b"");
    assert_eq!(
        Key::decode("key", &sec1).unwrap_err(),
        KeyError::Private("DER".to_owned())
    );
}

#[test]
fn keys_of_other_algorithms_are_refused() {
    for kind in [
        "X25519",
        "ED448",
        "EC -pkeyopt ec_paramgen_curve:secp256k1",
        "EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
        "EC -pkeyopt ec_paramgen_curve:brainpoolP256r1",
    ] {
        let openssl = folder(kind);
        let pem = openssl.run("pkey -in key.pem -pubout", b"");
        let error = Key::decode("key", &pem).unwrap_err();
        assert!(matches!(error, KeyError::Unknown(_)), "{kind} {error}");
    }
}

#[test]
fn a_compressed_point_is_the_same_key() {
    let openssl = folder("EC -pkeyopt ec_paramgen_curve:P-256");
    let whole = openssl.run("ec -in key.pem -pubout", b"");
    let short = openssl.run("ec -in key.pem -pubout -conv_form compressed", b"");
    assert!(short.len() < whole.len());
    let [whole, short] = [whole, short].map(|pem| Key::decode("key", &pem).unwrap());
    assert_eq!(whole.fingerprint(), short.fingerprint());
    assert_eq!(whole.kind(), KeyKind::Ec(countersign_verify::Curve::P256));
}

#[test]
fn a_point_off_the_curve_is_refused() {
    let openssl = folder("EC -pkeyopt ec_paramgen_curve:P-256");
    let mut der = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
    *der.last_mut().unwrap() ^= 1;
    let error = Key::decode("key", &der).unwrap_err();
    assert_eq!(error, KeyError::Unusable("its point is not on the curve"));
}
