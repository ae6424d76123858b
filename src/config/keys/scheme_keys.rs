//! The keys of `[[scheme]]`, without its selections of fields.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{DAY, SECOND, ValueKind, words};
use super::{
    SCHEME_ABOUT, SCHEME_ACKNOWLEDGE, SCHEME_ALGORITHM, SCHEME_CASE, SCHEME_CERTIFICATE,
    SCHEME_HANDSHAKE, SCHEME_REFUSE, SCHEME_STEP, SCHEME_TIMESTAMP, SELECTION,
};
use crate::verify::body::BodyFormat;
use crate::verify::language::SchemeDefinition;
use crate::verify::scheme::SignatureForm;
use ValueKind::{Any, Boolean, Duration, List, Map, Name, OneOrList, Table, Tables, Text, Word};

/// The table `[[scheme]]`.
pub(in crate::config) static SCHEME: Section = Section {
    path: "scheme",
    header: "[[scheme]]",
    settings: &[
        setting(
            "name",
            Name,
            r#"Routes refer to the scheme by it, and the backend gets it as `X-Verified-Scheme`. A scheme with the
            name of [one that comes with the program](providers.md) takes its place"#,
        )
        .required(),
        setting(
            "about",
            Table(&SCHEME_ABOUT),
            r#"Who signs so, and what is known of it. Nothing of it changes a verdict"#,
        ),
        setting(
            "algorithm",
            Any(&[
                Word(SchemeDefinition::algorithms),
                Table(&SCHEME_ALGORITHM),
            ]),
            r#"What makes the signature, down to the digest. `rsa-*` is RSASSA-PKCS1-v1_5 (Java's
            `SHA256withRSA`), `rsa-pss-*` RSASSA-PSS with a salt as long as the digest (`PS256`),
            `ecdsa-*` ECDSA on that curve (`ES256`), `hmac-*` an HMAC under a secret, which is its
            own [`[[key]]`](#key). `jws-*` is a JWS in its compact form, `rfc9421-*` an HTTP Message
            Signature. A plain digest needs the secret in what is signed. SHA-1 and MD5 give a warning"#,
        )
        .written(r#"[algorithm](schemes.md#algorithms), or table"#)
        .required(),
        setting(
            "signature",
            OneOrList(&Text),
            r#"Where the signature is, decoded to its bytes: `"{header:X-Sign|unbase64}"`. Of several
            expressions, those whose value is missing or in another form drop out; one of the others must
            fit. Required, except with `rfc9421-*`"#,
        )
        .written(r#"expression, or list of expressions"#)
        .holds(Holds::Expression),
        setting(
            "signature_form",
            Word(words::<SignatureForm>),
            r#"How the two numbers of an ECDSA signature are written: as a DER sequence, as OpenSSL
            and Java write it (it begins with `MEU` or `MEQ` in base64, `30` in hexadecimal); or one after
            the other, as JOSE and Web Crypto do (64, 96 or 132 bytes). Required for `ecdsa-*`, and
            for nothing else"#,
        ),
        setting(
            "key",
            Text,
            r#"For HMAC and tokens: the key, if it is not the secret as it is written:
            `"{secret|unhex}"`"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression),
        setting(
            "key_id",
            Text,
            r#"What names the merchant or the key, if anything does. A header selects from a route's
            table of `keys`; anything else, the keys whose id or `kid` it is"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression),
        setting(
            "certificate",
            Table(&SCHEME_CERTIFICATE),
            r#"Where the callback brings the certificate of the key that signed it. A route's `keys` are then
            the certificates of those that issue it: see [Certificates](schemes.md#certificates)"#,
        ),
        setting(
            "timestamp",
            Any(&[Text, Table(&SCHEME_TIMESTAMP)]),
            r#"Where the timestamp is, if callbacks have one: an expression for Unix seconds, or a table
            with another unit"#,
        )
        .written(r#"expression, or table"#)
        .holds(Holds::Expression),
        setting(
            "nonce",
            Text,
            r#"Where the nonce is, if callbacks have one: `"{header:X-Nonce|max:128}"`"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression),
        setting(
            "let",
            Map(&Any(&[OneOrList(&Text), Table(&SCHEME_STEP)])),
            r#"Steps with names of your own, which expressions below then use: `let = { v =
            "{header:X-Sign|pairs:,}" }` and `"{v|one:t}"`. A list holds candidates"#,
        )
        .written(r#"table of expressions, lists of expressions, or tables"#)
        .holds(Holds::Expression),
        setting(
            "content",
            OneOrList(&Text),
            r#"What is signed: `"{timestamp}.{body}"`. A list holds candidates, the more likely first;
            each costs a verification for a forged callback. Without it only for tokens and JWS"#,
        )
        .written(r#"expression, or list of expressions"#)
        .holds(Holds::Expression),
        setting(
            "payload",
            Text,
            r#"The payload of a JWS that does not contain it"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression),
        setting(
            "components",
            List(&Text),
            r#"What an HTTP Message Signature must cover: `["@method", "content-digest"]`"#,
        )
        .written(r#"list of components"#)
        .otherwise("required with `rfc9421-*`"),
        setting(
            "label",
            Text,
            r#"The label of the HTTP Message Signature that counts; without it, any may"#,
        ),
        setting(
            "signed",
            Text,
            r#"What the algorithm is applied to, if that is not the content: `"{content|sha256|hex}"`"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression),
        setting(
            "check",
            Map(&OneOrList(&Text)),
            r#"Values that must be equal, compared in constant time: `{ "{header:X-Version}" = "1" }`. Of a
            list, to one of its expressions"#,
        )
        .written(r#"table of expressions, or lists of them, by expression"#)
        .holds(Holds::Expression),
        setting(
            "require",
            Map(&Text),
            r#"Values that must match a regular expression, from their first character to their last:
            `{ "{timestamp}" = "[0-9]{10}" }`"#,
        )
        .written(r#"table of regular expressions by expression"#)
        .holds(Holds::Expression),
        setting(
            "fields",
            Table(&SELECTION),
            r#"The fields that `{fields}` stands for"#,
        ),
        setting(
            "selection",
            Map(&Table(&SELECTION)),
            r#"Further selections of fields, each under a name of your own: `{fields:NAME}`"#,
        )
        .written(r#"table of tables as [`scheme.fields`](#schemefields)"#),
        setting(
            "body",
            Word(words::<BodyFormat>),
            r#"The format of the bodies, where no expression reads a value in them. Without it, they are
            JSON if a route does, or if the scheme reads the query and nothing of the body; otherwise anything. See [What the body is](#what-the-body-is)"#,
        ),
        setting(
            "charset",
            Text,
            r#"The character set of forms and queries: names and values are read in it, and the signed content
            is written in it. Or the field that names it: `"{form:charset|default:utf-8}"`. Of bodies in which
            nothing is read, the one that Content-Type may name"#,
        )
        .written(r#"`"utf-8"`, `"gbk"`, `"gb18030"`, `"big5"`, `"iso-8859-1"`, `"windows-1251"`, `"windows-1252"`, or expression"#)
        .default(r#""utf-8""#)
        .holds(Holds::Expression),
        setting(
            "content_type",
            OneOrList(&Text),
            r#"Content types of the provider's besides those of its bodies' format: see [What the body
            is](#what-the-body-is)"#,
        ),
        setting(
            "each",
            Text,
            r#"The items of a JSON body that are signed one by one: `"/items/*/data"`. All of them must
            verify"#,
        )
        .written(r#"JSON Pointer in which `*` is every element"#),
        setting(
            "event",
            Text,
            r#"The top-level body field that names the event, if there is one: `"{field:event}"`. The
            backend gets it as `X-Verified-Event`, if the body has it as a string"#,
        )
        .written(r#"expression"#)
        .holds(Holds::Expression),
        setting(
            "max_age",
            Any(&[
                Duration(SECOND, DAY.saturating_mul(366)),
                Word(|| vec![NO_MAX_AGE]),
            ]),
            r#"How far the timestamp may differ from now in either direction, unless a route says
            otherwise; `"none"` for no limit. Requires `timestamp`"#,
        )
        .otherwise("required with `timestamp`"),
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
        setting(
            "acknowledge",
            Table(&SCHEME_ACKNOWLEDGE),
            r#"What the provider wants to be answered once a callback was taken, for routes that say
            `acknowledge = "scheme"`: see [Acknowledgements](schemes.md#acknowledgements)"#,
        ),
        setting(
            "refuse",
            Table(&SCHEME_REFUSE),
            r#"The status with which callbacks are refused that are not verified: `{ status = 401 }`"#,
        )
        .otherwise("400"),
        setting(
            "handshake",
            Tables(&SCHEME_HANDSHAKE),
            r#"Requests by which the provider finds out whether somebody is there:
            [`[[scheme.handshake]]`](#schemehandshake), which the proxy answers without a backend"#,
        ),
        setting(
            "matters",
            Map(&Text),
            r#"Values on which backends rely, under names of your own: `{ amount = "{field:amount}" }`. The
            signature must cover them, unless `not_covered` has their names: see [What the signature
            covers](schemes.md#what-the-signature-covers)"#,
        )
        .written(r#"table of expressions"#)
        .default("{}")
        .holds(Holds::Expression),
        setting(
            "not_covered",
            List(&Text),
            r#"What the signature does not cover, so that `-t` does not warn of it: `method`, `target` or its
            `path` or `query`, `headers`, `body` or `fields` of it, `timestamp`, `nonce`, `key_id`, `event`,
            and names of `matters`. What is not true is an error"#,
        )
        .written(r#"list of words"#)
        .default("[]"),
        setting(
            "ambiguous_join",
            Boolean,
            r#"States that the provider joins values that cannot be told apart again: see [Where
            values end](schemes.md#where-values-end). Every callback is then marked with
            `X-Verified-Ambiguous: true`, and only `["{content}"]` can be the identity"#,
        )
        .default("false"),
        setting(
            "unsigned_body",
            Boolean,
            r#"States that the provider's signature does not cover the body, as `"body"` in `not_covered`
            does. **Anybody who sees one callback can then forge others**: use only what is signed. Each
            route then needs `once`, or its own word: `uncovered_body`"#,
        )
        .default("false"),
        setting(
            "case",
            Tables(&SCHEME_CASE),
            r#"Signed requests and what must come out: [`[[scheme.case]]`](#schemecase), which `countersign
            scheme test` runs. Serving does not use them"#,
        ),
    ],
    one_of: &[],
};

/// The word for a timestamp that may be of any age.
pub(in crate::config) const NO_MAX_AGE: &str = "none";
