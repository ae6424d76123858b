//! Header names: which ones the proxy reserves, and which spellings count as equal.

use std::collections::HashMap;

use http::HeaderName;

use crate::config::backend::fold_header;
use crate::config::diagnostic::Place;
use crate::config::reader::{Table, Text, Value, quote};
use crate::config::stripped_headers;

const DEFAULT_PREFIX: &str = "X-Verified-";

/// Hop-by-hop headers, which no proxy forwards (RFC 9110, section 7.6.1).
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What a route in report mode tells a backend.
const REPORT: &str = "countersign-report";

/// Headers that the proxy sets or interprets itself.
const OWN: &[&str] = &[REPORT, "expect", "host", "x-request-id"];

/// Headers that the proxy generates for the backend.
const WRITTEN: &[&str] = &[
    "content-length",
    "host",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-request-id",
];

/// Prefixes of headers that the proxy sets or interprets itself.
const OWN_PREFIXES: &[&str] = &["content-", "x-forwarded-"];

/// The prefix of the verified headers.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    /// As the operator wrote it.
    pub(super) text: String,
    folded: String,
    /// Where it is set; `None` for the default.
    pub(super) place: Option<Place>,
}

impl Prefix {
    /// Whether a header is one of the verified headers. Folds the name first.
    pub(super) fn covers(&self, header: &str) -> bool {
        fold_header(header).starts_with(&self.folded)
    }
}

/// The prefix of the verified headers; `None` if it is invalid.
pub(super) fn prefix(top: &Table<'_>) -> Option<Prefix> {
    let new = |text: &str, place| Prefix {
        text: text.to_owned(),
        folded: fold_header(text),
        place,
    };
    top.read("header_prefix", |value| {
        let text = value.text()?;
        text.header_name()?;
        let prefix = new(text.text, top.has("header_prefix").then_some(text.place));
        let why = if !prefix.text.ends_with('-') || prefix.folded.trim_matches('-').is_empty() {
            "it must start with a letter and end with `-`"
        } else if text.text.len() > 32 {
            "it must not be longer than 32 characters"
        } else if overlaps_reserved(&prefix.folded) {
            "headers with this prefix already have a meaning"
        } else {
            return Some(prefix);
        };
        text.error("invalid header prefix", why)
            .note("every header with this prefix is removed from a client's request")
            .help(format!(
                "write \"{DEFAULT_PREFIX}\", or use your own name, such as \"X-Acme-\""
            ))
            .report()
    })
}

fn overlaps_reserved(folded: &str) -> bool {
    HOP_BY_HOP
        .iter()
        .chain(OWN)
        .any(|name| name.starts_with(folded))
        || OWN_PREFIXES
            .iter()
            .any(|own| own.starts_with(folded) || folded.starts_with(own))
}

/// The name of a header that callbacks have.
pub(super) fn of_callback(value: Value<'_>, prefix: Option<&Prefix>) -> Option<HeaderName> {
    let text = value.text()?;
    let name = text.header_name()?;
    check_of_callback(text, &name, prefix).then_some(name)
}

/// Reports a header that callbacks cannot have.
pub(super) fn check_of_callback(
    text: Text<'_>,
    name: &HeaderName,
    prefix: Option<&Prefix>,
) -> bool {
    let draft = if HOP_BY_HOP.contains(&name.as_str()) {
        text.error(
            "reserved header",
            format!("`{name}` belongs to the connection, not to the callback"),
        )
    } else if name == REPORT {
        text.error(
            "reserved header",
            format!("`{name}` is the proxy's own: it is removed from every request"),
        )
    } else if let Some(prefix) = prefix.filter(|prefix| prefix.covers(name.as_str())) {
        text.error(
            "reserved header",
            format!(
                "headers that start with `{}` are the proxy's own",
                prefix.text
            ),
        )
    } else {
        return true;
    };
    draft
        .help("name a header that the provider sends")
        .report::<()>();
    false
}

/// The headers that one table adds for the backend, each with its place, by folded name.
#[derive(Debug, Default)]
pub(super) struct AddedHeaders {
    places: HashMap<String, Place>,
}

impl AddedHeaders {
    /// Adds a header. Reports a reserved name, and one that a backend reads as an earlier one.
    pub(super) fn add(&mut self, header: Text<'_>, prefix: Option<&Prefix>) -> Option<()> {
        check_for_backend(header, prefix)?;
        self.insert(header)
    }

    /// The same for a header of a health check, which has no callback's headers beside it.
    pub(super) fn add_to_check(
        &mut self,
        header: Text<'_>,
        prefix: Option<&Prefix>,
    ) -> Option<HeaderName> {
        let name = for_check(header, prefix)?;
        self.insert(header)?;
        Some(name)
    }

