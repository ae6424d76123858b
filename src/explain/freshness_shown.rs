//! How old a callback is.

use std::time::Duration;

use super::diagnosis::Diagnosis;
use super::finding::Finding;
use crate::config::format_time;
use crate::verify::{Reason, Rejection};

/// How old a callback is, and how old it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Freshness {
    /// When it says that it was signed, in Unix seconds.
    pub(super) signed: i64,
    pub(super) at: i64,
    pub(super) max_age: Option<Duration>,
}

impl Freshness {
    /// Seconds from its time to the time of the check.
    pub(super) const fn age(&self) -> i64 {
        self.at.saturating_sub(self.signed)
    }

    pub(super) fn is_fresh(&self) -> bool {
        let limit = self
            .max_age
            .map(|max| i64::try_from(max.as_secs()).unwrap_or(i64::MAX));
        limit.is_none_or(|limit| self.age().saturating_abs() <= limit)
    }

    /// What the proxy says of it.
    pub(super) fn rejection(&self) -> Rejection {
        match self.age() < 0 {
            true => Reason::TimestampFuture.into(),
            false => Reason::TimestampStale.into(),
        }
    }

    /// In words.
    pub(super) fn told(&self) -> String {
        let signed = format_time(self.signed);
        let age = self.age();
        let distance = humantime::format_duration(Duration::from_secs(age.unsigned_abs()));
        let side = if age < 0 { "after" } else { "before" };
        let limit = match self.max_age {
            Some(max) => format!("the limit is {}", humantime::format_duration(max)),
            None => "there is no limit".to_owned(),
        };
        let verdict = if self.is_fresh() {
            "fresh"
        } else {
            "NOT FRESH"
        };
        format!(
            "{verdict}: signed at {signed}, {distance} {side} {}; {limit}",
            format_time(self.at)
        )
    }

    /// Why it is not fresh, if that is the reason.
    pub(super) fn cause(&self, reason: Reason) -> Option<Finding> {
        let first = match reason {
            Reason::TimestampStale => Diagnosis::TooOld,
            Reason::TimestampFuture => Diagnosis::ClockBehind,
            _ => return None,
        };
        let is_zone = self.is_whole_hours();
        let diagnosis = match (self.is_other_unit(), is_zone, first) {
            (true, _, _) => Diagnosis::TimestampUnit,
            // What comes from the past by whole hours is as likely a retry, or a replay.
            (false, true, Diagnosis::ClockBehind) => Diagnosis::TimestampZone,
            _ => first,
        };
        let finding = Finding::of(diagnosis).with(self.told());
        Some(match is_zone && diagnosis == Diagnosis::TooOld {
            true => finding.with(ZONE_HINT),
            false => finding,
        })
    }

    /// Whether the time is a thousand times too large or small.
    fn is_other_unit(&self) -> bool {
        let near = |time: i64| self.at.saturating_sub(time).saturating_abs() < A_DAY;
        let is_unit = |time: Option<i64>| time.is_some_and(near);
        is_unit(self.signed.checked_div(1000)) || is_unit(self.signed.checked_mul(1000))
    }

    /// Whether the time is whole hours away, as the clock of another time zone is.
    fn is_whole_hours(&self) -> bool {
        let away = self.age().saturating_abs();
        let beside = away.checked_rem(AN_HOUR).unwrap_or_default();
        let beside = beside.min(AN_HOUR.saturating_sub(beside));
        away > AN_HOUR.saturating_sub(NEAR) && away <= FARTHEST && beside <= NEAR
    }
}

const ZONE_HINT: &str = "it is whole hours old: if it was sent just now, and is neither a retry nor \
     a replay, a clock or a format may be in another time zone";

const A_DAY: i64 = 86_400;
const AN_HOUR: i64 = 3600;

/// How near to whole hours a clock of another time zone is.
const NEAR: i64 = 30;

/// Clocks of time zones are at most this far apart.
const FARTHEST: i64 = 14 * 3600 + 30;
