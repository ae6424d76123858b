//! SGate virtual bank: MD5withRSA over the MD5 of a JSON of headers, target and body.

use super::*;

/// The rule. The platform's language is not published; its documents' digest is that of PHP's
/// `json_encode`, so PHP's form of U+2028 and U+2029 comes first and the raw one second.
pub(super) fn scheme() -> Scheme {
    let member = |name: &str, value, number| JsonMember {
        name: name.into(),
        value,
        number,
    };
    let header = |name: &'static str| Source::Header(HeaderName::from_static(name));
    Scheme {
        name: "sgate".into(),
        algorithm: Algorithm::RsaMd5,
        signature: SignatureRule {
            source: header("v-signature"),
            encoding: SignatureEncoding::Base64,
        },
        timestamp: Some(TimestampRule {
            source: header("v-timestamp"),
            unit: TimeUnit::Seconds,
        }),
        nonce: Some(NonceRule {
            source: header("v-nonce-str"),
            max_length: 128,
        }),
        key_id: Some(HeaderName::from_static("v-api-key")),
        event: Some("event".into()),
        content: Content {
            form: Form::JsonObject(JsonObject {
                members: vec![
                    member("api_key", Part::KeyId, false),
                    member("timestamp", Part::Timestamp, true),
                    member("nonce_str", Part::Nonce, false),
                    member("url", Part::Target, false),
                    member("method", Part::Method, false),
                    member("body", Part::Body, false),
                ],
                escapes: vec![JsonEscape::Php, JsonEscape::PhpRawLineSeparators],
            }),
            digest: Some(ContentDigest::Md5Hex),
        },
        ambiguous_join: false,
        // The provider's five tries span about 25 seconds.
        max_age: Some(Duration::from_secs(300)),
        identity: vec![IdentityPart::KeyId, IdentityPart::Nonce],
        keep: Duration::from_secs(24 * 60 * 60),
        // The platform goes by the status alone: 200, and nothing else.
        failure: Vec::new(),
    }
}