    fn insert(&mut self, header: Text<'_>) -> Option<()> {
        let Some(first) = self.places.insert(fold_header(header.text), header.place) else {
            return Some(());
        };
        header
            .error(
                "duplicate header",
                "a backend reads this as the same header",
            )
            .and(first, "as this one")
            .help("choose another name; `-`, `_` and `.` count as the same, and case is ignored")
            .report()
    }
}

/// Reports a name that a header which the proxy adds for the backend must not have.
fn check_for_backend(text: Text<'_>, prefix: Option<&Prefix>) -> Option<()> {
    let folded = fold_header(text.header_name()?.as_str());
    let why = if HOP_BY_HOP.contains(&folded.as_str()) {
        format!(
            "{} belongs to the connection and is not forwarded",
            quote(text.text)
        )
    } else if OWN.contains(&folded.as_str())
        || OWN_PREFIXES.iter().any(|own| folded.starts_with(own))
    {
        format!(
            "{} already has a meaning in the forwarded request",
            quote(text.text)
        )
    } else if let Some(prefix) = prefix.filter(|prefix| prefix.covers(&folded)) {
        format!(
            "headers that start with `{}` are the verified headers",
            prefix.text
        )
    } else {
        return Some(());
    };
    text.error("reserved header", why)
        .help(
            "choose another name, such as \"X-Order-No\"; `-`, `_` and `.` count as the same, \
             and case is ignored",
        )
        .report()
}

/// The name of a header that a health check sends.
fn for_check(text: Text<'_>, prefix: Option<&Prefix>) -> Option<HeaderName> {
    let name = text.header_name()?;
    let folded = fold_header(name.as_str());
    let (why, help) = if folded == "host" {
        (
            "the check has a Host already".to_owned(),
            "write it as the `host` of the `health_check`",
        )
    } else if HOP_BY_HOP.contains(&folded.as_str())
        || matches!(&*folded, "expect" | "content-length")
    {
        (
            format!("{} would change how the request is read", quote(text.text)),
            "remove it",
        )
    } else if let Some(prefix) = prefix.filter(|prefix| prefix.covers(&folded)) {
        (
            format!(
                "headers that start with `{}` are the verified headers, and nothing of a check \
                 was verified",
                prefix.text
            ),
            "choose another name",
        )
    } else {
        return Some(name);
    };
    text.error("reserved header", why).help(help).report()
}

/// The name of a client's header that is forwarded to the backend.
pub(super) fn to_forward(text: Text<'_>, prefix: Option<&Prefix>) -> Option<HeaderName> {
    let name = text.header_name()?;
    let folded = fold_header(name.as_str());
    let (why, help) = if WRITTEN.contains(&folded.as_str()) {
        (
            "the proxy generates it".to_owned(),
            "remove it: the backend always gets it",
        )
    } else if HOP_BY_HOP.contains(&folded.as_str())
        || matches!(&*folded, "countersign-report" | "expect" | "proxy")
    {
        (
            format!("{} is never forwarded", quote(text.text)),
            "remove it",
        )
    } else if let Some(does) = stripped_headers::why_never(&folded) {
        (
            format!("it {does}: it is never forwarded, whoever sends it"),
            "remove it",
        )
    } else if let Some(prefix) = prefix.filter(|prefix| prefix.covers(&folded)) {
        (
            format!(
                "headers that start with `{}` are the proxy's own",
                prefix.text
            ),
            "remove it: the backend always gets those that the proxy adds",
        )
    } else {
        return Some(name);
    };
    text.error("reserved header", why).help(help).report()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_every_spelling() {
        let prefix = Prefix {
            text: "X-Verified-".into(),
            folded: fold_header("X-Verified-"),
            place: None,
        };
        for header in [
            "x-verified-key",
            "X_Verified_Key",
            "x-verified_",
            "X.Verified.Key",
            "X-VERIFIED-A-B",
        ] {
            assert!(prefix.covers(header), "{header}");
        }
        for header in ["x-verified", "xx-verified-key", "x-veri-fied-key"] {
            assert!(!prefix.covers(header), "{header}");
        }
    }

    #[test]
    fn prefixes_that_would_remove_other_headers() {
        for prefix in [
            "x-",
            "content-",
            "content-acme-",
            "x-forwarded-",
            "x-request-",
            "proxy-",
        ] {
            assert!(overlaps_reserved(prefix), "{prefix}");
        }
        for prefix in ["x-verified-", "acme-", "v-"] {
            assert!(!overlaps_reserved(prefix), "{prefix}");
        }
    }
}
