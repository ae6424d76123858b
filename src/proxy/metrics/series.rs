//! The series of one configuration, looked up once when it is loaded.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prometheus::{Histogram, IntCounter, IntGauge};

use super::by_address::ByAddress;
use super::families::Metrics;
use super::seldom::Seldom;
use crate::config::{Config, Route, UpstreamTarget};
use crate::judge::{Fault, Refusal};
use crate::proxy::once::ClaimOutcome;
use crate::record::{Decrypted, Finished};
use crate::success::SuccessRule;
use crate::verify::{Key, Reason, Rejection, Verified};

/// The classes of statuses, as label values; the first is for an invalid status.
const CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// The series of one configuration.
#[derive(Debug)]
pub struct Series {
    routes: ByAddress<RouteSeries>,
    /// For requests that match no route.
    unrouted: Answers,
}

#[derive(Debug)]
struct RouteSeries {
    answers: Answers,
    read: Histogram,
    verify: Histogram,
    decrypt: Option<Decryptions>,
    upstream: Option<Histogram>,
    verified: ByAddress<OfKey>,
    rejected: IntCounter,
    rejections: Seldom,
    would_reject: Option<WouldReject>,
    handshakes: Option<IntCounter>,
    ambiguous: Option<IntCounter>,
    claims: Seldom,
}

/// For a route in report mode.
#[derive(Debug)]
struct WouldReject {
    rejected: IntCounter,
    /// By reason, and behind the reasons, by fault.
    reasons: Seldom,
}

/// For a route that decrypts.
#[derive(Debug)]
struct Decryptions {
    ok: IntCounter,
    failed: IntCounter,
    duration: Histogram,
}

#[derive(Debug)]
struct Answers {
    by_class: Seldom,
    faults: Seldom,
    duration: Histogram,
}

/// For a key on a route.
#[derive(Debug)]
struct OfKey {
    verified: IntCounter,
    uses: IntCounter,
    last_used: IntGauge,
}

/// The counts of a route and its keys, for people.
pub(in crate::proxy) struct RouteCounts {
    pub(in crate::proxy) verified: u64,
    pub(in crate::proxy) rejected: u64,
}

impl Metrics {
    /// The series of a configuration; existing ones continue to count.
    #[must_use]
    pub fn series(&self, config: &Config) -> Series {
        Series::new(self, config)
    }
}

impl Series {
    pub(super) fn new(metrics: &Metrics, config: &Config) -> Self {
        let routes = config.routes.iter();
        Self {
            routes: ByAddress::new(
                routes.map(|route| (route.as_ref(), RouteSeries::new(metrics, route))),
            ),
            unrouted: Answers::new(metrics, ""),
        }
    }

    /// Observes the time that a verification took.
    pub fn looked(&self, route: &Route, took: Duration) {
        if let Some(route) = self.routes.get(route) {
            route.verify.observe(took.as_secs_f64());
        }
    }

    /// Counts a verified callback, and the key that made the signature.
    pub fn verified(&self, route: &Route, verified: &Verified<'_>) {
        let Some(route) = self.routes.get(route) else {
            return;
        };
        if let Some(key) = route.verified.get(verified.key()) {
            key.verified.inc();
            key.uses.inc();
            key.last_used.set(verified.at());
        }
        if verified.ambiguous().is_some() {
            let _ = route.ambiguous.as_ref().map(IntCounter::inc);
        }
    }

    /// Counts a rejected callback.
    pub fn rejected(&self, route: &Route, rejection: &Rejection) {
        if let Some(route) = self.routes.get(route) {
            route.rejected.inc();
            let reason = rejection.reason;
            route.rejections.count(reason as usize, reason.code());
        }
    }

    /// Counts a request that a route in report mode forwards, and would have refused.
    pub(in crate::proxy) fn would_reject(&self, route: &Route, refusal: &Refusal) {
        let route = self.routes.get(route);
        let Some(would) = route.and_then(|route| route.would_reject.as_ref()) else {
            return;
        };
        let nth = match refusal {
            Refusal::Callback(rejection, _) => {
                would.rejected.inc();
                rejection.reason as usize
            }
            other => Reason::ALL
                .len()
                .saturating_add(other.fault().unwrap_or(Fault::Internal) as usize),
        };
        would.reasons.count(nth, refusal.code());
    }

    /// Counts a handshake that is answered.
    pub(in crate::proxy) fn handshake(&self, route: &Route) {
        let route = self.routes.get(route);
        if let Some(count) = route.and_then(|route| route.handshakes.as_ref()) {
            count.inc();
        }
    }

    /// Counts the decrypted values of a callback, and those that could not be decrypted.
    pub(in crate::proxy) fn decrypted(&self, route: &Route, decrypted: Decrypted) {
        let route = self.routes.get(route);
        if let Some(counts) = route.and_then(|route| route.decrypt.as_ref()) {
            let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
            counts.ok.inc_by(number(decrypted.values));
            counts.failed.inc_by(number(decrypted.failed));
            counts.duration.observe(decrypted.time.as_secs_f64());
        }
    }

