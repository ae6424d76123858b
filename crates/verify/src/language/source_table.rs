//! Where values come from: the closed list of sources.

use super::value_type::ValueType;

/// A source, as a kind of value.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourceKind {
    /// Its name in expressions.
    pub(super) name: &'static str,
    /// What its argument is called in the documentation, if it takes one.
    pub(super) argument: Takes,
    pub(super) gives: ValueType,
    /// What it is, for the documentation.
    pub(super) meaning: &'static str,
}

/// Whether a source takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// An argument that is called so.
    One(&'static str),
}

use Takes::{Nothing, One};
use ValueType::{Bytes, Json, Text, Texts};

const fn source(
    name: &'static str,
    argument: Takes,
    gives: ValueType,
    meaning: &'static str,
) -> SourceKind {
    SourceKind {
        name,
        argument,
        gives,
        meaning,
    }
}

/// Every source. A name may stand twice: with an argument and without one.
pub(super) const SOURCES: &[SourceKind] = &[
    source("method", Nothing, Text, "The method."),
    source(
        "target",
        Nothing,
        Text,
        "The request target as the provider called it: path and query, percent-encoding untouched.",
    ),
    source("path", Nothing, Text, "The target up to the first `?`."),
    source(
        "query",
        Nothing,
        Text,
        "The target after the first `?`, as it is written; empty if there is none.",
    ),
    source(
        "query",
        One("NAME"),
        Text,
        "A parameter of the query, decoded.",
    ),
    source("host", Nothing, Text, "The `Host`, in lower case."),
    source(
        "url",
        Nothing,
        Text,
        "The route's public origin, followed by the target. Never taken from `Host`.",
    ),
    source(
        "configured_url",
        Nothing,
        Text,
        "The route's public URL, as it is configured.",
    ),
    source(
        "header",
        One("NAME"),
        Text,
        "A header that must occur exactly once. Of several names, separated by commas, the one that is there.",
    ),
    source("headers", One("NAME"), Texts, "All values of a header."),
    source("body", Nothing, Bytes, "The body as received."),
    source("content", Nothing, Bytes, "The content; only in `signed`."),
    source(
        "field",
        One("NAME"),
        Json,
        "A top-level field of a JSON body, or, as a JSON Pointer (`/a/b`), any value in it.",
    ),
    source("document", Nothing, Json, "The whole JSON body."),
    source("form", One("NAME"), Text, "A field of a form, decoded."),
    source(
        "xml",
        One("NAME"),
        Text,
        "The text of a child of the root element.",
    ),
    source(
        "fields",
        Nothing,
        Bytes,
        "The fields that `fields` selects.",
    ),
    source(
        "fields",
        One("SELECTION"),
        Bytes,
        "The fields that another selection selects.",
    ),
    source(
        "jose",
        One("NAME"),
        Json,
        "A member of the header of a JWS, or, as a JSON Pointer, any value in it.",
    ),
    source(
        "claim",
        One("NAME"),
        Json,
        "A member of the payload in a JWS, or, as a JSON Pointer, any value in it.",
    ),
    source(
        "param",
        One("NAME"),
        Text,
        "A parameter of a signature of RFC 9421: `created`, `expires`, `nonce`, `alg`, `keyid` or `tag`.",
    ),
    source("timestamp", Nothing, Text, "The timestamp as received."),
    source("nonce", Nothing, Text, "The nonce."),
    source("key_id", Nothing, Text, "The id of the key."),
    source(
        "secret",
        Nothing,
        Text,
        "The secret of the key that is tried.",
    ),
    source("secret", One("NAME"), Text, "A further secret of that key."),
    source("value", One("NAME"), Text, "A constant of the route."),
];

/// The names of all sources, each once.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    let mut last = "";
    SOURCES.iter().filter_map(move |source| {
        let is_new = source.name != last;
        last = source.name;
        is_new.then_some(source.name)
    })
}
