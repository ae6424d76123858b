//! The keys that a route accepts.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName};

use super::public_key::PublicKey;
use crate::verify::presented::{KEY_ID, single};
use crate::verify::reason::{At, Reason, Rejection};

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
        sets: HashMap<String, Vec<Arc<PublicKey>>>,
    },
}

impl KeyRing {
    /// The keys that may have signed a callback with these headers.
    pub(in crate::verify) fn pick(
        &self,
        headers: &HeaderMap,
    ) -> Result<&[Arc<PublicKey>], Rejection> {
        match self {
            Self::Any(keys) => Ok(keys),
            Self::ByHeader { header, sets } => sets
                .get(single(headers, header, &KEY_ID)?)
                .map(Vec::as_slice)
                .ok_or_else(|| Rejection::at(Reason::KeyUnknown, At::Header(header.clone()))),
        }
    }
}
