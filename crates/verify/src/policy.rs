//! What one route asks of a callback.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;

use super::body::BodyFormat;
use super::keys::{Key, KeySet};
use super::language::{
    RouteValues, SecretPrints, VerificationRules, answering_secrets, verifying_secrets,
};
use super::requirements::Requirements;
use super::scheme::Scheme;

/// How the callbacks of one route are verified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VerifyPolicy {
    /// How the provider signs.
    pub scheme: Arc<Scheme>,
    /// The accepted keys.
    pub keys: KeySet<Key>,
    /// How far the timestamp may be from now, in either direction. `None`: not checked. Requires a
    /// scheme with a timestamp.
    pub max_age: Option<Duration>,
    /// Requirements on the body.
    pub requirements: Requirements,
    /// What the route adds to its scheme.
    pub route: RouteValues,
    /// Whether each verified callback comes with the scheme's acknowledgement.
    pub acknowledges: bool,
}

impl VerifyPolicy {
    /// A policy with the scheme's own age limit and no requirements.
    #[must_use]
    pub fn new(scheme: impl Into<Arc<Scheme>>, keys: impl Into<KeySet<Key>>) -> Self {
        let scheme = scheme.into();
        Self {
            max_age: scheme.max_age,
            scheme,
            keys: keys.into(),
            requirements: Requirements::default(),
            route: RouteValues::default(),
            acknowledges: false,
        }
    }

    /// Sets another age limit.
    #[must_use]
    pub fn with_max_age(self, max_age: Option<Duration>) -> Self {
        Self { max_age, ..self }
    }

    /// Sets requirements on the body.
    #[must_use]
    pub fn with_requirements(self, requirements: Requirements) -> Self {
        Self {
            requirements,
            ..self
        }
    }

    /// Sets what the route adds to its scheme.
    #[must_use]
    pub fn with_route_values(self, route: RouteValues) -> Self {
        Self { route, ..self }
    }

    /// Sets whether each verified callback comes with the scheme's acknowledgement.
    #[must_use]
    pub fn with_acknowledgement(self, acknowledges: bool) -> Self {
        Self {
            acknowledges,
            ..self
        }
    }

    /// What a callback is held against.
    pub(super) fn asked(&self) -> VerificationRules<'_> {
        VerificationRules {
            rules: self.scheme.rules(),
            route: &self.route,
            format: self.body_format(),
            key_header: self.keys.header(),
        }
    }

    /// Digests of a key's secrets under which whoever asks gets the answer to a handshake.
    #[must_use]
    pub fn answering_secrets(&self, key: &Key) -> SecretPrints {
        answering_secrets(self.asked(), key)
    }

    /// Digests of a key's secrets with which whoever has them could sign callbacks. What is also one of
    /// [`Self::answering_secrets`] of another scheme proves nothing.
    #[must_use]
    pub fn verifying_secrets(&self, key: &Key) -> SecretPrints {
        verifying_secrets(self.asked(), key)
    }

    /// The headers that a verification reads, unordered and possibly with duplicates.
    pub fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        self.scheme.headers().chain(self.keys.header())
    }

    /// The format that a backend must read bodies as.
    pub(super) fn body_format(&self) -> BodyFormat {
        let format = self.scheme.body_format();
        if self.requirements.needs_fields() {
            format.of_fields()
        } else {
            format
        }
    }
}
