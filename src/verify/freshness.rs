//! The last step: is the signing time near enough to now?

use std::time::Duration;

use super::reason::Reason;

/// Compares a signing time with now, both in Unix seconds.
///
/// # Errors
/// [`Reason::TimestampStale`] or [`Reason::TimestampFuture`] if they lie further apart than
/// `max_age`, either way; exactly `max_age` still passes.
pub(super) fn check(signed: i64, now: i64, max_age: Duration) -> Result<(), Reason> {
    if signed.abs_diff(now) <= max_age.as_secs() {
        Ok(())
    } else if signed < now {
        Err(Reason::TimestampStale)
    } else {
        Err(Reason::TimestampFuture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_up_to_the_limit_either_way() {
        let check = |signed, now| check(signed, now, Duration::from_secs(300));
        assert_eq!(check(1000, 1000), Ok(()));
        assert_eq!(check(1000, 1300), Ok(()));
        assert_eq!(check(1300, 1000), Ok(()));
        assert_eq!(check(1000, 1301), Err(Reason::TimestampStale));
        assert_eq!(check(1301, 1000), Err(Reason::TimestampFuture));
        assert_eq!(check(0, i64::MAX), Err(Reason::TimestampStale));
        assert_eq!(check(i64::MAX, i64::MIN), Err(Reason::TimestampFuture));
    }
}
