//! WeChat Pay's notifications, encrypted by its official PHP library; made by
//! `tests/vectors/wechatpay.php`.

use std::fs;
use std::sync::Arc;

use countersign::decrypt::{Cipher, DecryptionKey, Encoding, Iv, Rule, SiblingField};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{decrypt, policy, rule, text};

fn resource() -> Rule {
    let sibling = |field: &str| SiblingField::new(field, Encoding::Text);
    let mut rule = rule("$.resource.ciphertext", Cipher::AesGcm { bits: 256 });
    rule.iv = Some(Iv::Sibling(sibling("nonce")));
    rule.aad = Some(sibling("associated_data"));
    rule
}

fn key(bytes: &str) -> Vec<Arc<DecryptionKey>> {
    let bytes = Zeroizing::new(bytes.as_bytes().to_vec());
    vec![Arc::new(DecryptionKey::aes("apiv3", bytes).unwrap())]
}

#[test]
fn resources_decrypt() {
    let file = fs::read_to_string("tests/vectors/wechatpay.jsonl").unwrap();
    let mut count = 0;
    for line in file.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let [bytes, expected, body] =
            ["key", "clear", "body"].map(|name| case[name].as_str().unwrap());
        let clear = decrypt(body.to_owned(), &policy(resource(), key(bytes))).unwrap();
        let seen: Value = serde_json::from_str(text(&clear)).unwrap();
        assert_eq!(seen["resource"]["ciphertext"], expected);
        assert!(serde_json::from_str::<Value>(expected).unwrap().is_object());

        let other = policy(resource(), key("Another-APIv3-key-of-32-letters0"));
        let damaged = body
            .replace("\"nonce\":\"", "\"nonce\":\"x")
            .replace("\",\"nonce", "x\",\"nonce");
        let missing = body.replace("\"nonce\"", "\"once\"");
        for (body, policy) in [
            (body.to_owned(), &other),
            (damaged, &policy(resource(), key(bytes))),
            (missing, &policy(resource(), key(bytes))),
        ] {
            let clear = decrypt(body, policy).unwrap();
            assert!(clear.body().is_none());
            assert_eq!(clear.failed().known(), ["/resource/ciphertext"]);
        }
        count += 1;
    }
    assert_eq!(count, 4);
}
