//! The metrics that requests and reloads change, over all configurations.

use std::sync::Arc;
use std::time::SystemTime;

use prometheus::core::{Collector, MetricVec, MetricVecBuilder};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Registry, Result,
};

use super::catalogue::{self as all, Metric};
use super::store_watch::StoreWatch;
use super::wanted::Wanted;
use crate::config::Config;
use crate::once::Observer;

/// In seconds, from a refusal to a slow backend.
const REQUEST: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0,
];
/// From a body that arrived with its header to one that trickles.
const BODY_READ: &[f64] = &[0.0001, 0.001, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0];
/// From a refusal without a signature check to a large body under a large key.
const VERIFY: &[f64] = &[
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01,
];

/// From a table in memory to a server that is far away or gone.
const STORE: &[f64] = &[
    0.000_005, 0.000_02, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0,
    5.0,
];
/// From one private-key operation to the most that a callback may take, in turns.
const DECRYPT: &[f64] = &[
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// The metrics that requests and reloads change. They outlive every configuration.
#[derive(Debug)]
pub struct Metrics {
    pub(super) registry: Registry,
    pub(super) requests: IntCounterVec,
    pub(super) verdicts: IntCounterVec,
    pub(super) rejections: IntCounterVec,
    pub(super) would_reject: IntCounterVec,
    pub(super) faults: IntCounterVec,
    pub(super) ambiguous: IntCounterVec,
    pub(super) request_duration: HistogramVec,
    pub(super) body_read_duration: HistogramVec,
    pub(super) verify_duration: HistogramVec,
    pub(super) decrypted: IntCounterVec,
    pub(super) decrypt_duration: HistogramVec,
    pub(super) upstream_duration: HistogramVec,
    pub(super) key_uses: IntCounterVec,
    pub(super) once_claims: IntCounterVec,
    once: Arc<StoreWatch>,
    pub(super) key_last_used: IntGaugeVec,
    pub(super) route_keys: IntGaugeVec,
    reloads: IntCounterVec,
    reload_ok: IntGauge,
    reload_time: IntGauge,
}

impl Metrics {
    /// Metrics without any counts.
    ///
    /// # Errors
    /// If a name in the catalogue is invalid.
    pub fn new() -> Result<Self> {
        let registry = Registry::new();
        let build = gauges(&all::BUILD_INFO, &registry)?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let metrics = Self {
            requests: counters(&all::REQUESTS, &registry)?,
            verdicts: counters(&all::VERDICTS, &registry)?,
            rejections: counters(&all::REJECTIONS, &registry)?,
            would_reject: counters(&all::WOULD_REJECT, &registry)?,
            faults: counters(&all::FAULTS, &registry)?,
            ambiguous: counters(&all::AMBIGUOUS, &registry)?,
            request_duration: histograms(&all::REQUEST_DURATION, REQUEST, &registry)?,
            body_read_duration: histograms(&all::BODY_READ_DURATION, BODY_READ, &registry)?,
            verify_duration: histograms(&all::VERIFY_DURATION, VERIFY, &registry)?,
            decrypted: counters(&all::DECRYPTED, &registry)?,
            decrypt_duration: histograms(&all::DECRYPT_DURATION, DECRYPT, &registry)?,
            upstream_duration: histograms(&all::UPSTREAM_DURATION, REQUEST, &registry)?,
            key_uses: counters(&all::KEY_USES, &registry)?,
            once_claims: counters(&all::ONCE_CLAIMS, &registry)?,
            once: Arc::new(StoreWatch::new(
                &histograms(&all::ONCE_STORE_DURATION, STORE, &registry)?,
                &counters(&all::ONCE_STORE_ERRORS, &registry)?,
                &counters(&all::ONCE_LOST, &registry)?,
                gauge(&all::ONCE_UNTOLD, &registry)?,
                &counters(&all::ONCE_NEVER_TOLD, &registry)?,
            )),
            key_last_used: gauges(&all::KEY_LAST_USED, &registry)?,
            route_keys: gauges(&all::ROUTE_KEYS, &registry)?,
            reloads: counters(&all::RELOADS, &registry)?,
            reload_ok: gauge(&all::RELOAD_OK, &registry)?,
            reload_time: gauge(&all::RELOAD_TIME, &registry)?,
            registry,
        };
        for result in ["ok", "failed"] {
            metrics.reloads.with_label_values(&[result]);
        }
        metrics.in_force();
        Ok(metrics)
    }

    /// Removes the series that a configuration does not have. Requests of an older one may still
    /// count in theirs, invisibly.
    pub(in crate::proxy) fn keep_only(&self, config: &Config) {
        let routes = config.routes.iter();
        let decrypting = routes.clone().filter(|route| route.decrypt.is_some());
        let (wanted, decrypting) = (Wanted::new(routes), Wanted::new(decrypting));
        let joining = config
            .routes
            .iter()
            .filter(|route| route.policy.scheme.may_be_ambiguous());
        retain(&self.ambiguous, &Wanted::new(joining));
        retain(&self.decrypted, &decrypting);
        retain(&self.decrypt_duration, &decrypting);
        for counters in [
            &self.requests,
            &self.verdicts,
            &self.rejections,
            &self.would_reject,
            &self.faults,
            &self.key_uses,
            &self.once_claims,
        ] {
            retain(counters, &wanted);
        }
        for gauges in [&self.key_last_used, &self.route_keys] {
            retain(gauges, &wanted);
        }
        for histograms in [
            &self.request_duration,
            &self.body_read_duration,
            &self.verify_duration,
            &self.upstream_duration,
        ] {
            retain(histograms, &wanted);
        }
    }

    /// Observes the store of remembered callbacks.
    pub(in crate::proxy) fn once(&self) -> Arc<dyn Observer> {
        Arc::<StoreWatch>::clone(&self.once)
    }

    /// Counts a reload.
    pub(in crate::proxy) fn reloaded(&self, ok: bool) {
        let result = if ok { "ok" } else { "failed" };
        self.reloads.with_label_values(&[result]).inc();
        if ok {
            self.in_force();
        } else {
            self.reload_ok.set(0);
        }
    }

    fn in_force(&self) {
        self.reload_ok.set(1);
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        self.reload_time
            .set(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    }
}

fn retain<T: MetricVecBuilder>(family: &MetricVec<T>, wanted: &Wanted<'_>)
where
    MetricVec<T>: Collector,
{
    let Some((names, families)) = family
        .desc()
        .first()
        .map(|desc| (desc.variable_labels.clone(), family.collect()))
    else {
        return;
    };
    for metric in families.iter().flat_map(|family| family.get_metric()) {
        let value = |name: &str| {
            let mut labels = metric.get_label().iter();
            labels
                .find(|label| label.name() == name)
                .map(|label| label.value())
        };
        if !wanted.has(value) {
            let values: Vec<&str> = names.iter().map(|name| value(name).unwrap_or("")).collect();
            // It existed a moment ago, and only reloads remove it.
            let _ = family.remove_label_values(&values);
        }
    }
}

fn counters(metric: &Metric, registry: &Registry) -> Result<IntCounterVec> {
    let family = IntCounterVec::new(metric.opts(), metric.labels)?;
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}

fn gauges(metric: &Metric, registry: &Registry) -> Result<IntGaugeVec> {
    let family = IntGaugeVec::new(metric.opts(), metric.labels)?;
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}

fn gauge(metric: &Metric, registry: &Registry) -> Result<IntGauge> {
    let gauge = IntGauge::with_opts(metric.opts())?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

fn histograms(metric: &Metric, buckets: &[f64], registry: &Registry) -> Result<HistogramVec> {
    let opts = HistogramOpts::from(metric.opts()).buckets(buckets.to_vec());
    let family = HistogramVec::new(opts, metric.labels)?;
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}