    /// Counts a request to this route that ended.
    pub fn ended(&self, route: Option<&Route>, ended: &Finished) {
        let route = route.and_then(|route| self.routes.get(route));
        let answers = route.map_or(&self.unrouted, |route| &route.answers);
        answers.duration.observe(ended.duration.as_secs_f64());
        let class = usize::from(ended.status / 100);
        let class = if class < CLASSES.len() { class } else { 0 };
        let name = CLASSES.get(class).copied().unwrap_or_default();
        answers.by_class.count(class, name);
        if let Some(fault) = ended.fault {
            answers.faults.count(fault.index, fault.name);
        }
        let Some(route) = route else { return };
        if let Some(once) = ended.once {
            route.claims.count(once.index, once.name);
        }
        if let Some(read) = ended.read {
            route.read.observe(read.as_secs_f64());
        }
        if let (Some(upstream), Some(took)) = (&route.upstream, ended.upstream_time) {
            upstream.observe(took.as_secs_f64());
        }
    }

    /// How often a key was used, over all routes, and when last.
    pub(in crate::proxy) fn uses(&self, route: &Route, key: &Key) -> (u64, Option<SystemTime>) {
        let key = self
            .routes
            .get(route)
            .and_then(|route| route.verified.get(key));
        let seconds = key.map_or(0, |key| key.last_used.get());
        let last_used = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
        let time = last_used
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        (key.map_or(0, |key| key.uses.get()), time)
    }

    /// The counts of a route.
    pub(in crate::proxy) fn counts(&self, route: &Route) -> RouteCounts {
        let route = self.routes.get(route);
        RouteCounts {
            verified: route.map_or(0, |route| {
                let keys = route.verified.values();
                keys.fold(0, |sum: u64, key| sum.saturating_add(key.verified.get()))
            }),
            rejected: route.map_or(0, |route| route.rejected.get()),
        }
    }
}

impl RouteSeries {
    fn new(metrics: &Metrics, route: &Route) -> Self {
        let name = &*route.name;
        let scheme = route.policy.scheme.name.as_str();
        let keys = &route.policy.keys;
        let rules = route.policy.scheme.rules();
        let has_handshakes = rules.handshake_methods().next().is_some();
        let of_key = |key: &Key| OfKey {
            verified: metrics
                .verdicts
                .with_label_values(&[name, scheme, key.id(), "verified"]),
            uses: metrics.key_uses.with_label_values(&[key.id()]),
            last_used: metrics.key_last_used.with_label_values(&[key.id()]),
        };
        let distinct: HashMap<&str, &Arc<Key>> = keys.all().map(|key| (key.id(), key)).collect();
        metrics
            .route_keys
            .with_label_values(&[name, keys.choice()])
            .set(i64::try_from(distinct.len()).unwrap_or(i64::MAX));
        let answers = Answers::new(metrics, name);
        if route.success != SuccessRule::default() {
            // Start at zero: a series that first appears with a 1 shows no increase.
            let fault = Fault::AnswerNotSuccess;
            answers.faults.show(fault as usize, fault.code());
        }
        Self {
            answers,
            read: metrics.body_read_duration.with_label_values(&[scheme]),
            verify: metrics.verify_duration.with_label_values(&[scheme]),
            decrypt: route.decrypt.is_some().then(|| Decryptions {
                ok: metrics.decrypted.with_label_values(&[name, "ok"]),
                failed: metrics.decrypted.with_label_values(&[name, "failed"]),
                duration: metrics.decrypt_duration.with_label_values(&[name]),
            }),
            upstream: (route.upstream.target != UpstreamTarget::Echo).then(|| {
                let upstream = route.upstream.name.as_str();
                metrics.upstream_duration.with_label_values(&[upstream])
            }),
            verified: ByAddress::new(keys.all().map(|key| (key.as_ref(), of_key(key)))),
            rejected: metrics
                .verdicts
                .with_label_values(&[name, scheme, "", "rejected"]),
            rejections: Seldom::new(&metrics.rejections, &[name, scheme], Reason::ALL.len()),
            would_reject: route.report.as_ref().map(|_| WouldReject {
                rejected: metrics
                    .verdicts
                    .with_label_values(&[name, scheme, "", "would_reject"]),
                reasons: Seldom::new(
                    &metrics.would_reject,
                    &[name, scheme],
                    Reason::ALL.len().saturating_add(Fault::ALL.len()),
                ),
            }),
            handshakes: has_handshakes.then(|| {
                metrics
                    .verdicts
                    .with_label_values(&[name, scheme, "", "handshake"])
            }),
            ambiguous: route
                .policy
                .scheme
                .may_be_ambiguous()
                .then(|| metrics.ambiguous.with_label_values(&[name])),
            claims: claims(metrics, route),
        }
    }
}

fn claims(metrics: &Metrics, route: &Route) -> Seldom {
    let claims = Seldom::new(
        &metrics.once_claims,
        &[&route.name],
        ClaimOutcome::ALL.len(),
    );
    if route.once.is_some() {
        // Start at zero: a series that first appears with a 1 shows no increase.
        for outcome in ClaimOutcome::ALL {
            claims.show(*outcome as usize, outcome.code());
        }
    }
    claims
}

impl Answers {
    fn new(metrics: &Metrics, route: &str) -> Self {
        let faults = Seldom::new(&metrics.faults, &[route], Fault::ALL.len());
        // Start at zero: a series that first appears with a 1 shows no increase.
        faults.show(Fault::Overloaded as usize, Fault::Overloaded.code());
        Self {
            by_class: Seldom::new(&metrics.requests, &[route], CLASSES.len()),
            faults,
            duration: metrics.request_duration.with_label_values(&[route]),
        }
    }
}
