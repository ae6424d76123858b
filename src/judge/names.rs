//! The headers that only the proxy may set.

use bytes::Bytes;
use http::HeaderName;

use crate::config::backend::fold_header;
use crate::config::{Config, SignedTarget};

/// The id of a request, for its backend, its client and the logs.
pub(crate) const REQUEST_ID: &str = "X-Request-Id";
/// Marks an answer that was repeated from the store without asking the backend. Only the proxy may
/// set it.
pub(crate) const REPEAT: &str = "X-Countersign-Repeat";

/// Tells the backend of a route in report mode what the route would have done. Outside of the prefix of
/// the verified headers, which mean that a callback was verified. Only the proxy may set it.
pub(super) const REPORT: &str = "Countersign-Report";

pub(super) const FORWARDED_FOR: &str = "X-Forwarded-For";
pub(super) const FORWARDED_PROTO: &str = "X-Forwarded-Proto";
pub(super) const FORWARDED_HOST: &str = "X-Forwarded-Host";

/// The names that only the proxy may set, over all routes: a name that is meaningful on one route
/// must not be free on another route to the same backend.
pub(super) struct OurNames {
    prefix: String,
    exact: Vec<String>,
    /// The headers in which trusted proxies report who called and what was called.
    reported: Vec<String>,
    /// The headers that are read for verification and decryption.
    read: Vec<String>,
    pub(super) scheme: Bytes,
    pub(super) key: Bytes,
    pub(super) route: Bytes,
    pub(super) at: Bytes,
    pub(super) covers: Bytes,
    pub(super) means: Bytes,
    pub(super) timestamp: Bytes,
    pub(super) nonce: Bytes,
    pub(super) event: Bytes,
    pub(super) ambiguous: Bytes,
    pub(super) repeat: Bytes,
    pub(super) body_sha256: Bytes,
    pub(super) decrypted: Bytes,
    pub(super) decrypt_failed: Bytes,
}

impl OurNames {
    pub(super) fn new(config: &Config) -> Self {
        let routes = config.routes.iter();
        let fields = routes.clone().flat_map(|route| &route.fields);
        let rules = routes.filter_map(|route| Some(&route.decrypt.as_ref()?.rule));
        let clear = rules.flat_map(|rule| &rule.headers);
        let mut exact: Vec<String> = fields
            .map(|field| field.header.as_str())
            .chain(clear.map(|clear| clear.header.as_str()))
            .chain([REQUEST_ID, REPEAT, REPORT, FORWARDED_FOR])
            .chain([FORWARDED_PROTO, FORWARDED_HOST])
            .map(fold_header)
            .collect();
        exact.sort_unstable();
        exact.dedup();
        let targets = config.routes.iter();
        let targets = targets.filter_map(|route| match &route.signed_target {
            SignedTarget::FromHeader(name) => Some(name),
            SignedTarget::AsReceived | SignedTarget::Prefixed(_) => None,
        });
        let reported = targets.chain([&config.client_ip_header]);
        let read = config.routes.iter().flat_map(|route| route.read_headers());
        let name = |end: &str| Bytes::from(format!("{}{end}", config.header_prefix));
        Self {
            prefix: fold_header(&config.header_prefix),
            exact,
            reported: folded(reported),
            read: folded(read),
            scheme: name("Scheme"),
            key: name("Key"),
            route: name("Route"),
            at: name("At"),
            covers: name("Covers"),
            means: name("Means"),
            timestamp: name("Timestamp"),
            nonce: name("Nonce"),
            event: name("Event"),
            ambiguous: name("Ambiguous"),
            repeat: name("Repeat"),
            body_sha256: name("Body-SHA256"),
            decrypted: name("Decrypted"),
            decrypt_failed: name("Decrypt-Failed"),
        }
    }

    /// Whether only the proxy may set a header, by its folded name.
    pub(super) fn contains(&self, folded: &str) -> bool {
        folded.starts_with(&self.prefix) || is_among(&self.exact, folded)
    }

    /// Whether trusted proxies report in this header who called or what was called, by its folded
    /// name.
    pub(super) fn is_reported(&self, folded: &str) -> bool {
        is_among(&self.reported, folded)
    }

    /// Whether a header is read for verification or decryption, by its folded name.
    pub(super) fn is_read(&self, folded: &str) -> bool {
        is_among(&self.read, folded)
    }
}

/// The folded names, sorted.
fn folded<'n>(names: impl Iterator<Item = &'n HeaderName>) -> Vec<String> {
    let mut folded: Vec<String> = names.map(|name| fold_header(name.as_str())).collect();
    folded.sort_unstable();
    folded.dedup();
    folded
}

fn is_among(sorted: &[String], folded: &str) -> bool {
    let found = sorted.binary_search_by(|name| name.as_str().cmp(folded));
    found.is_ok()
}
