//! The keys of `[scheme.about]`: what is told of a scheme and changes no verdict.

use super::section::Section;
use super::setting::setting;
use super::value_kind::{ValueKind, words};
use crate::config::model::{Confidence, Evidence};
use ValueKind::{Text, Word};

/// The table `[scheme.about]`.
pub(in crate::config) static SCHEME_ABOUT: Section = Section {
    path: "scheme.about",
    header: "[scheme.about]",
    settings: &[
        setting("provider", Text, r#"Who signs so"#),
        setting(
            "title",
            Text,
            r#"Which of the provider's callbacks are meant"#,
        ),
        setting("region", Text, r#"Where the provider works"#),
        setting(
            "transport",
            Text,
            r#"How callbacks come: `"POST, JSON body"`"#,
        ),
        setting("source", Text, r#"Where the rules are from"#),
        setting(
            "confidence",
            Word(words::<Confidence>),
            r#"How certain the rules are. `high`: the provider's documentation or SDK says so, or a published
            signature fits; `medium`: others say so"#,
        ),
        setting(
            "evidence",
            Word(words::<Evidence>),
            r#"Who signed the requests on which the rules were tried: the provider (`official`,
            `official-via-copy`), the tests of an SDK (`sdk-test`), the provider's own library (`sdk-signed`; or it
            accepted them), another project (`third-party`), or whoever wrote the scheme, by the documented
            rules (`derived`). `none`: there was no request"#,
        ),
        setting(
            "time",
            Text,
            r#"Which time is signed, and how old a callback may be"#,
        ),
        setting(
            "acknowledgement",
            Text,
            r#"Which answer the provider takes for success"#,
        ),
        setting("retries", Text, r#"How often it sends a callback again"#),
        setting(
            "handshake",
            Text,
            r#"What it sends to see whether the address is right"#,
        ),
        setting("traps", Text, r#"What is easily done wrong"#),
    ],
    one_of: &[],
};
