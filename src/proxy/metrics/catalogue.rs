//! Every metric, as data: the program makes them from it, and `docs/metrics.md` lists it.

use prometheus::Opts;
use prometheus::proto::MetricType;

/// A metric.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its full name.
    pub name: &'static str,
    /// What its values are.
    pub kind: MetricKind,
    /// What tells its series apart. Nothing that a client sends is ever the value of one.
    pub labels: &'static [&'static str],
    /// What it counts, in a sentence or two.
    pub meaning: &'static str,
}

/// What the values of a metric are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Grows, and begins at zero with the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many values were at most so large.
    Histogram,
}

impl MetricKind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl From<MetricKind> for MetricType {
    fn from(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Counter => Self::COUNTER,
            MetricKind::Gauge => Self::GAUGE,
            MetricKind::Histogram => Self::HISTOGRAM,
        }
    }
}

impl Metric {
    pub(super) fn opts(&self) -> Opts {
        Opts::new(self.name, self.meaning)
    }
}

/// Declares the metrics and the list of all of them.
macro_rules! metrics {
    ($($ident:ident = $kind:ident $name:literal [$($label:literal),*] $meaning:literal;)+) => {
        $(pub(super) const $ident: Metric = Metric {
            name: $name,
            kind: MetricKind::$kind,
            labels: &[$($label),*],
            meaning: $meaning,
        };)+

        impl Metric {
            /// Every metric.
            pub const ALL: &'static [Self] = &[$($ident),+];
        }
    };
}

