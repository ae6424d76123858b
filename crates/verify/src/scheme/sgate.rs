//! SGate virtual bank: MD5withRSA over the MD5 of a JSON object of headers, target and body.

use super::*;

/// The scheme. The platform's language is not published. The digests in its documentation match
/// PHP's `json_encode`, so PHP's form of U+2028 and U+2029 comes first and the raw one second.
pub(super) fn scheme() -> Result<Scheme, Vec<DefinitionError>> {
    let content = |style: &str| {
        let member = |name: &str, value: &str| format!("\"{name}\":{{{value}|json:{style}}}");
        [
            "{{".to_owned() + &member("api_key", "key_id"),
            "\"timestamp\":{timestamp}".to_owned(),
            member("nonce_str", "nonce"),
            member("url", "target"),
            member("method", "method"),
            member("body", "body") + "}}",
        ]
        .join(",")
    };
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("rsa-md5".into()),
        signature: vec!["{header:V-Signature|unbase64}".into()],
        key_id: Some("{header:V-Api-Key}".into()),
        timestamp: Some(TimestampDefinition {
            value: "{header:V-Timestamp}".into(),
            unit: "s".into(),
        }),
        nonce: Some("{header:V-Nonce-Str|max:128}".into()),
        event: Some("{field:event}".into()),
        content: vec![
            content("php+unicode+slashes"),
            content("php+unicode+slashes+lines"),
        ],
        signed: Some("{content|md5|hex}".into()),
        ..SchemeDefinition::default()
    };
    let mut scheme = Scheme::compile("sgate", definition)?;
    // The provider's five attempts span about 25 seconds.
    scheme.max_age = Some(Duration::from_secs(300));
    scheme.identity = vec![IdentityPart::KeyId, IdentityPart::Nonce];
    Ok(scheme)
}
