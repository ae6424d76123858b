//! The page that Prometheus reads.

use prometheus::proto::{Counter, Gauge, LabelPair, Metric as Sample, MetricFamily};
use prometheus::{Result, TextEncoder};

use super::catalogue::{self as all, Kind, Metric};
use super::families::Metrics;
use super::process;
use super::upstreams;
use crate::once::Usage;
use crate::proxy::unserved::Cause;
use crate::proxy::upstreams::UpstreamSnapshot;

/// What is read at the moment somebody asks.
pub(in crate::proxy) struct Now {
    pub(in crate::proxy) in_flight: usize,
    pub(in crate::proxy) connections: usize,
    pub(in crate::proxy) connection_limit: usize,
    pub(in crate::proxy) unserved: Vec<(Cause, u64)>,
    pub(in crate::proxy) evicted_connections: usize,
    pub(in crate::proxy) buffered: usize,
    pub(in crate::proxy) buffer_limit: usize,
    pub(in crate::proxy) upstreams: Vec<UpstreamSnapshot>,
    pub(in crate::proxy) once: Option<Usage>,
    pub(in crate::proxy) log_lines_dropped: u64,
    /// In seconds since 1970.
    pub(in crate::proxy) started: f64,
}

impl Metrics {
    /// All metrics in Prometheus' text format.
    pub(in crate::proxy) fn page(&self, now: &Now) -> Result<String> {
        let mut families = self.registry.gather();
        families.extend(now.families());
        families.sort_unstable_by(|a, b| a.name().cmp(b.name()));
        TextEncoder::new().encode_to_string(&families)
    }
}

impl Now {
    fn families(&self) -> Vec<MetricFamily> {
        let mut found = vec![
            one(&all::IN_FLIGHT, count(self.in_flight)),
            one(&all::CONNECTIONS, count(self.connections)),
            one(&all::CONNECTION_LIMIT, count(self.connection_limit)),
            family(&all::REFUSED_CONNECTIONS, self.unserved()),
            one(&all::EVICTED_CONNECTIONS, count(self.evicted_connections)),
            one(&all::BUFFERED, count(self.buffered)),
            one(&all::BUFFER_LIMIT, count(self.buffer_limit)),
            one(&all::LOG_LINES_DROPPED, large(self.log_lines_dropped)),
            one(&all::PROCESS_START, self.started),
        ];
        found.extend(upstreams::families(&self.upstreams));
        if let Some(once) = self.once {
            let known = [
                (&all::ONCE_ENTRIES, once.entries),
                (&all::ONCE_BYTES, once.bytes),
            ];
            let known = known.into_iter();
            found.extend(known.filter_map(|(metric, value)| Some(one(metric, large(value?)))));
            found.push(one(&all::ONCE_EVICTIONS, large(once.evicted)));
        }
        if let Some(usage) = process::Usage::now() {
            found.extend([
                one(&all::PROCESS_CPU, usage.cpu_seconds),
                one(&all::PROCESS_RESIDENT, usage.resident),
                one(&all::PROCESS_VIRTUAL, usage.virtual_memory),
                one(&all::PROCESS_THREADS, usage.threads),
                one(&all::PROCESS_FDS, usage.open_fds),
                one(&all::PROCESS_MAX_FDS, usage.max_fds),
            ]);
        }
        found
    }

    fn unserved(&self) -> impl Iterator<Item = (Vec<String>, f64)> {
        let counts = self.unserved.iter();
        counts.map(|(cause, count)| (vec![cause.code().to_owned()], large(*count)))
    }
}

pub(super) fn count(count: usize) -> f64 {
    large(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A count, exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
pub(super) fn large(count: u64) -> f64 {
    count as f64
}

fn one(metric: &Metric, value: f64) -> MetricFamily {
    family(metric, [(Vec::new(), value)])
}

/// A metric of which each series has these label values, in the order of the names, and a value.
pub(super) fn family(
    metric: &Metric,
    series: impl IntoIterator<Item = (Vec<String>, f64)>,
) -> MetricFamily {
    let sample = |(values, value): (Vec<String>, f64)| {
        let pairs = metric.labels.iter().zip(values).map(|(name, value)| {
            let mut pair = LabelPair::default();
            pair.set_name((*name).to_owned());
            pair.set_value(value);
            pair
        });
        let mut sample = Sample::from_label(pairs.collect());
        if metric.kind == Kind::Counter {
            let mut counter = Counter::default();
            counter.set_value(value);
            sample.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            sample.set_gauge(gauge);
        }
        sample
    };
    let mut family = MetricFamily::default();
    family.set_name(metric.name.to_owned());
    family.set_help(metric.meaning.to_owned());
    family.set_field_type(metric.kind.into());
    family.set_metric(series.into_iter().map(sample).collect());
    family
}
