//! What is counted and timed, for Prometheus.
//!
//! `catalogue` lists every metric; `families` holds those that requests move. A configuration makes
//! its `series` of them once, so that a request finds its counters by address and only adds to
//! them: no label is looked up, nothing is allocated or locked. What can be read at any time is
//! read when somebody asks (`now`, `process_stats`).

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
