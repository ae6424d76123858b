//! The path that a route's backend gets in place of the one that came.

use super::literal_path::{self, PathUse};
use crate::config::backend::is_ambiguous_path;
use crate::config::model::PathPattern;
use crate::config::reader::{Table, Text};

pub(super) fn upstream_path(
    table: &Table<'_>,
    own: Option<&PathPattern>,
) -> Option<Option<String>> {
    table.optional("upstream_path", |value| {
        let text = value.text()?;
        if text.text.contains("://") {
            return text
                .error("invalid path", "it is a URL, not a path")
                .help("write only the path; the servers are those of the `upstream`")
                .report();
        }
        literal_path::check(text, PathUse::Sent)?;
        check(text, own)?;
        Some(text.text.to_owned())
    })
}

/// Reports a path that would lead elsewhere than it says, or make such paths of those that came.
fn check(text: Text<'_>, own: Option<&PathPattern>) -> Option<()> {
    let path = text.text;
    let (why, help) = if is_ambiguous_path(path) {
        (
            "backends read a path with empty or dot segments, or an encoded `/`, `\\` or `%`, in \
             different ways",
            "write the path as the backend normalises it",
        )
    } else {
        match own {
            // What follows would become part of the last segment, and could make another of it.
            Some(PathPattern::Prefix(own)) if !own.ends_with('/') => (
                "it can only take the place of a `path_prefix` that ends with `/`",
                "add `/` to the end of both",
            ),
            Some(PathPattern::Prefix(_)) if !path.ends_with('/') => (
                "it takes the place of a `path_prefix`, so it must end with `/`, too",
                "add `/` to its end",
            ),
            _ => return Some(()),
        }
    };
    text.error("invalid path", why).help(help).report()
}
