//! What to do about each reason.

use crate::verify::Reason;

/// What to do about a reason that is not about a signature that does not fit.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) const fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::HandshakeUnsupported => {
            "Confirm the subscription by hand, as the provider describes."
        }
        Reason::ContentEncoded => {
            "Have the provider, or the proxy in front, send the body without Content-Encoding."
        }
        Reason::ContentTypeAmbiguous => {
            "Have Content-Type sent once, without a character set or with UTF-8."
        }
        Reason::ContentTypeNotJson | Reason::ContentTypeNotForm | Reason::ContentTypeNotXml => {
            "Find out who sets Content-Type: if it is the provider, name it in the scheme's `content_type`; if it is a proxy in front, have it pass the header on."
        }
        Reason::SignatureMissing => {
            "Look for the signature in the request: the provider may send it only once it is switched on in its settings, or under another name, or a proxy in front drops the header."
        }
        Reason::SignatureRepeated
        | Reason::TimestampRepeated
        | Reason::NonceRepeated
        | Reason::KeyIdRepeated
        | Reason::HeaderRepeated
        | Reason::ValueRepeated => {
            "Find out who sends it twice: a proxy in front may add a copy of its own."
        }
        Reason::SignatureMalformed => {
            "Compare the signature with what the scheme's `signature` decodes: hexadecimal, base64 or base64url, and whether it was cut."
        }
        Reason::SignatureTooLong => "Check whether the value is a signature at all.",
        Reason::KeyIdMissing => {
            "Have the header that names the key passed on; or, if there is one key only, name it with `key` instead of `keys`."
        }
        Reason::KeyIdMalformed => {
            "Check who writes the header that names the key: it must be UTF-8."
        }
        Reason::KeyUnknown => {
            "Add a key for this id to the route, or correct the id: ids must match exactly."
        }
        Reason::SignatureWrongLength => {
            "Check the algorithm and the key: another digest, or a key of another size, gives signatures of another length; so does a value that was cut, or decoded from hexadecimal where it is base64."
        }
        Reason::BodyEmpty => {
            "Find out what drops the body: a redirect, a proxy in front, or a recording without it."
        }
        Reason::BodyNotUtf8 | Reason::BodyNotInCharset => {
            "Have the provider send UTF-8, or set the scheme's `charset` for forms."
        }
        Reason::TooManyFields => {
            "Check whether this is a callback: no provider is known to send so many fields."
        }
        Reason::FormInvalid => {
            "Look at the byte that is named: often the body is JSON, or was decoded once too often."
        }
        Reason::XmlInvalid | Reason::XmlNotFlat | Reason::XmlForbidden => {
            "Look at the place that is named: the scheme reads one flat XML element."
        }
        Reason::JsonByteOrderMark => "Have the byte-order mark left out.",
        Reason::JsonInvalid | Reason::JsonTrailingBytes | Reason::JsonNotObject => {
            "Look at the byte that is named: often the body was cut, is a form, or was written as text twice."
        }
        Reason::JsonLoneSurrogate | Reason::JsonTooDeep => {
            "Ask the provider: other parsers read this differently."
        }
        Reason::FieldRepeated | Reason::QueryRepeated => {
            "Find out who adds the second name: parsers disagree on which one counts."
        }
        Reason::QueryInvalid | Reason::TargetMalformed => {
            "Look at the byte of the target that is named: it must be percent-encoded."
        }
        Reason::QueryShadowsField => {
            "Have the query left out of the URL that the provider calls: backends mix it with the form's fields."
        }
        Reason::TimestampMissing
        | Reason::NonceMissing
        | Reason::HeaderMissing
        | Reason::ValueMissing => {
            "Find out whether the provider sends it, and whether a proxy in front drops it; headers with underscores are dropped by many."
        }
        Reason::TimestampMalformed => {
            "Compare the time with the scheme's `unit`: seconds, milliseconds, or a date."
        }
        Reason::NonceMalformed
        | Reason::NonceTooLong
        | Reason::HeaderMalformed
        | Reason::ValueMalformed => "Compare the value with what the scheme's expression reads.",
        Reason::ValueUnexpected => {
            "Compare the value with the scheme's `check` and `require`, and constants with the route's `values`."
        }
        Reason::AlgorithmNotAllowed => {
            "If the provider does sign so, add the algorithm to the scheme's choice."
        }
        Reason::TooManySignatures => {
            "Have fewer keys tried: name the key by a header, or remove old ones."
        }
        Reason::SignatureMismatch => {
            "Compare the content with the provider's documentation, byte for byte."
        }
        Reason::TimestampStale | Reason::TimestampFuture => {
            "Check the clocks, and say when the request came: `--at TIME`."
        }
        Reason::BodyUnexpected => "Have the provider send no body, or allow one on the route.",
        Reason::FieldUnsigned => {
            "Find out who adds the field; if it is the provider, list it in the route's requirements or allow unsigned fields."
        }
        Reason::FieldMissing | Reason::FieldTypeWrong => {
            "Compare the body with the route's `require`: this may be another kind of callback."
        }
        Reason::ContentAmbiguous => {
            "Ask the provider for a signature that tells fields apart; the route's `ambiguous` says what becomes of such callbacks."
        }
        _ => "See docs/reasons.md.",
    }
}
