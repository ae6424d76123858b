//! The last step: is the timestamp close enough to now?

use std::time::Duration;

use super::reason::{Detail, Reason, Rejection};

/// Compares a timestamp with now, both in Unix seconds.
///
/// # Errors
/// [`Reason::TimestampStale`] or [`Reason::TimestampFuture`] if they differ by more than `max_age`
/// in either direction; exactly `max_age` passes.
pub(super) fn check(signed: i64, now: i64, max_age: Duration) -> Result<(), Rejection> {
    if signed.abs_diff(now) <= max_age.as_secs() {
        return Ok(());
    }
    let reason = if signed < now {
        Reason::TimestampStale
    } else {
        Reason::TimestampFuture
    };
    let skew = Detail::Skew(signed.saturating_sub(now));
    Err(Rejection::from(reason).with(skew))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_pass_up_to_the_limit_in_both_directions() {
        let check = |signed, now| {
            let checked = check(signed, now, Duration::from_secs(300));
            checked.map_err(|rejection| (rejection.reason, rejection.detail))
        };
        let refused = |reason, skew| Err((reason, Some(Detail::Skew(skew))));
        assert_eq!(check(1000, 1000), Ok(()));
        assert_eq!(check(1000, 1300), Ok(()));
        assert_eq!(check(1300, 1000), Ok(()));
        let (stale, future) = (Reason::TimestampStale, Reason::TimestampFuture);
        assert_eq!(check(1000, 1301), refused(stale, -301));
        assert_eq!(check(1301, 1000), refused(future, 301));
        assert_eq!(check(0, i64::MAX), refused(stale, -i64::MAX));
        assert_eq!(check(i64::MAX, i64::MIN), refused(future, i64::MAX));
    }
}
