//! CheezeePay: RSA over the sorted fields of the JSON body, signature in the field `sign`.

use super::*;

/// The rule. The platform signs its own Java objects, so a fraction is first taken as written;
/// the merchants' sample code sees doubles, so their printed form is the second candidate.
pub(super) fn scheme() -> Scheme {
    Scheme {
        name: "cheezeepay".into(),
        algorithm: Algorithm::RsaSha256,
        signature: SignatureRule {
            source: Source::Field("sign".into()),
            encoding: SignatureEncoding::Base64,
        },
        // The body's times are the event's and do not change on a retry.
        timestamp: None,
        nonce: None,
        key_id: None,
        event: None,
        content: Content {
            form: Form::SortedFields(SortedFields {
                order: NameOrder::Utf16,
                omit_empty: true,
                assign: "=".into(),
                separator: "&".into(),
                json_fields: vec!["data".into()],
                numbers: vec![NumberStyle::AsWritten, NumberStyle::JavaDouble],
            }),
            digest: None,
        },
        // Which callbacks can be read in several ways is found for each (`verify::ambiguity`).
        ambiguous_join: false,
        max_age: None,
        // The platform repeats itself for five hours. Nothing in a callback ever makes it stale, so
        // that what is remembered is all there is against whoever captured one.
        identity: vec![IdentityPart::Content],
        keep: Duration::from_secs(7 * 24 * 60 * 60),
        // The platform goes by the status alone: 200, and nothing else.
        failure: Vec::new(),
    }
}
