//! HMAC and digests as RFC 4231, RFC 2202 and FIPS 180 and 202 publish them; Ed25519 as RFC 8032 does.

use countersign_verify::keys::{DigestCheck, MacKey, is_same_secret};
use countersign_verify::{Algorithm, Key};

use super::{hex, verdict};

use Algorithm::{HmacMd5, HmacSha1, HmacSha256, HmacSha384, HmacSha512};

/// Algorithm, key, message, HMAC.
type PublishedMac = (Algorithm, Vec<u8>, Vec<u8>, Vec<u8>);

fn macs() -> Vec<PublishedMac> {
    let jefe = || (b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec());
    let long = || {
        let text = "This is a test using a larger than block-size key and a larger than block-size \
            data. The key needs to be hashed before being used by the HMAC algorithm.";
        (vec![0xaa; 131], text.as_bytes().to_vec())
    };
    [
        // RFC 2202, sections 2 and 3, case 2.
        (HmacMd5, jefe(), "750c783e6ab0b503eaa86e310a5db738"),
        (HmacSha1, jefe(), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        // RFC 4231, section 4.3.
        (
            HmacSha256,
            jefe(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            HmacSha384,
            jefe(),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
        ),
        (
            HmacSha512,
            jefe(),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
        // Section 4.8.
        (
            HmacSha256,
            long(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
        (
            HmacSha384,
            long(),
            "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
        ),
        (
            HmacSha512,
            long(),
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
        ),
    ]
    .into_iter()
    .map(|(algorithm, (key, message), mac)| (algorithm, key, message, hex(mac)))
    .collect()
}

#[test]
fn published_hmacs_match_however_the_message_comes() {
    for (algorithm, key, message, mac) in macs() {
        let prepared = MacKey::new(algorithm, &key).unwrap();
        for size in [1, 7, message.len()] {
            let mut running = prepared.clone();
            for piece in message.chunks(size) {
                running.update(piece);
            }
            assert!(running.matches(&mac), "{algorithm} {size}");
        }
        for at in 0..mac.len() {
            let mut changed = mac.clone();
            changed[at] ^= 1 << (at % 8);
            let mut running = prepared.clone();
            running.update(&message);
            assert!(!running.matches(&changed), "{algorithm} {at}");
        }
        for wrong in [
            &mac[1..],
            &mac[..mac.len() - 1],
            &[],
            &[&mac[..], &[0]].concat(),
        ] {
            let mut running = prepared.clone();
            running.update(&message);
            assert!(!running.matches(wrong), "{algorithm}");
        }
        let mut longer = prepared.clone();
        longer.update(&message);
        longer.update(b"\0");
        assert!(!longer.matches(&mac), "{algorithm}");
    }
}

#[test]
fn only_hmacs_have_a_mac_key_and_only_digests_a_digest() {
    for algorithm in Algorithm::ALL {
        let name = algorithm.name();
        assert_eq!(
            MacKey::new(*algorithm, b"k").is_some(),
            name.starts_with("hmac-"),
            "{name}"
        );
        let is_digest = name.starts_with("sha") || name == "md5";
        assert_eq!(DigestCheck::new(*algorithm).is_some(), is_digest, "{name}");
    }
}

/// `abc`: FIPS 180-4 and 202, and RFC 1321, appendix A.5.
#[test]
fn published_digests_match() {
    for (algorithm, digest) in [
        (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
        (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            Algorithm::Sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            Algorithm::Sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Algorithm::Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
        (
            Algorithm::Sha3_256,
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        ),
    ] {
        let start = DigestCheck::new(algorithm).unwrap();
        let digest = hex(digest);
        let of = |message: &[&[u8]], digest: &[u8]| {
            let mut running = start.clone();
            for piece in message {
                running.update(piece);
            }
            running.matches(digest)
        };
        assert!(of(&[b"abc"], &digest), "{algorithm}");
        assert!(of(&[b"a", b"", b"bc"], &digest), "{algorithm}");
        assert!(!of(&[b"abd"], &digest), "{algorithm}");
        assert!(!of(&[b"abc"], &digest[1..]), "{algorithm}");
        assert!(!of(&[b"abc"], &[]), "{algorithm}");
    }
}

#[test]
fn secrets_are_the_same_only_if_every_byte_is() {
    assert!(is_same_secret(b"token", b"token"));
    for other in [&b"tokem"[..], b"Token", b"toke", b"tokenn", b""] {
        assert!(!is_same_secret(b"token", other));
    }
}

/// RFC 8032, section 7.1, tests 1 to 3.
#[test]
fn published_ed25519_signatures_pass_and_each_changed_byte_fails() {
    for (key, message, signature) in [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        let key = Key::decode("key", key.as_bytes()).unwrap();
        let (message, mut signature) = (hex(message), hex(signature));
        assert!(verdict(&key, Algorithm::Ed25519, &message, &signature));
        assert!(!verdict(&key, Algorithm::Ed25519, b"other", &signature));
        for at in 0..signature.len() {
            signature[at] ^= 1 << (at % 8);
            assert!(
                !verdict(&key, Algorithm::Ed25519, &message, &signature),
                "{at}"
            );
            signature[at] ^= 1 << (at % 8);
        }
    }
}
