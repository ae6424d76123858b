//! Headers that are removed from a callback because they could make a backend act on something else
//! than was verified.
//!
//! Such a list is never complete. A route that lists the headers that its backend needs
//! (`forward_headers`) does not depend on it.

mod accepted_from;
mod list;

use std::sync::LazyLock;

pub use accepted_from::AcceptedFrom;
use list::{GROUPS, HeaderGroup};

/// A name or the beginning of names, with its group.
type ListedName = (&'static str, &'static HeaderGroup);

/// All groups as two sorted lists.
struct Lists {
    names: Vec<ListedName>,
    prefixes: Vec<ListedName>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let sorted = |of: fn(&HeaderGroup) -> &'static [&'static str]| {
        let entries = GROUPS
            .iter()
            .flat_map(|group| of(group).iter().map(move |name| (*name, group)));
        let mut entries: Vec<ListedName> = entries.collect();
        entries.sort_unstable_by_key(|(name, _)| *name);
        entries
    };
    Lists {
        names: sorted(|group| group.names),
        prefixes: sorted(|group| group.prefixes),
    }
});

/// From whom a header is accepted, by its folded name; `None` if it is not on the list.
#[must_use]
pub fn accepted_from(folded: &str) -> Option<AcceptedFrom> {
    group(folded).map(|group| group.accepted_from)
}

/// Why a header is accepted from nobody, by its folded name, in words that follow "it" in a
/// message.
pub(super) fn why_never(folded: &str) -> Option<&'static str> {
    let group = group(folded)?;
    (group.accepted_from == AcceptedFrom::Nobody).then_some(group.does)
}

fn group(folded: &str) -> Option<&'static HeaderGroup> {
    let lists = &*LISTS;
    let found = lists
        .names
        .binary_search_by(|(name, _)| (*name).cmp(folded));
    let (_, group) = match found {
        Ok(at) => lists.names.get(at)?,
        Err(_) => {
            // Of those that match, the longest sorts last.
            let end = lists
                .prefixes
                .partition_point(|(prefix, _)| *prefix <= folded);
            let before = lists.prefixes.get(..end)?;
            let fits = |(prefix, _): &&ListedName| folded.starts_with(prefix);
            before.iter().rev().find(fits)?
        }
    };
    Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::backend::fold_header;

    #[test]
    fn every_name_is_listed_once_and_folded() {
        for list in [&LISTS.names, &LISTS.prefixes] {
            for pair in list.windows(2) {
                assert!(pair[0].0 < pair[1].0, "{} twice", pair[0].0);
            }
            for (name, group) in list {
                assert_eq!(fold_header(name), *name);
                assert_eq!(accepted_from(name), Some(group.accepted_from), "{name}");
            }
        }
        for (name, own) in &LISTS.names {
            let prefixes = &LISTS.prefixes;
            let mut covering = prefixes
                .iter()
                .filter(|(prefix, _)| name.starts_with(prefix));
            let needless = covering.any(|(_, group)| group.accepted_from == own.accepted_from);
            assert!(!needless, "{name}");
        }
    }

    #[test]
    fn a_complete_name_or_the_longest_beginning_wins() {
        for (name, expected) in [
            ("x-forwarded-prefix", AcceptedFrom::TrustedProxies),
            ("x-auth-request-email", AcceptedFrom::Nobody),
            ("x-envoy-retry-on", AcceptedFrom::Nobody),
            ("x-envoy-external-address", AcceptedFrom::TrustedProxies),
            ("cf-ipcountry", AcceptedFrom::TrustedProxies),
            ("cf-access-jwt-assertion", AcceptedFrom::Nobody),
            ("x-original-url", AcceptedFrom::Nobody),
            ("x-original-uri", AcceptedFrom::TrustedProxies),
            ("x-remote-ip", AcceptedFrom::TrustedProxies),
            ("x-remote-extra-scopes", AcceptedFrom::Nobody),
            ("wl-proxy-client-cert", AcceptedFrom::TrustedProxies),
            ("script-name", AcceptedFrom::Nobody),
            ("x-http-method", AcceptedFrom::Nobody),
        ] {
            assert_eq!(accepted_from(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn headers_of_providers_and_tracing_are_not_listed() {
        for name in [
            "accept",
            "accept-encoding",
            "accept-language",
            "authorization",
            "cache-control",
            "content-type",
            "cookie",
            "idempotency-key",
            "origin",
            "paypal-transmission-sig",
            "sign",
            "signature",
            "soapaction",
            "stripe-signature",
            "traceparent",
            "tracestate",
            "user-agent",
            "v-api-key",
            "v-signature",
            "via",
            "wechatpay-serial",
            "x-amzn-trace-id",
            "x-b3-traceid",
            "x-cloud-trace-context",
            "x-correlation-id",
            "x-github-event",
            "x-goog-channel-id",
            "x-hub-signature-256",
            "x-request-start",
            "x-requested-with",
            "x-signature",
        ] {
            assert_eq!(accepted_from(name), None, "{name}");
        }
    }
}
