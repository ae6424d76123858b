//! Which keys a callback's values may be encrypted to.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName};

use super::Key;

/// The keys of a route.
#[derive(Debug)]
pub enum KeyChoice {
    /// Any of these, as during a change of keys.
    Any(Vec<Arc<Key>>),
    /// The value of a header picks the set, of which it may be any.
    ///
    /// The header need not be signed: it only says which keys are tried.
    ByHeader {
        /// The header, there exactly once.
        header: HeaderName,
        /// The sets by the header's value.
        sets: BTreeMap<String, Vec<Arc<Key>>>,
    },
}

impl KeyChoice {
    /// Every key, once for each set that it is in.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Key>> {
        let (any, sets) = match self {
            Self::Any(keys) => (Some(keys), None),
            Self::ByHeader { sets, .. } => (None, Some(sets.values())),
        };
        any.into_iter().chain(sets.into_iter().flatten()).flatten()
    }

    /// The header that picks, if one does.
    #[must_use]
    pub fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Any(_) => None,
            Self::ByHeader { header, .. } => Some(header),
        }
    }

    /// The keys for a callback with these headers; none if the header is missing, repeated or
    /// unknown.
    pub(in crate::decrypt) fn pick(&self, headers: &HeaderMap) -> &[Arc<Key>] {
        match self {
            Self::Any(keys) => keys,
            Self::ByHeader { header, sets } => {
                let mut values = headers.get_all(header).iter();
                let value = values.next().filter(|_| values.next().is_none());
                value
                    .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
                    .and_then(|value| sets.get(value))
                    .map(Vec::as_slice)
                    .unwrap_or_default()
            }
        }
    }
}
