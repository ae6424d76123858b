//! The keys that a route accepts.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName};

use super::public_key::PublicKey;
use crate::presented::{KEY_ID, single};
use crate::reason::{At, Detail, Reason, Rejection};

/// The keys that a route accepts.
#[derive(Debug)]
pub enum KeyRing {
    /// Any of these may have signed, as during a rotation.
    Any(Vec<Arc<PublicKey>>),
    /// The value of a header picks the set, of which any may have signed.
    ByHeader {
        /// The header, there exactly once.
        header: HeaderName,
        /// The sets by the header's value.
        sets: BTreeMap<String, Vec<Arc<PublicKey>>>,
    },
}

impl KeyRing {
    /// Every key, once for each set that it is in.
    pub fn all(&self) -> impl Iterator<Item = &Arc<PublicKey>> {
        let (any, sets) = match self {
            Self::Any(keys) => (Some(keys), None),
            Self::ByHeader { sets, .. } => (None, Some(sets.values())),
        };
        any.into_iter().chain(sets.into_iter().flatten()).flatten()
    }

    /// How one of them is chosen: `any`, or `header`.
    #[must_use]
    pub fn choice(&self) -> &'static str {
        match self {
            Self::Any(_) => "any",
            Self::ByHeader { .. } => "header",
        }
    }

    /// The keys that may have signed a callback with these headers.
    pub(crate) fn pick(&self, headers: &HeaderMap) -> Result<&[Arc<PublicKey>], Rejection> {
        match self {
            Self::Any(keys) => Ok(keys),
            Self::ByHeader { header, sets } => {
                let id = single(headers, header, &KEY_ID)?;
                sets.get(id).map(Vec::as_slice).ok_or_else(|| {
                    Rejection::at(Reason::KeyUnknown, At::Header(header.clone()))
                        .with(Detail::key_id(id))
                })
            }
        }
    }
}
