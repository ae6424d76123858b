//! The captured requests, which outlive the configurations that capture them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use log::warn;
use tokio::time::{MissedTickBehavior, interval};

use crate::capture::{
    CaptureRing, CaptureSettings, CaptureUsage, CapturedRequest, EntryLimits, FoundCapture,
};

/// How often those are dropped that are too old.
const TICK: Duration = Duration::from_secs(1);

/// The captured requests. They are in memory only.
#[derive(Debug)]
pub(in crate::proxy) struct Captures {
    ring: CaptureRing,
    started: Instant,
}

impl Default for Captures {
    fn default() -> Self {
        Self {
            ring: CaptureRing::default(),
            started: Instant::now(),
        }
    }
}

impl Captures {
    /// Captures as these settings say from now on, or no more.
    pub(in crate::proxy) fn configure(&self, settings: Option<&CaptureSettings>) {
        let dropped = self.ring.configure(settings);
        if dropped > 0 {
            warn!(
                "capture: {} dropped: the new configuration captures less",
                were(dropped)
            );
        }
    }

    /// How much of a request to this route is kept; `None` if it is not captured.
    pub(in crate::proxy) fn limits(&self, route: &str) -> Option<EntryLimits> {
        self.ring.limits(route)
    }

    /// Keeps a request.
    pub(in crate::proxy) fn add(&self, request: CapturedRequest) {
        self.ring.add(request, self.started.elapsed());
    }

    /// All requests, or those of one route, newest first.
    pub(in crate::proxy) fn list(&self, route: Option<&str>) -> Vec<Arc<CapturedRequest>> {
        self.ring.list(route)
    }

    /// The request with this id, or the only one whose id begins with it.
    pub(in crate::proxy) fn find(&self, id: &str) -> FoundCapture {
        self.ring.find(id)
    }

    pub(in crate::proxy) fn usage(&self) -> CaptureUsage {
        self.ring.usage()
    }

    /// Drops what is too old, for ever.
    pub(in crate::proxy) async fn expire(self: Arc<Self>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.ring.expire(self.started.elapsed());
        }
    }

    /// Logs what is lost when the process ends.
    pub(in crate::proxy) fn tell_end(&self) {
        let lost = self.ring.usage().entries;
        if lost > 0 {
            warn!("capture: {} dropped with this process", were(lost));
        }
    }
}

fn were(count: usize) -> String {
    match count {
        1 => "1 captured request was".to_owned(),
        _ => format!("{count} captured requests were"),
    }
}
