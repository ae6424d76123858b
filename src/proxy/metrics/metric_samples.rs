//! A metric and its current values, in the form that the Prometheus library needs.

use prometheus::proto::{Counter, Gauge, LabelPair, Metric as Sample, MetricFamily};

use super::catalogue::{Metric, MetricKind};

pub(super) fn count(count: usize) -> f64 {
    large(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A count, exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
pub(super) fn large(count: u64) -> f64 {
    count as f64
}

pub(super) fn one(metric: &Metric, value: f64) -> MetricFamily {
    family(metric, [(Vec::new(), value)])
}

/// A metric whose series have these label values, in the order of the names, and a value each.
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
        if metric.kind == MetricKind::Counter {
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
