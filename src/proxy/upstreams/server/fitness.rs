//! Whether health checks consider a server fit. Pure.

use crate::config::HealthCheck;

/// The results of checks so far.
#[derive(Debug, Default)]
pub(super) struct Fitness {
    unfit: bool,
    /// How many checks in a row had the opposite result.
    against: u32,
}

impl Fitness {
    /// Records a check. On a change, returns whether the server is fit now.
    pub(in crate::proxy) fn note(&mut self, passed: bool, check: &HealthCheck) -> Option<bool> {
        if passed != self.unfit {
            self.against = 0;
            return None;
        }
        self.against = self.against.saturating_add(1);
        let enough = if passed { check.rises } else { check.falls };
        if self.against < enough {
            return None;
        }
        *self = Self {
            unfit: !passed,
            against: 0,
        };
        Some(passed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::Probe;

    #[test]
    fn several_checks_in_a_row_are_needed_to_change_state() {
        let check = HealthCheck {
            probe: Probe::Connect,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
            rises: 2,
            falls: 3,
        };
        let mut health = Fitness::default();
        let mut seen = Vec::new();
        for passed in "PFFPFFFFPFPPPF".chars().map(|check| check == 'P') {
            seen.push(match health.note(passed, &check) {
                None => '-',
                Some(true) => 'P',
                Some(false) => 'F',
            });
        }
        assert_eq!(String::from_iter(seen), "------F----P--");
    }
}