metrics! {
    REQUESTS = Counter "countersign_requests_total" ["route", "status"] "Requests that ended, by the class of the answer's status (2xx). The route is empty if none matched.";
    VERDICTS = Counter "countersign_verdicts_total" ["route", "scheme", "key", "verdict"] "Callbacks that were verified or rejected, or that a route in report mode would have rejected (`would_reject`), and handshakes that were answered (`handshake`). Only verified ones have a key.";
    REJECTIONS = Counter "countersign_rejections_total" ["route", "scheme", "reason"] "Rejected callbacks, by reason (docs/reasons.md).";
    WOULD_REJECT = Counter "countersign_would_reject_total" ["route", "scheme", "reason"] "Requests that a route in report mode forwarded, and would have refused, by reason (docs/reasons.md).";
    FAULTS = Counter "countersign_faults_total" ["route", "reason"] "Requests that failed for a reason other than verification (docs/reasons.md).";
    AMBIGUOUS = Counter "countersign_ambiguous_callbacks_total" ["route"] "Verified callbacks that could have been signed as others (docs/security.md) and that the route forwards. Only for routes whose scheme joins fields or sets `ambiguous_join`.";
    REQUEST_DURATION = Histogram "countersign_request_duration_seconds" ["route"] "Time from the request header to the last byte of the answer.";
    BODY_READ_DURATION = Histogram "countersign_body_read_duration_seconds" ["scheme"] "Time to read a body: how fast the provider sends.";
    VERIFY_DURATION = Histogram "countersign_verify_duration_seconds" ["scheme"] "Time to verify a callback.";
    DECRYPTED = Counter "countersign_decrypted_values_total" ["route", "result"] "Values of verified callbacks that were decrypted (`ok`) or could not be (`failed`). Only for routes that decrypt.";
    DECRYPT_DURATION = Histogram "countersign_decrypt_duration_seconds" ["route"] "Time to decrypt a callback, including the wait for its turn. Only for routes that decrypt.";
    UPSTREAM_DURATION = Histogram "countersign_upstream_duration_seconds" ["upstream"] "Time from connecting to the upstream to the last byte of its answer.";
    UPSTREAM_UP = Gauge "countersign_upstream_up" ["upstream", "server"] "1 if the server gets callbacks, 0 if it failed too often, its health checks fail, or its name has no address. For a name with several addresses, the share of them that get callbacks. A server that is configured as down has no series.";
    UPSTREAM_REQUESTS = Counter "countersign_upstream_requests_total" ["upstream", "server"] "How often the server was chosen.";
    UPSTREAM_FAILS = Counter "countersign_upstream_fails_total" ["upstream", "server"] "How often the server failed, as `max_fails` counts it.";
    UPSTREAM_IN_FLIGHT = Gauge "countersign_upstream_in_flight_requests" ["upstream", "server"] "Callbacks that the server has not answered yet.";
    UPSTREAM_IDLE = Gauge "countersign_upstream_idle_connections" ["upstream", "server"] "Idle keep-alive connections to the server.";
    ONCE_CLAIMS = Counter "countersign_once_claims_total" ["route", "outcome"] "Verified callbacks on routes that recognise repeats, by the result of the claim: `fresh`, `repeat`, `in_flight`, `unavailable`, `unchecked`.";
    ONCE_LOST = Counter "countersign_once_claims_lost_total" [] "Claims that expired and were taken over by another copy while a backend worked on the callback: it may have acted on both.";
    ONCE_STORE_DURATION = Histogram "countersign_once_store_duration_seconds" ["operation"] "Time for an operation of the store of remembered callbacks: `claim`, `renew`, `commit`, `release`.";
    ONCE_STORE_ERRORS = Counter "countersign_once_store_errors_total" ["operation"] "Operations of the store that failed.";
    ONCE_UNTOLD = Gauge "countersign_once_untold_outcomes" [] "Outcomes that could not be written to the store yet; they are written as soon as it is back.";
    ONCE_NEVER_TOLD = Counter "countersign_once_successes_never_told_total" [] "Callbacks that a backend accepted but that were never written to the store, because it was away for five minutes or too many were waiting: a repeat of them would pass.";
    ONCE_ENTRIES = Gauge "countersign_once_entries" [] "Callbacks that are claimed or remembered, if the store counts them.";
    ONCE_BYTES = Gauge "countersign_once_bytes" [] "Memory or disk space that these callbacks take.";
    ONCE_EVICTIONS = Counter "countersign_once_evictions_total" [] "Remembered callbacks that were evicted before they expired, because there were too many: a repeat of them would pass.";
    CAPTURED = Counter "countersign_captured_requests_total" [] "Rejected requests that were captured. Only with `capture`, as the next three.";
    CAPTURE_ENTRIES = Gauge "countersign_capture_entries" [] "Captured requests that are kept.";
    CAPTURE_BYTES = Gauge "countersign_capture_bytes" [] "Memory that they take.";
    CAPTURE_EVICTIONS = Counter "countersign_capture_evictions_total" ["cause"] "Captured requests that were dropped, by cause: `per_client` and `share` make room for others, `expired` ones are too old, `reload` no longer captures them.";
    KEY_USES = Counter "countersign_key_uses_total" ["key"] "Callbacks that the key verified, over all routes.";
    KEY_LAST_USED = Gauge "countersign_key_last_used_timestamp_seconds" ["key"] "When the key last verified a callback; 0 if not since the start.";
    ROUTE_KEYS = Gauge "countersign_route_keys" ["route", "choice"] "Number of keys that a route accepts. The choice is `any` for a list, `header` if a header selects the key.";
    IN_FLIGHT = Gauge "countersign_in_flight_requests" [] "Requests that have started and are not fully answered yet.";
    CONNECTIONS = Gauge "countersign_connections" [] "Open client connections.";
    CONNECTION_LIMIT = Gauge "countersign_connections_limit" [] "Limit on client connections: `connections` in `[limits]`, or less if the process has too few file descriptors.";
    EVICTED_CONNECTIONS = Counter "countersign_connections_evicted_total" [] "Connections that were closed to make room for new ones when the limit was reached: idle ones, and those with an unfinished header or stalled requests.";
    REFUSED_CONNECTIONS = Counter "countersign_connections_refused_total" ["cause"] "Connections that ended before a request arrived, by cause (docs/metrics.md). A connection that the client closes without sending anything does not count.";
    BUFFERED = Gauge "countersign_buffered_body_bytes" [] "Memory that request bodies hold.";
    BUFFER_LIMIT = Gauge "countersign_buffered_body_limit_bytes" [] "Limit on memory for request bodies: `buffer` in `[limits]`.";
    RELOADS = Counter "countersign_reloads_total" ["result"] "Reloads, by result: `ok` or `failed`.";
    RELOAD_OK = Gauge "countersign_config_last_reload_successful" [] "1 if the last reload succeeded or there was none, 0 if it failed and the file on disk is not the active configuration.";
    RELOAD_TIME = Gauge "countersign_config_last_reload_success_timestamp_seconds" [] "When the active configuration was read.";
    LOG_LINES_DROPPED = Counter "countersign_log_lines_dropped_total" [] "Log lines that were lost because the destination was too slow or could not be written to.";
    BUILD_INFO = Gauge "countersign_build_info" ["version"] "Always 1; the label is the running version.";
    PROCESS_CPU = Counter "process_cpu_seconds_total" [] "CPU time of the process.";
    PROCESS_START = Gauge "process_start_time_seconds" [] "Start time of the process.";
    PROCESS_RESIDENT = Gauge "process_resident_memory_bytes" [] "Resident memory.";
    PROCESS_VIRTUAL = Gauge "process_virtual_memory_bytes" [] "Virtual memory.";
    PROCESS_FDS = Gauge "process_open_fds" [] "Open file descriptors: each connection takes one.";
    PROCESS_MAX_FDS = Gauge "process_max_fds" [] "Limit on open file descriptors.";
    PROCESS_THREADS = Gauge "process_threads" [] "Threads.";
}
