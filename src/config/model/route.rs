//! What a route takes, how it is verified, and where it goes.

use std::sync::Arc;

use http::{HeaderName, Method};

use super::Upstream;
use crate::config::limits::RateLimit;
use crate::config::networks::Access;
use crate::decrypt::DecryptPolicy;
use crate::once::OncePolicy;
use crate::success::SuccessRule;
use crate::verify::VerifyPolicy;
use crate::verify::body::FieldPath;

/// What requests it takes, how they are verified, and where they go.
#[derive(Debug)]
pub struct Route {
    /// Its name in logs and verified headers.
    pub name: Arc<str>,
    /// The hosts it answers for.
    pub host: HostPattern,
    /// The paths it answers for.
    pub path: PathPattern,
    /// The methods it takes. At least one.
    pub methods: Vec<Method>,
    /// Scheme, keys and freshness.
    pub policy: VerifyPolicy,
    /// What of a verified callback is decrypted, if anything.
    pub decrypt: Option<DecryptPolicy>,
    /// What the provider called, where a front proxy rewrote the target.
    pub signed_target: SignedTarget,
    /// Body fields handed to the backend as headers.
    pub fields: Vec<FieldHeader>,
    /// The headers of a callback that its backend gets, beside Content-Type and those that are read here;
    /// `None`: all.
    pub forward_headers: Option<Vec<HeaderName>>,
    /// Where verified callbacks go.
    pub upstream: Arc<Upstream>,
    /// Who may call.
    pub access: Access,
    /// How often it may be called; each of these counts.
    pub rate_limits: Vec<RateLimit>,
    /// How many of its requests may be in flight at once.
    pub in_flight: Option<usize>,
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// Whether a refusal tells the client its reason.
    pub expose_reason: bool,
    /// Which of the backend's answers are a success.
    pub success: SuccessRule,
    /// Whether any success of the backend is answered as 200.
    pub success_as_200: bool,
    /// Whether its requests appear in the access log.
    pub access_log: bool,
    /// After what the next server gets the callback.
    pub retry: Retry,
    /// How repeats are recognised; `None`: they are not.
    pub once: Option<OncePolicy>,
}

impl Route {
    /// The headers that are read to verify and decrypt, in no order; perhaps some of them twice.
    pub fn read_headers(&self) -> impl Iterator<Item = &HeaderName> {
        let decrypt = self.decrypt.iter();
        self.policy
            .headers()
            .chain(decrypt.filter_map(|policy| policy.keys.header()))
    }

    /// Whether a header of that name is one of them.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        let is_it = |read: &HeaderName| read.as_str().eq_ignore_ascii_case(name);
        self.read_headers().any(is_it)
    }

    /// Whether its backend gets a header that a client may send.
    #[must_use]
    pub fn forwards(&self, name: &str) -> bool {
        let Some(forwarded) = &self.forward_headers else {
            return true;
        };
        let is_it = |listed: &HeaderName| listed.as_str().eq_ignore_ascii_case(name);
        name.eq_ignore_ascii_case("content-type") || forwarded.iter().any(is_it) || self.reads(name)
    }
}

/// Which hosts a route answers for. Host names are lower-case and without port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// Every host.
    Any,
    /// `*.example.com`, held as `.example.com`: any host that ends so.
    Suffix(String),
    /// This host.
    Exact(String),
}

/// Which paths a route answers for, compared as bytes, percent-encoding untouched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathPattern {
    /// Every path that begins so.
    Prefix(String),
    /// This path.
    Exact(String),
}

/// What the provider called, where a front proxy rewrote the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedTarget {
    /// The target as received.
    AsReceived,
    /// This text, then the target as received.
    Prefixed(String),
    /// The value of this header, from a trusted peer only.
    FromHeader(HeaderName),
}

/// A body field handed to the backend as a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldHeader {
    /// The header, in the operator's spelling.
    pub header: String,
    /// The field.
    pub field: FieldPath,
}

/// After what the next server gets a callback that one could not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// No connection came about; the server does not have the callback.
    pub connect: bool,
    /// The connection broke, or the answer was malformed: the server may have acted on it.
    pub error: bool,
    /// The answer took too long: the server may act on it.
    pub timeout: bool,
}

impl Retry {
    /// Whether a server may get a callback that another one may have.
    #[must_use]
    pub const fn is_after_sending(self) -> bool {
        self.error || self.timeout
    }
}
