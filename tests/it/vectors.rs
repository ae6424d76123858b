//! Callbacks signed by others: Jackson with `java.security`, PHP with OpenSSL, and the platforms.

use std::fs;

use countersign::verify::{Callback, Key, Reason, signed_text, verify};
use http::{HeaderMap, HeaderValue};

use super::cases::{self, Case, NOW};

/// The index of the candidate that the signer says it signed.
fn candidate(case: &Case) -> usize {
    let policy = cases::policy(case.scheme);
    let candidates = signed_text(&policy.scheme, case.callback()).unwrap();
    let place = candidates
        .iter()
        .position(|text| *text == case.signed_content);
    place.unwrap_or_else(|| {
        let texts: Vec<_> = candidates
            .iter()
            .map(|text| String::from_utf8_lossy(text))
            .collect();
        let signed = String::from_utf8_lossy(&case.signed_content);
        panic!("{}: {texts:?} instead of {signed:?}", case.id)
    })
}

#[test]
fn every_cheezeepay_case_verifies_over_the_text_that_was_signed() {
    let policy = cases::policy("cheezeepay");
    let cases = cases::of("cheezeepay");
    assert_eq!(cases.len(), 40);
    let mut as_doubles = 0;
    for case in &cases {
        let verified = verify(&policy, case.callback(), NOW)
            .unwrap_or_else(|error| panic!("{} {error}", case.id));
        assert_eq!(
            verified.signed_content(),
            case.signed_content,
            "{}",
            case.id
        );
        assert_eq!(verified.key().id(), "cheezeepay");
        // Jackson parsed these bodies, so fractions became doubles. That is the second candidate.
        let candidates = signed_text(&policy.scheme, case.callback()).unwrap();
        let differs = candidates.last() != candidates.first();
        assert_eq!(candidate(case), usize::from(differs), "{}", case.id);
        as_doubles += usize::from(differs);
    }
    assert!((10..=30).contains(&as_doubles), "{as_doubles}");
}

#[test]
fn every_sgate_case_verifies_over_the_digest_of_the_text_that_was_signed() {
    let policy = cases::policy("sgate");
    let cases = cases::of("sgate");
    assert_eq!(cases.len(), 40);
    for case in &cases {
        let verified = verify(&policy, case.callback(), NOW)
            .unwrap_or_else(|error| panic!("{} {error}", case.id));
        let md5 = case.md5.as_ref().unwrap();
        assert_eq!(verified.signed_content(), md5.as_bytes(), "{}", case.id);
        // The first candidate is PHP's form.
        assert_eq!(candidate(case), 0, "{}", case.id);
        let header = |name: &str| case.headers[name].to_str().unwrap();
        assert_eq!(verified.timestamp(), header("v-timestamp").parse().ok());
        assert_eq!(verified.nonce(), Some(header("v-nonce-str")));
        assert!(verified.event().is_some());
    }
}

#[test]
fn no_case_verifies_under_the_other_key() {
    for case in cases::all() {
        let other = match case.scheme {
            "sgate" => "cheezeepay",
            _ => "sgate",
        };
        let key = Key::decode("other", &fs::read(cases::key_file(other)).unwrap()).unwrap();
        let policy = cases::policy_with(case.scheme, key);
        let rejection = verify(&policy, case.callback(), NOW).unwrap_err();
        assert_eq!(rejection.reason, Reason::SignatureMismatch, "{}", case.id);
    }
}

#[test]
fn the_platforms_own_callback_verifies_under_the_key_it_published() {
    let published = cases::published();
    let one_line = published.cheezeepay_key.into_bytes();
    for key in [one_line, fs::read("conf/keys/cheezeepay.pem").unwrap()] {
        let policy = cases::policy_with("cheezeepay", Key::decode("p", &key).unwrap());
        let case = &published.pay_in;
        let verified = verify(&policy, case.callback(), NOW).unwrap();
        assert_eq!(verified.signed_content(), case.signed_content);
    }
}

#[test]
fn the_account_change_example_as_printed_is_refused() {
    let published = cases::published();
    let key = Key::decode("p", published.cheezeepay_key.as_bytes()).unwrap();
    let policy = cases::policy_with("cheezeepay", key);
    let case = &published.account_change;
    let texts = signed_text(&policy.scheme, case.callback()).unwrap();
    assert_eq!(texts, [&case.signed_content[..]]);
    let rejection = verify(&policy, case.callback(), NOW).unwrap_err();
    assert_eq!(rejection.reason, Reason::SignatureMismatch);
}

#[test]
fn the_digest_in_sgates_documentation_is_reproduced() {
    let published = cases::published();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("v-api-key", "xxxxxxxxxxxxxx"),
        ("v-timestamp", "1686647706"),
        ("v-nonce-str", "TIj5tZ3gM6FbprYlKNR2"),
        // The text does not depend on the signature, but the header must be present.
        ("v-signature", "AAAA"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let callback = Callback::new("GET", b"/openApi/v1/payee/custom/list", &headers, b"");
    let texts = signed_text(&cases::policy("sgate").scheme, callback).unwrap();
    assert_eq!(texts, [published.sgate_text.as_bytes()]);
    assert_eq!(md5_hex(&texts[0]), published.sgate_md5);
}

fn md5_hex(text: &[u8]) -> String {
    use md5::{Digest as _, Md5};
    let digest = Md5::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
