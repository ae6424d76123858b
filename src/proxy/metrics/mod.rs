//! Counts and timings for Prometheus.
//!
//! `catalogue` lists every metric; `families` holds those that requests change. A configuration
//! creates its `series` of them once, so that a request finds its counters by address and only adds
//! to them: it looks up no label, allocates nothing and takes no lock. Values that can be read at
//! any time are read on request (`now`, `process_stats`).

mod by_address;
mod catalogue;
mod families;
mod metric_samples;
mod now;
mod process_stats;
mod seldom;
mod series;
mod store_watch;
mod upstream_samples;
mod wanted;

pub use catalogue::{Metric, MetricKind};
pub use families::Metrics;
pub(super) use now::Now;
pub use series::Series;
