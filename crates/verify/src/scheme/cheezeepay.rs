//! CheezeePay: RSA over the sorted fields of the JSON body, signature in the field `sign`.

use super::*;

/// The rule. The platform signs its own Java objects, so a fraction is first taken as written;
/// the merchants' sample code sees doubles, so their printed form is the second candidate.
pub(super) fn scheme() -> Scheme {
    let fields = SortedFields {
        order: NameOrder::Utf16,
        omit_empty: true,
        json_fields: vec!["data".into()],
        numbers: vec![NumberStyle::AsWritten, NumberStyle::JavaDouble],
        ..SortedFields::default()
    };
    Scheme {
        body: BodyFormat::Json,
        // The body's times are the event's and do not change on a retry, so that there is no signing time.
        // The platform repeats itself for five hours. Nothing in a callback ever makes it stale, so
        // that what is remembered is all there is against whoever captured one.
        keep: Duration::from_secs(7 * 24 * 60 * 60),
        // The platform goes by the status alone: 200, and nothing else.
        failure: Vec::new(),
        // Which callbacks can be read in several ways is found for each (`ambiguity`).
        ambiguous_join: false,
        ..Scheme::new(
            "cheezeepay",
            Algorithm::RsaSha256,
            SignatureRule::new(Source::field("sign"), SignatureEncoding::Base64),
            Content::new(Form::SortedFields(fields)),
        )
    }
}
