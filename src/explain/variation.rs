//! What could be different about a request, its keys and its scheme.

use std::sync::Arc;

use http::{HeaderMap, Method};

use super::diagnosis::Diagnosis;
use crate::verify::{Key, KeySet, Scheme};

/// What is different; what is `None` is as it was.
#[derive(Clone, Default)]
pub(super) struct Variation {
    pub(super) keys: Option<KeySet<Key>>,
    pub(super) scheme: Option<Arc<Scheme>>,
    pub(super) public_url: Option<String>,
    pub(super) method: Option<Method>,
    pub(super) target: Option<Vec<u8>>,
    pub(super) headers: Option<HeaderMap>,
    pub(super) body: Option<Vec<u8>>,
}

impl Variation {
    /// Both, if they change different things.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        fn either<T: Clone>(one: &Option<T>, other: &Option<T>) -> Result<Option<T>, ()> {
            match (one, other) {
                (Some(_), Some(_)) => Err(()),
                (Some(one), None) | (None, Some(one)) => Ok(Some(one.clone())),
                (None, None) => Ok(None),
            }
        }
        Some(Self {
            keys: either(&self.keys, &other.keys).ok()?,
            scheme: either(&self.scheme, &other.scheme).ok()?,
            public_url: either(&self.public_url, &other.public_url).ok()?,
            method: either(&self.method, &other.method).ok()?,
            target: either(&self.target, &other.target).ok()?,
            headers: either(&self.headers, &other.headers).ok()?,
            body: either(&self.body, &other.body).ok()?,
        })
    }

    pub(super) fn body(body: Vec<u8>) -> Self {
        Self {
            body: Some(body),
            ..Self::default()
        }
    }

    pub(super) fn target(target: Vec<u8>) -> Self {
        Self {
            target: Some(target),
            ..Self::default()
        }
    }

    pub(super) fn headers(headers: HeaderMap) -> Self {
        Self {
            headers: Some(headers),
            ..Self::default()
        }
    }

    pub(super) fn keys(keys: KeySet<Key>) -> Self {
        Self {
            keys: Some(keys),
            ..Self::default()
        }
    }
}

/// Something that may have happened to a request.
pub(super) struct Suspect {
    /// What it would mean.
    pub(super) diagnosis: Diagnosis,
    /// What exactly was changed to make the signature fit, in words. It holds no secret.
    pub(super) what: String,
    /// Where to mend it.
    pub(super) mend: Mend,
    pub(super) variation: Variation,
}

/// Where a change belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mend {
    /// In front of the proxy.
    FrontProxy,
    /// In the route's keys.
    Key,
    /// In the route.
    Route,
    /// In the scheme's file.
    Scheme,
}

impl Mend {
    pub(super) const fn place(self) -> &'static str {
        match self {
            Self::FrontProxy => "in front of the proxy",
            Self::Key => "to the key",
            Self::Route => "to the route",
            Self::Scheme => "to the scheme's file",
        }
    }
}

/// Suspects, made while they are tried.
pub(super) type Suspects<'t> = Box<dyn Iterator<Item = Suspect> + 't>;
