//! CheezeePay: RSA over the sorted fields of the JSON body, with the signature in the field `sign`.

use super::*;

/// The scheme. The platform signs its own Java objects, so a fraction is first taken as written;
/// the merchants' sample code uses doubles, so their printed form is the second candidate.
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
        // The times in the body are the event's and do not change on a retry, so there is no
        // timestamp. The platform retries for five hours. A callback never becomes stale, so
        // remembering it is the only defence against whoever captured one.
        keep: Duration::from_secs(7 * 24 * 60 * 60),
        // The platform looks at the status alone: 200, and nothing else.
        failure: Vec::new(),
        // Callbacks that can be read in several ways are detected one by one (`ambiguity`).
        ambiguous_join: false,
        ..Scheme::new(
            "cheezeepay",
            Algorithm::RsaSha256,
            SignatureRule::new(Source::field("sign"), SignatureEncoding::Base64),
            Content::new(Form::SortedFields(fields)),
        )
    }
}
