//! The request target that the provider called, if a front proxy rewrites it.

use super::context::Context;
use crate::config::diagnostic::Diagnostic;
use crate::config::model::SignedTarget;
use crate::config::reader::{Table, Text, describe};
use crate::config::resolve::headers;
use crate::verify::Scheme;

const PREFIX: &str = "signed_target_prefix";
const HEADER: &str = "signed_target_header";

pub(super) fn signed_target(
    table: &Table<'_>,
    scheme: Option<&Scheme>,
    context: &Context<'_>,
) -> Option<SignedTarget> {
    if !table.has(PREFIX) && !table.has(HEADER) {
        return Some(SignedTarget::AsReceived);
    }
    let (key, value) = table.require_one([PREFIX, HEADER], "")?;
    let target = if key == PREFIX {
        prefix(value.text()?).map(SignedTarget::Prefixed)
    } else {
        headers::of_callback(value, context.prefix).map(SignedTarget::FromHeader)
    };
    if scheme.is_some_and(|scheme| !scheme.reads_target()) {
        table.problems().report(
            Diagnostic::error(
                "needless setting",
                table.key_place(key),
                "the scheme does not sign the request's target",
            )
            .help(format!("remove `{key}`")),
        );
    }
    if key == HEADER && context.has_trusted_proxies == Some(false) {
        table.problems().report(
            Diagnostic::error(
                "no trusted proxies",
                table.key_place(key),
                "the header is only accepted from trusted proxies, and there are none",
            )
            .help("add the front proxy to `trusted_proxies` at the top level of the main file"),
        );
    }
    target
}

fn prefix(text: Text<'_>) -> Option<String> {
    let prefix = text.text;
    let (why, help) = if prefix.trim_matches('/').is_empty() {
        (
            "it adds nothing to the target".to_owned(),
            format!("remove `{PREFIX}`, or write what the front proxy stripped, such as \"/api\""),
        )
    } else if !prefix.starts_with('/') {
        (
            "it must start with `/`".to_owned(),
            format!("write \"/{}\"", prefix.trim_matches('/').escape_debug()),
        )
    } else if prefix.ends_with('/') {
        (
            "the received target starts with `/`, so it must not end with one".to_owned(),
            format!("write \"{}\"", prefix.trim_end_matches('/').escape_debug()),
        )
    } else if let Some(bad) = prefix
        .chars()
        .find(|c| !c.is_ascii_graphic() || "?#".contains(*c))
    {
        (
            format!("a path must not contain {}", describe(bad)),
            "write it as the provider calls it, percent-encoded".to_owned(),
        )
    } else {
        return Some(prefix.to_owned());
    };
    text.error("invalid path", why).help(help).report()
}
