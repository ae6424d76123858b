//! Reminds the operator of routes that reject nothing.

use std::sync::Arc;
use std::time::Duration;

use log::warn;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::config::{Config, Route, format_time};
use crate::proxy::unix_time::unix_now;

/// How often the time is looked at: when report mode ends is a matter of the wall clock, which can be set.
const TICK: Duration = Duration::from_secs(1);
/// An hour, in seconds.
const BETWEEN: i64 = 60 * 60;

/// The routes of a configuration that are in report mode.
pub(super) struct ReportReminders {
    routes: Vec<Arc<Route>>,
    /// In Unix seconds.
    next: i64,
}

impl ReportReminders {
    /// The first reminder is due in an hour; the load itself has warned.
    pub(super) fn of(config: &Config) -> Self {
        let routes = config.routes.iter();
        let routes = routes.filter(|route| route.report.is_some());
        Self {
            routes: routes.cloned().collect(),
            next: after(unix_now()),
        }
    }

    /// Writes to the error log once an hour, and when a route's report mode ends. Never returns; can be
    /// dropped at any time.
    pub(super) async fn remind(&mut self) {
        let mut ticks = interval_at(Instant::now(), TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.routes.is_empty() {
            ticks.tick().await;
            self.look(unix_now());
        }
        std::future::pending().await
    }

    fn look(&mut self, now: i64) {
        self.routes.retain(|route| {
            let report = route.report.as_ref();
            let goes_on = report.is_some_and(|report| report.goes_on(|| now));
            if !goes_on {
                warn!(
                    "route \"{}\": report mode has ended, and what fails verification is rejected",
                    route.name
                );
            }
            goes_on
        });
        // Also if the clock was set back.
        if now < self.next && self.next <= after(now) {
            return;
        }
        self.next = after(now);
        for route in &self.routes {
            let report = route.report.as_ref();
            let until = report.map(|report| format_time(report.until()));
            let until = until.unwrap_or_default();
            warn!(
                "route \"{}\" is in report mode until {until}: its backend gets forged callbacks, too",
                route.name
            );
        }
    }
}

const fn after(now: i64) -> i64 {
    now.saturating_add(BETWEEN)
}
