//! CheezeePay's P2P example, which does not verify as it is printed.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::explain::{Question, TextStyle};
use countersign::verify::{Digest, Key, Scheme, VerifyPolicy};
use countersign::written_request::read_http;
use serde_json::Value;

#[test]
fn the_platforms_key_signed_the_printed_example_over_other_content() {
    let published = fs::read_to_string("tests/vectors/published.json").unwrap();
    let published: Value = serde_json::from_str(&published).unwrap();
    let key = published["cheezeepay_platform_public_key_spki_base64"]
        .as_str()
        .unwrap();
    let key = Key::decode("platform", key.as_bytes()).unwrap();
    let cases = published["cases"].as_array().unwrap();
    let printed = |case: &&Value| case["id"].as_str().unwrap().contains("as-printed");
    let case = cases.iter().find(printed).unwrap();
    let body = case["body"].as_str().unwrap();
    let content = case["signed_content"].as_str();
    let scheme = Scheme::find_built_in("cheezeepay").unwrap().clone();

    let signature: Value = serde_json::from_str(body).unwrap();
    let signature = STANDARD
        .decode(signature["sign"].as_str().unwrap())
        .unwrap();
    let countersign::verify::keys::OpenedSignature::Digest(Digest::Sha256, signed) =
        key.open(&signature).unwrap()
    else {
        panic!("the platform's key did not sign it");
    };
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };

    let policy = VerifyPolicy::new(scheme, key);
    let request = format!("POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}");
    let question = Question::new(read_http(request.as_bytes()).unwrap(), 1_700_000_000);
    let explanation = question.by_policy(&policy);
    let text = explanation.as_text(TextStyle::default());
    assert_eq!(explanation.diagnosis(), "other_content", "{text}");
    let first = "Why        This key signed it, with SHA-256, over other content: `platform`.";
    assert!(text.contains(first), "{text}");
    assert!(text.contains(&hex(&signed)), "{text}");
    if let Some(content) = content {
        assert!(
            text.contains(&hex(&Digest::Sha256.of(content.as_bytes()))),
            "{text}"
        );
    }
    let digests = text
        .lines()
        .filter(|line| line.trim_start().starts_with("SHA-256 of the content"));
    assert!(digests.count() > 0, "{text}");
}
