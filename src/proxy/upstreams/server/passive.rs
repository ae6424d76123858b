//! Passive health checks: what failures say about a server, by nginx's rules. Pure: the time is an
//! argument.

use std::time::{Duration, Instant};

/// How many failures take a server out, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proxy) struct PassiveLimits {
    /// 0: none does.
    pub(in crate::proxy) max_fails: u32,
    pub(in crate::proxy) fail_timeout: Duration,
}

/// The failures of a server so far.
#[derive(Debug, Default)]
pub(super) struct Passive {
    fails: u32,
    /// When it last failed.
    failed: Option<Instant>,
    /// When it last failed or was tried again, whichever was later.
    checked: Option<Instant>,
}

impl Passive {
    /// Whether it gets no callbacks. After `fail_timeout`, one is let through to probe it; the
    /// others wait for the result.
    pub(in crate::proxy) fn is_out(&self, limits: PassiveLimits, now: Instant) -> bool {
        limits.max_fails > 0 && self.fails >= limits.max_fails && !self.is_over(limits, now)
    }

    /// It gets a callback.
    pub(in crate::proxy) fn picked(&mut self, limits: PassiveLimits, now: Instant) {
        if self.fails > 0 && (self.is_over(limits, now) || self.is_out(limits, now)) {
            self.checked = Some(now);
        }
    }

    /// It failed; `true` if that took it out.
    pub(in crate::proxy) fn failed(&mut self, limits: PassiveLimits, now: Instant) -> bool {
        // Failures count within `fail_timeout` of each other.
        let again = self.is_out(limits, now);
        if self.fails < limits.max_fails && self.is_over(limits, now) {
            self.fails = 0;
        }
        self.fails = self.fails.saturating_add(1);
        self.failed = Some(now);
        self.checked = Some(now);
        !again && self.is_out(limits, now)
    }

    /// It answered; `true` if that brought it back.
    pub(in crate::proxy) fn succeeded(&mut self, limits: PassiveLimits) -> bool {
        // An answer to a callback from before the failure proves nothing.
        if self.failed >= self.checked {
            return false;
        }
        let was_out = limits.max_fails > 0 && self.fails >= limits.max_fails;
        *self = Self::default();
        was_out
    }

    /// Whether it has recent failures.
    pub(super) fn is_clean(&self) -> bool {
        self.fails == 0
    }

    fn is_over(&self, limits: PassiveLimits, now: Instant) -> bool {
        self.checked
            .is_none_or(|checked| now.saturating_duration_since(checked) > limits.fail_timeout)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    const LIMITS: PassiveLimits = PassiveLimits {
        max_fails: 2,
        fail_timeout: Duration::from_secs(10),
    };

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn enough_failures_take_a_server_out_for_fail_timeout() {
        let start = Instant::now();
        let mut passive = Passive::default();
        assert!(!passive.failed(LIMITS, start));
        assert!(!passive.is_out(LIMITS, start));
        assert!(passive.failed(LIMITS, after(start, 1)));
        assert!(passive.is_out(LIMITS, after(start, 11)));
        assert!(!passive.is_out(LIMITS, after(start, 12)));
        // A request that was in flight changes nothing.
        assert!(!passive.failed(LIMITS, after(start, 2)));
    }

    #[test]
    fn one_callback_probes_a_failed_server_while_others_wait() {
        let start = Instant::now();
        let mut passive = Passive::default();
        passive.failed(LIMITS, start);
        passive.failed(LIMITS, start);
        let later = after(start, 20);
        assert!(!passive.is_out(LIMITS, later));
        passive.picked(LIMITS, later);
        assert!(passive.is_out(LIMITS, later));
        // Either it fails again at once, or it is back.
        let mut failed = passive;
        failed.failed(LIMITS, later);
        assert!(failed.is_out(LIMITS, later));
        let mut back = Passive::default();
        back.failed(LIMITS, start);
        back.failed(LIMITS, start);
        back.picked(LIMITS, later);
        assert!(back.succeeded(LIMITS));
        assert!(!back.is_out(LIMITS, later) && back.is_clean());
    }

    #[test]
    fn an_answer_to_an_older_callback_does_not_restore_a_server() {
        let start = Instant::now();
        let mut passive = Passive::default();
        passive.failed(LIMITS, start);
        passive.failed(LIMITS, start);
        assert!(!passive.succeeded(LIMITS));
        assert!(passive.is_out(LIMITS, start));
    }

    #[test]
    fn failures_far_apart_do_not_add_up() {
        let start = Instant::now();
        let mut passive = Passive::default();
        passive.failed(LIMITS, start);
        assert!(!passive.failed(LIMITS, after(start, 11)));
        assert!(!passive.is_out(LIMITS, after(start, 11)));
        assert!(passive.failed(LIMITS, after(start, 12)));
    }

    #[test]
    fn a_server_tried_as_a_last_resort_can_recover_at_once() {
        let start = Instant::now();
        let mut passive = Passive::default();
        passive.failed(LIMITS, start);
        passive.failed(LIMITS, start);
        passive.picked(LIMITS, after(start, 1));
        assert!(passive.succeeded(LIMITS));
        assert!(!passive.is_out(LIMITS, after(start, 1)));
    }

    #[test]
    fn failures_are_ignored_if_passive_checks_are_off() {
        let off = PassiveLimits {
            max_fails: 0,
            ..LIMITS
        };
        let start = Instant::now();
        let mut passive = Passive::default();
        for _ in 0..10 {
            assert!(!passive.failed(off, start));
        }
        assert!(!passive.is_out(off, start));
    }
}
