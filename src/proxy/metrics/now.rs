//! The page that Prometheus reads.

use prometheus::proto::MetricFamily;
use prometheus::{Result, TextEncoder};

use super::catalogue as all;
use super::families::Metrics;
use super::metric_samples::{count, family, large, one};
use super::{process_stats, upstream_samples};
use crate::capture::CaptureUsage;
use crate::once::StoreUsage;
use crate::proxy::connection::UnservedCause;
use crate::proxy::upstreams::UpstreamSnapshot;

/// Values that are read at the time of the request.
pub(in crate::proxy) struct Now {
    pub(in crate::proxy) in_flight: usize,
    pub(in crate::proxy) connections: usize,
    pub(in crate::proxy) connection_limit: usize,
    pub(in crate::proxy) unserved: Vec<(UnservedCause, u64)>,
    pub(in crate::proxy) evicted_connections: usize,
    pub(in crate::proxy) buffered: usize,
    pub(in crate::proxy) buffer_limit: usize,
    pub(in crate::proxy) upstreams: Vec<UpstreamSnapshot>,
    pub(in crate::proxy) once: Option<StoreUsage>,
    /// If requests are captured.
    pub(in crate::proxy) captures: Option<CaptureUsage>,
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
        found.extend(upstream_samples::families(&self.upstreams));
        if let Some(once) = self.once {
            let known = [
                (&all::ONCE_ENTRIES, once.entries),
                (&all::ONCE_BYTES, once.bytes),
            ];
            let known = known.into_iter();
            found.extend(known.filter_map(|(metric, value)| Some(one(metric, large(value?)))));
            found.push(one(&all::ONCE_EVICTIONS, large(once.evicted)));
        }
        if let Some(captures) = &self.captures {
            let causes = captures.evicted.iter();
            let causes =
                causes.map(|(cause, count)| (vec![cause.code().to_owned()], large(*count)));
            found.extend([
                one(&all::CAPTURED, large(captures.captured)),
                one(&all::CAPTURE_ENTRIES, count(captures.entries)),
                one(&all::CAPTURE_BYTES, count(captures.bytes)),
                family(&all::CAPTURE_EVICTIONS, causes),
            ]);
        }
        if let Some(usage) = process_stats::Usage::now() {
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
