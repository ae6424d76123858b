//! The keys of `[[scheme]]`, without its content.

use super::CONTENT;
use super::section::Section;
use super::setting::setting;
use super::value_kind::{DAY, SECOND, ValueKind, words};
use crate::config::classic_scheme::{SignatureEncoding, TimeUnit};
use crate::verify::Algorithm;
use crate::verify::body::{BodyFormat, Charset};
use crate::verify::scheme::SignatureForm;
use ValueKind::{Boolean, Duration, HeaderName, Integer, List, Name, Table, Text, Word};

/// The table `[[scheme]]`.
pub(in crate::config) static SCHEME: Section = Section {
    path: "scheme",
    header: "[[scheme]]",
    settings: &[
        setting(
            "name",
            Name,
            r#"Routes refer to the scheme by it, and the backend gets it as `X-Verified-Scheme`.
            `cheezeepay` and `sgate` are reserved"#,
        )
        .required(),
        setting(
            "algorithm",
            Word(words::<Algorithm>),
            r#"What makes the signature, down to the digest. `rsa-*` is RSASSA-PKCS1-v1_5 (Java's
            `SHA256withRSA`), `rsa-pss-*` RSASSA-PSS with a salt as long as the digest (`PS256`),
            `ecdsa-*` ECDSA on that curve (`ES256`), `hmac-*` an HMAC under a secret, which is its
            own [`[[key]]`](#key). Signatures over SHA-1 and MD5 give a warning"#,
        )
        .required(),
        setting("signature", Table(&SIGNATURE), r#"Where the signature is"#).required(),
        setting(
            "signature_form",
            Word(words::<SignatureForm>),
            r#"How the two numbers of an ECDSA signature are written: as a DER sequence, as OpenSSL
            and Java write it (it begins with `MEU` or `MEQ` in base64, `30` in hexadecimal); or one after
            the other, as JOSE and Web Crypto do (64, 96 or 132 bytes). Required for `ecdsa-*`, and
            for nothing else"#,
        ),
        setting(
            "timestamp",
            Table(&TIMESTAMP),
            r#"Where the timestamp is, if callbacks have one"#,
        ),
        setting(
            "nonce",
            Table(&NONCE),
            r#"Where the nonce is, if callbacks have one"#,
        ),
        setting(
            "key_id",
            Table(&KEY_ID),
            r#"The header that names the merchant or the key, if there is one"#,
        ),
        setting(
            "body",
            Word(words::<BodyFormat>),
            r#"The format of the bodies. Without it: JSON if the scheme or the route uses a value
            in them, otherwise anything. See [What the body is](#what-the-body-is)"#,
        ),
        setting(
            "charset",
            Word(words::<Charset>),
            r#"The character set of forms (`body = "form"`): names and values are read in it, and the
            signed content is written in it"#,
        )
        .default(r#""utf-8""#),
        setting(
            "event",
            Table(&EVENT),
            r#"The body field that names the event, if there is one. Then the scheme's bodies are
            JSON, unless `body` says otherwise: see [What the body is](#what-the-body-is)"#,
        ),
        setting(
            "max_age",
            Duration(SECOND, DAY.saturating_mul(366)),
            r#"How far the timestamp may differ from now in either direction, unless a route says
            otherwise. Requires `timestamp`"#,
        )
        .otherwise(r#"no limit"#),
        setting(
            "identity",
            List(&Text),
            r#"What copies of a callback have in common, unless a route says otherwise: see
            [`route.once`](#routeonce)"#,
        )
        .written(r#"list of fields and placeholders"#)
        .default(r#"["{content}"]"#),
        setting(
            "keep",
            Duration(SECOND, DAY.saturating_mul(1000)),
            r#"How long `once` remembers a callback, unless a route says otherwise"#,
        )
        .default(r#""1day""#),
        setting(
            "failure",
            List(&Text),
            r#"Complete bodies by which a backend tells the provider that it did not accept a
            callback, ignoring white space at the ends. A 2xx answer with such a body is not a
            success: see [What a success is](once.md#what-a-success-is). List what the
            provider's documentation names; what a backend writes on success is for the route's
            `success`"#,
        )
        .default("[]"),
        setting("content", Table(&CONTENT), r#"What is signed"#).required(),
        setting(
            "ambiguous_join",
            Boolean,
            r#"States that the provider joins values that cannot be told apart again: see [Where
            values end](#where-values-end). Every callback is then marked with
            `X-Verified-Ambiguous: true`, and only `["{content}"]` can be the identity"#,
        )
        .default("false"),
        setting(
            "unsigned_body",
            Boolean,
            r#"States that the provider's signature does not cover the body. **Anybody who sees one
            callback can then forge others**: use only what is signed"#,
        )
        .default("false"),
    ],
    one_of: &[],
};

/// The table `scheme.signature`.
pub(in crate::config) static SIGNATURE: Section = Section {
    path: "scheme.signature",
    header: "signature",
    settings: &[
        setting(
            "header",
            HeaderName,
            r#"The header that contains the signature"#,
        ),
        setting(
            "field",
            Text,
            r#"The body field that contains it, a string"#,
        ),
        setting(
            "encoding",
            Word(words::<SignatureEncoding>),
            r#"Its encoding: base64 with the standard alphabet, padded and without white space; or
            hexadecimal in either case. At most 4096 characters"#,
        )
        .default(r#""base64""#),
    ],
    one_of: &["header", "field"],
};

/// The table `scheme.timestamp`.
pub(in crate::config) static TIMESTAMP: Section = Section {
    path: "scheme.timestamp",
    header: "timestamp",
    settings: &[
        setting(
            "header",
            HeaderName,
            r#"The header that contains the timestamp"#,
        ),
        setting(
            "field",
            Text,
            r#"The body field that contains it, a number or a string"#,
        ),
        setting(
            "unit",
            Word(words::<TimeUnit>),
            r#"The unit, counted from 1970. The timestamp is a whole number of at most 19 digits,
            without sign and leading zeros: `timestamp_malformed`. If `parts` have another
            value or a digit directly next to it, it must have 10 digits (13 for milliseconds),
            as all times between 2001 and 2286 have"#,
        )
        .default(r#""seconds""#),
    ],
    one_of: &["header", "field"],
};

/// The table `scheme.nonce`.
pub(in crate::config) static NONCE: Section = Section {
    path: "scheme.nonce",
    header: "nonce",
    settings: &[
        setting(
            "header",
            HeaderName,
            r#"The header that contains the nonce"#,
        ),
        setting(
            "field",
            Text,
            r#"The body field that contains it, a string"#,
        ),
        setting(
            "max_length",
            Integer(1, 4096),
            r#"The most characters that it may have: `nonce_too_long`"#,
        )
        .default("128"),
    ],
    one_of: &["header", "field"],
};

/// The table `scheme.key_id`.
pub(in crate::config) static KEY_ID: Section = Section {
    path: "scheme.key_id",
    header: "key_id",
    settings: &[setting(
        "header",
        HeaderName,
        r#"The header. It selects from a route's table of `keys`"#,
    )
    .required()],
    one_of: &[],
};

/// The table `scheme.event`.
pub(in crate::config) static EVENT: Section = Section {
    path: "scheme.event",
    header: "event",
    settings: &[setting(
        "field",
        Text,
        r#"The body field. The backend gets it as `X-Verified-Event`, if the body has it as a
            string"#,
    )
    .required()],
    one_of: &[],
};
