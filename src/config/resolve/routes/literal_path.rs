//! A path in a route, which is compared or sent as it is: neither an expression nor a template.

use crate::config::diagnostic::WarningName;
use crate::config::reader::{Text, describe, quote};

/// What becomes of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PathUse {
    /// It is compared with that of a request.
    Compared,
    /// The backend gets it.
    Sent,
}

/// What other servers write before a path that is compared in another way.
const MODIFIERS: [&str; 5] = ["~*", "^~", "~", "=", "^"];

/// Reports text that is not a path, and warns of one that another server or framework would take for
/// a pattern.
pub(super) fn check(text: Text<'_>, used: PathUse) -> Option<()> {
    check_syntax(text, used)?;
    warn_of_pattern(text, used);
    Some(())
}

fn check_syntax(text: Text<'_>, used: PathUse) -> Option<()> {
    let path = text.text;
    let (why, help) = if MODIFIERS.iter().any(|modifier| path.starts_with(modifier)) {
        (
            used.why_literal("there are no regular expressions"),
            used.instead_of(path),
        )
    } else if !path.starts_with('/') {
        (
            "a path must start with `/`".to_owned(),
            format!("write \"/{}\"", path.escape_debug()),
        )
    } else if path.contains(['?', '#']) {
        (
            "a path ends before the `?`".to_owned(),
            match used {
                PathUse::Compared => {
                    "remove the query: it has no influence on the choice of the route".to_owned()
                }
                PathUse::Sent => "remove the query: the one that came follows the path".to_owned(),
            },
        )
    } else if path.contains('*') {
        (
            used.why_literal("there are no wildcards"),
            used.instead_of(path),
        )
    } else if let Some(bad) = path.chars().find(|c| !c.is_ascii_graphic()) {
        (
            format!(
                "paths are compared as sent, and {} is never sent unencoded",
                describe(bad)
            ),
            "write it percent-encoded, such as `%20` for a space".to_owned(),
        )
    } else {
        return Some(());
    };
    text.error("invalid path", why).help(help).report()
}

fn warn_of_pattern(text: Text<'_>, used: PathUse) {
    let Some(segment) = (text.text.split('/')).find(|segment| used.is_pattern(segment)) else {
        return;
    };
    let (does, of) = match used {
        PathUse::Compared => ("paths are compared as they are", "other text"),
        PathUse::Sent => ("the path is sent as it is", "a part of the request"),
    };
    let why = format!("{does}: {} stands for itself, not for {of}", quote(segment));
    text.warning(WarningName::PatternInPath, why)
        .help(used.instead_of(text.text))
        .report::<()>();
}

impl PathUse {
    fn why_literal(self, what: &str) -> String {
        match self {
            Self::Compared => {
                format!("a path is compared as a whole, or as a prefix: {what}")
            }
            Self::Sent => format!("the path is sent as it is: {what}"),
        }
    }

    /// What to write in place of a pattern.
    fn instead_of(self, pattern: &str) -> String {
        if self == Self::Sent {
            return "write the path that the backend should get. In place of a `path_prefix`, what \
                    followed the prefix in the request follows this, too"
                .to_owned();
        }
        let whole = MODIFIERS.iter().fold(pattern, |rest, modifier| {
            rest.strip_prefix(modifier).unwrap_or(rest).trim_start()
        });
        let whole = whole.strip_suffix('$').unwrap_or(whole);
        match literal_start(whole) {
            start if start == whole && start.starts_with('/') => {
                format!("write `path = \"{}\"`", start.escape_debug())
            }
            "" | "/" => "write the path as the provider calls it".to_owned(),
            start if start.starts_with('/') => format!(
                "write the path as the provider calls it, or `path_prefix = \"{}\"` for all paths \
                 that start with this",
                start.escape_debug()
            ),
            _ => "write the path as the provider calls it, from its `/` on".to_owned(),
        }
    }

    /// Whether a part of the path would stand for other text elsewhere.
    fn is_pattern(self, segment: &str) -> bool {
        // Clients percent-encode these, so no request has them.
        const NEVER_SENT: &str = "{}<>^|\\[]`\"";
        let is_variable = segment.split('$').skip(1).any(|name| {
            let first = name.chars().next();
            match self {
                // `$batch` is the end of many a real path.
                Self::Compared => first.is_none_or(|first| first.is_ascii_digit()),
                Self::Sent => first.is_some_and(|first| first.is_ascii_alphanumeric()),
            }
        });
        is_parameter(segment)
            || is_variable
            || segment.contains(".+")
            || segment.contains(|c| NEVER_SENT.contains(c))
    }
}

/// Whether it is written like `:id`.
fn is_parameter(segment: &str) -> bool {
    let name = segment.strip_prefix(':');
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The part of a pattern before the first character that has a meaning in it.
fn literal_start(pattern: &str) -> &str {
    let special = |c: char| "*+(){}<>[]|\\^$?`\"".contains(c);
    let ends = [
        pattern.find(special),
        pattern.find(".*"),
        pattern.find(".+"),
        pattern.find("/:").map(|at| at.saturating_add(1)),
    ];
    let end = ends.into_iter().flatten().min();
    pattern
        .get(..end.unwrap_or(pattern.len()))
        .unwrap_or(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_replaced_by_the_path_or_prefix_that_it_stands_for() {
        for (pattern, wanted) in [
            ("^/cb/[0-9]+$", "path_prefix = \"/cb/\""),
            ("~ ^/cb/(.*)$", "path_prefix = \"/cb/\""),
            ("^~ /cb/", "path = \"/cb/\""),
            ("= /cb", "path = \"/cb\""),
            ("^/cb$", "path = \"/cb\""),
            ("/cb/:id/done", "path_prefix = \"/cb/\""),
            ("/cb/.+", "path_prefix = \"/cb/\""),
            ("/cb*", "path_prefix = \"/cb\""),
            ("/:id", "as the provider calls it"),
            ("~ \\.php$", "as the provider calls it"),
        ] {
            let help = PathUse::Compared.instead_of(pattern);
            assert!(help.contains(wanted), "{pattern}: {help}");
        }
    }

    #[test]
    fn paths_that_exist_are_no_patterns() {
        for path in ["$batch", "a.b+c", "Orders('1')", "x:y", "a$b", "~user"] {
            assert!(!PathUse::Compared.is_pattern(path), "{path}");
        }
    }
}
