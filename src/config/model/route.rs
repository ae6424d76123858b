//! Which requests a route matches, how they are verified, and where they go.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};

use super::{ReportMode, Upstream, UpstreamTarget};
use crate::config::limits::RateLimit;
use crate::config::networks::Access;
use crate::decrypt::DecryptPolicy;
use crate::once::OncePolicy;
use crate::success::SuccessRule;
use crate::verify::body::FieldPath;
use crate::verify::scheme::IdentityPart;
use crate::verify::{Scheme, VerifyPolicy};

/// Which requests it matches, how they are verified, and where they go.
#[derive(Debug)]
pub struct Route {
    /// Its name in logs and verified headers.
    pub name: Arc<str>,
    /// The hosts that it matches.
    pub host: HostPattern,
    /// The paths that it matches.
    pub path: PathPattern,
    /// The methods that it accepts. At least one.
    pub methods: Vec<Method>,
    /// What GET and HEAD are answered without a backend. `methods` then has neither.
    pub get_answer: Option<Bytes>,
    /// Scheme, keys and freshness.
    pub policy: VerifyPolicy,
    /// What its backend is told of the signature.
    pub coverage: CoverageHeaders,
    /// What is decrypted in a verified callback, if anything.
    pub decrypt: Option<DecryptPolicy>,
    /// The target that the provider called, if a front proxy rewrote it.
    pub signed_target: SignedTarget,
    /// Body fields that the backend gets as headers.
    pub fields: Vec<FieldHeader>,
    /// The headers of a callback that its backend gets, besides Content-Type and those that the
    /// verification reads; `None`: all.
    pub forward_headers: Option<Vec<HeaderName>>,
    /// Where verified callbacks go.
    pub upstream: Arc<Upstream>,
    /// The path that its backend gets in place of `path`; `None`: the one that came.
    pub upstream_path: Option<String>,
    /// Who may call.
    pub access: Access,
    /// The rate limits; each of them applies.
    pub rate_limits: Vec<RateLimit>,
    /// The limit on its requests in flight.
    pub in_flight: Option<usize>,
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// Whether a refusal reveals its reason to the client.
    pub expose_reason: bool,
    /// Which of the backend's answers are a success.
    pub success: SuccessRule,
    /// Whether every success of the backend is answered with 200.
    pub success_as_200: bool,
    /// Whether its requests appear in the access log.
    pub access_log: bool,
    /// The failures after which the next server gets the callback.
    pub retry: Retry,
    /// How repeats are recognised; `None`: they are not.
    pub once: Option<OncePolicy>,
    /// Until when it forwards what fails verification; `None`: it rejects it.
    pub report: Option<ReportMode>,
}

impl Route {
    /// The keys of what has no effect while it is in report mode.
    #[must_use]
    pub fn waits_for_report_mode(&self) -> Vec<&'static str> {
        let mut methods = self.policy.scheme.rules().handshake_methods();
        let has_handshakes = methods.next().is_some();
        let waiting = [
            ("once", self.once.is_some()),
            ("decrypt", self.decrypt.is_some()),
            ("fields", !self.fields.is_empty()),
            ("acknowledge", self.policy.acknowledges),
            ("handshake", has_handshakes),
        ];
        let waiting = waiting.into_iter().filter(|(_, is_set)| *is_set);
        waiting.map(|(key, _)| key).collect()
    }
}

/// What a backend is told of a route's signatures: the same for each callback.
#[derive(Clone, Debug)]
pub struct CoverageHeaders {
    /// The parts of a request that they cover.
    pub covers: HeaderValue,
    /// What they prove.
    pub means: HeaderValue,
    /// Whether they cover the timestamp. What is not covered was not verified.
    pub timestamp: bool,
    /// Whether they cover the nonce.
    pub nonce: bool,
    /// Whether they cover the field that names the event.
    pub event: bool,
}

impl CoverageHeaders {
    /// Says that nothing is covered.
    const NOTHING: HeaderValue = HeaderValue::from_static("none");

