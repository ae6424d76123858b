//! SGate virtual bank: MD5withRSA over the MD5 of a JSON object of headers, target and body.

use super::*;

/// The scheme. The platform's language is not published. The digests in its documentation match
/// PHP's `json_encode`, so PHP's form of U+2028 and U+2029 comes first and the raw one second.
pub(super) fn scheme() -> Scheme {
    let object = JsonObject {
        members: vec![
            JsonMember::new("api_key", Part::KeyId),
            JsonMember::time("timestamp"),
            JsonMember::new("nonce_str", Part::Nonce),
            JsonMember::new("url", Part::Target),
            JsonMember::new("method", Part::Method),
            JsonMember::new("body", Part::Body),
        ],
        escapes: vec![JsonEscape::Php, JsonEscape::PhpRawLineSeparators],
    };
    let header = Source::static_header;
    Scheme {
        timestamp: Some(TimestampRule::new(header("v-timestamp"), TimeUnit::Seconds)),
        nonce: Some(NonceRule::new(header("v-nonce-str"), 128)),
        key_id: Some(HeaderName::from_static("v-api-key")),
        body: BodyFormat::Json,
        event: Some("event".into()),
        // The provider's five attempts span about 25 seconds.
        max_age: Some(Duration::from_secs(300)),
        identity: vec![IdentityPart::KeyId, IdentityPart::Nonce],
        // The platform looks at the status alone: 200, and nothing else.
        failure: Vec::new(),
        ..Scheme::new(
            "sgate",
            Algorithm::RsaMd5,
            SignatureRule::new(header("v-signature"), SignatureEncoding::Base64),
            Content::digested(Form::JsonObject(object), ContentDigest::Md5Hex),
        )
    }
}
