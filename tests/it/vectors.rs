use base64::{Engine, engine::general_purpose::STANDARD};
use countersign::verify::*;
use http::{HeaderMap, HeaderName};
use std::sync::Arc;

#[test]
fn all_pass() {
    for (file, pem, scheme) in [
        ("cheezeepay.jsonl", "cheezee_pub.pem", "cheezeepay"),
        ("sgate.jsonl", "sgate_pub.pem", "sgate"),
    ] {
        let key = Arc::new(
            PublicKey::decode("k", &std::fs::read(format!("tests/vectors/{pem}")).unwrap())
                .unwrap(),
        );
        let policy = Policy {
            scheme: Arc::new(Scheme::find_built_in(scheme).unwrap().clone()),
            keys: KeyRing::Any(vec![key]),
            max_age: None,
        };
        for line in std::fs::read_to_string(format!("tests/vectors/{file}"))
            .unwrap()
            .lines()
        {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let body = STANDARD.decode(case["body_b64"].as_str().unwrap()).unwrap();
            let mut headers = HeaderMap::new();
            for (k, v) in case["headers"].as_object().into_iter().flatten() {
                headers.insert(
                    HeaderName::try_from(k.as_str()).unwrap(),
                    v.as_str().unwrap().try_into().unwrap(),
                );
            }
            let callback = Callback {
                method: "POST",
                target: case["url"].as_str().unwrap_or("/").as_bytes(),
                headers: &headers,
                body: &body,
            };
            let verified = verify(&policy, callback, 0);
            let expected = STANDARD
                .decode(case["signing_b64"].as_str().unwrap())
                .unwrap();
            let texts = signed_text(&policy.scheme, callback).unwrap();
            assert!(
                texts.contains(&expected),
                "{} {:?}",
                case["id"],
                texts
                    .iter()
                    .map(|t| String::from_utf8_lossy(t))
                    .collect::<Vec<_>>()
            );
            verified.unwrap_or_else(|e| panic!("{} {e}", case["id"]));
        }
    }
}