    /// Those of a scheme.
    #[must_use]
    pub fn of(scheme: &Scheme) -> Self {
        let coverage = scheme.rules().coverage();
        let words = coverage.covers_words();
        let words: Vec<&str> = words.iter().map(|part| part.code()).collect();
        let covers = match words.as_slice() {
            [] => Self::NOTHING,
            words => HeaderValue::from_str(&words.join(", ")).unwrap_or(Self::NOTHING),
        };
        Self {
            covers,
            means: HeaderValue::from_static(coverage.means().code()),
            timestamp: coverage.covers_timestamp(),
            nonce: coverage.covers(&IdentityPart::Nonce),
            event: scheme
                .event()
                .is_some_and(|path| coverage.covers_field(&path)),
        }
    }
}

impl Route {
    /// Whether nothing keeps a captured callback from being sent again at any time. (That a scheme's
    /// callbacks have a time but any age is accepted, and that all of them are alike, is warned of.)
    #[must_use]
    pub fn is_open_to_replays(&self) -> bool {
        let scheme = &self.policy.scheme;
        self.once.is_none()
            && !scheme.signs_time()
            && scheme.rules().coverage().tells_callbacks_apart()
            && self.upstream.target != UpstreamTarget::Echo
    }

    /// What the proxy itself answers to this method; `None` if such a request is a callback, or is
    /// not accepted.
    #[must_use]
    pub fn own_answer(&self, method: &Method) -> Option<&Bytes> {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        self.get_answer.as_ref().filter(|_| is_read)
    }

    /// All methods that it accepts, including those that the proxy itself answers.
    pub fn accepted_methods(&self) -> impl Iterator<Item = &Method> {
        let own: &[Method] = match self.get_answer {
            Some(_) => &[Method::GET, Method::HEAD],
            None => &[],
        };
        let of_handshakes = self.policy.scheme.rules().handshake_methods();
        self.methods.iter().chain(own).chain(of_handshakes)
    }

    /// The target that its backend gets in place of one that the route matches.
    #[must_use]
    pub fn backend_target<'t>(&self, target: &'t [u8]) -> Cow<'t, [u8]> {
        let Some(path) = &self.upstream_path else {
            return target.into();
        };
        let (PathPattern::Exact(own) | PathPattern::Prefix(own)) = &self.path;
        let rest = target.strip_prefix(own.as_bytes()).unwrap_or_default();
        [path.as_bytes(), rest].concat().into()
    }

    /// What the targets that its backend gets have in common.
    #[must_use]
    pub fn backend_path(&self) -> PathPattern {
        match (&self.path, &self.upstream_path) {
            (own, None) => own.clone(),
            (PathPattern::Exact(_), Some(path)) => PathPattern::Exact(path.clone()),
            (PathPattern::Prefix(_), Some(path)) => PathPattern::Prefix(path.clone()),
        }
    }

    /// The headers that are read for verification and decryption, unordered and possibly with
    /// duplicates.
    pub fn read_headers(&self) -> impl Iterator<Item = &HeaderName> {
        let decrypt = self.decrypt.iter();
        self.policy
            .headers()
            .chain(decrypt.filter_map(|policy| policy.keys.header()))
    }

    /// Whether a header with this name is one of them.
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

/// The hosts that a route matches. Host names are in lower case and without port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// Every host.
    Any,
    /// `*.example.com`, stored as `.example.com`: any host with this ending.
    Suffix(String),
    /// This host.
    Exact(String),
}

/// The paths that a route matches, compared as bytes, percent-encoding untouched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathPattern {
    /// Every path that starts with this.
    Prefix(String),
    /// This path.
    Exact(String),
}

/// The target that the provider called, if a front proxy rewrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedTarget {
    /// The target as received.
    AsReceived,
    /// This text, then the target as received.
    Prefixed(String),
    /// The value of this header, from a trusted peer only.
    FromHeader(HeaderName),
}

/// A body field that the backend gets as a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldHeader {
    /// The header, in the operator's spelling.
    pub header: String,
    /// The field.
    pub field: FieldPath,
}

/// The failures after which the next server gets a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// No connection was established; the server does not have the callback.
    pub connect: bool,
    /// The connection failed, or the answer was malformed: the server may have acted on it.
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
