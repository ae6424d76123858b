//! What RSA signatures that OpenSSL made hold.

use countersign_verify::keys::OpenedSignature;
use countersign_verify::{Algorithm, Digest, Key};

use super::openssl::OpenSsl;

const MESSAGE: &[u8] = b"amount=1";

const DIGESTS: &[(Digest, &str)] = &[
    (Digest::Md5, "md5"),
    (Digest::Sha1, "sha1"),
    (Digest::Sha256, "sha256"),
    (Digest::Sha384, "sha384"),
    (Digest::Sha512, "sha512"),
    (Digest::Sha3_256, "sha3-256"),
];

/// A folder with `key.pem`, and its public key.
fn key_of(bits: usize) -> (OpenSsl, Key) {
    let openssl = OpenSsl::new();
    let command = format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out key.pem");
    openssl.run(&command, b"");
    let public = openssl.run("pkey -in key.pem -pubout", b"");
    (openssl, Key::decode("k", &public).unwrap())
}

#[test]
fn a_signature_shows_its_digest_to_whoever_has_the_key() {
    for bits in [1024, 2048, 2055] {
        let (openssl, key) = key_of(bits);
        let (_, other) = key_of(bits);
        for (digest, name) in DIGESTS {
            let signature = openssl.run(&format!("dgst -{name} -sign key.pem"), MESSAGE);
            let opened = OpenedSignature::Digest(*digest, digest.of(MESSAGE));
            assert_eq!(key.open(&signature), Some(opened), "{bits} {name}");
            assert_eq!(other.open(&signature), Some(OpenedSignature::Unknown));
            let mut damaged = signature;
            damaged[7] ^= 1;
            assert_eq!(key.open(&damaged), Some(OpenedSignature::Unknown));
            assert_eq!(key.open(&damaged[1..]), None);
        }
        for (digest, name) in &DIGESTS[1..4] {
            for salt in ["digest", "20"] {
                let options = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen";
                let command = format!("dgst -{name} {options}:{salt} -sign key.pem");
                let signature = openssl.run(&command, MESSAGE);
                let opened = key.open(&signature);
                let Some(OpenedSignature::Pss(pss)) = opened else {
                    panic!("{bits} {name} {salt}: {opened:?}");
                };
                let pss = &pss[0];
                assert!(pss.is_certain() && pss.signs(MESSAGE) && !pss.signs(b"x"));
                assert_eq!(pss.hash, pss.mask, "{digest:?}");
                assert_eq!(other.open(&signature), Some(OpenedSignature::Unknown));
            }
        }
    }
}

#[test]
fn a_block_that_holds_no_digest_info_is_told_apart() {
    let (openssl, key) = key_of(2048);
    let sign = |held: &[u8]| {
        std::fs::write(openssl.path("held"), held).unwrap();
        openssl.run("pkeyutl -sign -inkey key.pem -in held", b"")
    };
    let digest = Digest::Sha256.of(MESSAGE);
    let bare = sign(&digest);
    assert_eq!(key.open(&bare), Some(OpenedSignature::Bare(digest.clone())));
    let without_null = b"\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20";
    let opened = OpenedSignature::DigestWithoutNull(Digest::Sha256, digest.clone());
    let signature = sign(&[&without_null[..], &digest].concat());
    assert_eq!(key.open(&signature), Some(opened));
    // Bytes behind the digest, by which signatures under small exponents were once forged.
    let held = [&without_null[..], &digest, b"\0"].concat();
    assert_eq!(key.open(&sign(&held)), Some(OpenedSignature::Bare(held)));
    // A number that is not below the modulus is no signature of anybody's.
    assert_eq!(key.open(&[0xff; 256]), Some(OpenedSignature::Unknown));
}

#[test]
fn any_parameters_of_pss_and_any_digest_are_named() {
    let (openssl, key) = key_of(2048);
    for (hash, options, told) in [
        ("sha256", "saltlen:max", ("SHA-256", "SHA-256", 222)),
        ("sha256", "saltlen:0", ("SHA-256", "SHA-256", 0)),
        ("sha256", "mgf1_md:sha1", ("SHA-256", "SHA-1", 222)),
        ("sha224", "saltlen:digest", ("SHA-224", "SHA-224", 28)),
        ("sha3-512", "saltlen:digest", ("SHA3-512", "SHA3-512", 64)),
    ] {
        let options = match options.split_once(':') {
            Some(("mgf1_md", _)) => format!("rsa_{options} -sigopt rsa_pss_saltlen:max"),
            _ => format!("rsa_pss_{options}"),
        };
        let command =
            format!("dgst -{hash} -sigopt rsa_padding_mode:pss -sigopt {options} -sign key.pem");
        let opened = key.open(&openssl.run(&command, MESSAGE));
        let Some(OpenedSignature::Pss(pss)) = opened else {
            panic!("{command}: {opened:?}");
        };
        assert!(!pss.iter().any(|pss| pss.signs(b"x")), "{command}");
        let pss = pss.iter().find(|pss| pss.signs(MESSAGE)).unwrap();
        assert_eq!((pss.hash, pss.mask, pss.salt_length()), told, "{command}");
        assert_eq!(pss.is_certain(), told.2 != 222, "{command}");
    }
    for (hash, name) in [
        ("sha224", "SHA-224"),
        ("sha512-256", "SHA-512/256"),
        ("sha3-512", "SHA3-512"),
        ("ripemd160", "RIPEMD-160"),
    ] {
        let signature = openssl.run(&format!("dgst -{hash} -sign key.pem"), MESSAGE);
        let opened = OpenedSignature::OtherDigest(name);
        assert_eq!(key.open(&signature), Some(opened), "{hash}");
    }
}

#[test]
fn keys_of_other_kinds_open_nothing() {
    let openssl = OpenSsl::new();
    openssl.run("genpkey -algorithm ED25519 -out key.pem", b"");
    let public = openssl.run("pkey -in key.pem -pubout", b"");
    let key = Key::decode("k", &public).unwrap();
    assert!(key.fits(Algorithm::Ed25519));
    assert_eq!(key.open(&[0; 64]), None);
}
