//! The keys of a route, and which of them a callback selects.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName};

use crate::reason::{At, Detail, Reason, Rejection};

/// The keys of a route, for verification or for decryption.
#[derive(Debug)]
pub enum KeySet<K> {
    /// Any of these keys may be meant, for example during a rotation.
    Any(Vec<Arc<K>>),
    /// The value of a header selects a set, and any of its keys may be meant.
    ///
    /// The header need not be signed: it only selects which keys are tried.
    ByHeader {
        /// The header, which must occur exactly once.
        header: HeaderName,
        /// The sets, by the header's value.
        sets: BTreeMap<String, Vec<Arc<K>>>,
    },
}

/// Keys are shared, whatever their kind.
impl<K> Clone for KeySet<K> {
    fn clone(&self) -> Self {
        match self {
            Self::Any(keys) => Self::Any(keys.clone()),
            Self::ByHeader { header, sets } => Self::ByHeader {
                header: header.clone(),
                sets: sets.clone(),
            },
        }
    }
}

/// One key for all callbacks.
impl<K> From<K> for KeySet<K> {
    fn from(key: K) -> Self {
        Self::Any(vec![Arc::new(key)])
    }
}

/// Why a callback selects no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKeys<'a> {
    /// The header is missing.
    Missing(&'a HeaderName),
    /// The header occurs more than once.
    Repeated(&'a HeaderName),
    /// The header's value is not valid UTF-8.
    Malformed(&'a HeaderName),
    /// There are no keys for this value of the header.
    Unknown(&'a HeaderName, &'a str),
}

impl<K> KeySet<K> {
    /// Every key, once for each set that contains it.
    pub fn all(&self) -> impl Iterator<Item = &Arc<K>> {
        let (any, sets) = match self {
            Self::Any(keys) => (Some(keys), None),
            Self::ByHeader { sets, .. } => (None, Some(sets.values())),
        };
        any.into_iter().chain(sets.into_iter().flatten()).flatten()
    }

    /// The same with other keys in place of these.
    #[must_use]
    pub fn map(&self, other: impl Fn(&Arc<K>) -> Arc<K>) -> Self {
        let all = |keys: &Vec<Arc<K>>| keys.iter().map(&other).collect();
        match self {
            Self::Any(keys) => Self::Any(all(keys)),
            Self::ByHeader { header, sets } => Self::ByHeader {
                header: header.clone(),
                sets: { sets.iter() }
                    .map(|(value, keys)| (value.clone(), all(keys)))
                    .collect(),
            },
        }
    }

    /// The header that selects the keys, if there is one.
    #[must_use]
    pub fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Any(_) => None,
            Self::ByHeader { header, .. } => Some(header),
        }
    }

    /// How a key is chosen: `any`, or `header`.
    #[must_use]
    pub fn choice(&self) -> &'static str {
        match self {
            Self::Any(_) => "any",
            Self::ByHeader { .. } => "header",
        }
    }

    /// The keys for a callback with these headers.
    pub(crate) fn pick<'a>(&'a self, headers: &'a HeaderMap) -> Result<&'a [Arc<K>], NoKeys<'a>> {
        let (header, sets) = match self {
            Self::Any(keys) => return Ok(keys),
            Self::ByHeader { header, sets } => (header, sets),
        };
        let mut values = headers.get_all(header).iter();
        let value = values.next().ok_or(NoKeys::Missing(header))?;
        if values.next().is_some() {
            return Err(NoKeys::Repeated(header));
        }
        let value = std::str::from_utf8(value.as_bytes()).map_err(|_| NoKeys::Malformed(header))?;
        sets.get(value)
            .map(Vec::as_slice)
            .ok_or(NoKeys::Unknown(header, value))
    }
}

impl From<NoKeys<'_>> for Rejection {
    fn from(error: NoKeys<'_>) -> Self {
        let at = |reason, header: &HeaderName| Self::at(reason, At::Header(header.clone()));
        match error {
            NoKeys::Missing(header) => at(Reason::KeyIdMissing, header),
            NoKeys::Repeated(header) => at(Reason::KeyIdRepeated, header),
            NoKeys::Malformed(header) => at(Reason::KeyIdMalformed, header),
            NoKeys::Unknown(header, id) => at(Reason::KeyUnknown, header).with(Detail::key_id(id)),
        }
    }
}
