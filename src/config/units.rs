//! Durations and sizes, parsed and formatted.

use std::str::FromStr as _;
use std::time::Duration;

use bytesize::ByteSize;
use chrono::{DateTime, SecondsFormat};

use super::reader::quote;

/// Why a text is not a valid duration or size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnitError {
    #[error("it must not be empty")]
    Empty,
    #[error("it must start with a number")]
    NoNumber,
    #[error("a number needs a unit")]
    NoUnit,
    #[error("{} is not a unit", quote(.0))]
    UnknownUnit(String),
    #[error("it is too large, or too small a fraction")]
    OutOfRange,
}

/// Parses a duration such as `10s`, `500ms` or `1m 30s`.
pub(super) fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    use humantime::DurationError as Error;

    // Months and years have no fixed length, and `M` is too close to `m`.
    match humantime::parse_duration(text) {
        Ok(duration) => match text
            .split(|c: char| !c.is_alphabetic())
            .find(|unit| is_calendar(unit))
        {
            Some(unit) => Err(UnitError::UnknownUnit(unit.to_owned())),
            None => Ok(duration),
        },
        Err(Error::Empty) => Err(UnitError::Empty),
        Err(Error::NumberExpected(_) | Error::InvalidCharacter(_)) => Err(UnitError::NoNumber),
        Err(Error::UnknownUnit { unit, .. }) if unit.is_empty() => Err(UnitError::NoUnit),
        Err(Error::UnknownUnit { unit, .. }) => Err(UnitError::UnknownUnit(unit)),
        Err(Error::NumberOverflow) => Err(UnitError::OutOfRange),
    }
}

fn is_calendar(unit: &str) -> bool {
    matches!(
        unit,
        "M" | "month" | "months" | "y" | "yr" | "yrs" | "year" | "years"
    )
}

/// Formats a time, in Unix seconds, as a configuration has it: `2027-01-31T00:00:00Z`.
#[must_use]
pub fn format_time(time: i64) -> String {
    DateTime::from_timestamp(time, 0)
        .map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}

/// Formats a duration so that it can be parsed again; the largest unit is days.
pub(super) fn format_duration(duration: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let days = duration.as_secs().div_euclid(DAY);
    let rest = duration.saturating_sub(Duration::from_secs(days.saturating_mul(DAY)));
    let day = match days {
        0 => return humantime::format_duration(rest).to_string(),
        1 => "1day".to_owned(),
        days => format!("{days}days"),
    };
    if rest.is_zero() {
        return day;
    }
    format!("{day} {}", humantime::format_duration(rest))
}

/// Parses a size such as `1MiB`, `500kB` or `1.5 GiB`, in bytes.
pub(super) fn parse_size(text: &str) -> Result<u64, UnitError> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    match ByteSize::from_str(text) {
        Ok(size) if size.0 == u64::MAX => Err(UnitError::OutOfRange),
        Ok(size) => Ok(size.0),
        Err(_) if text.is_empty() => Err(UnitError::Empty),
        Err(_) if unit.len() == text.len() => Err(UnitError::NoNumber),
        Err(_) if unit.is_empty() => Err(UnitError::OutOfRange),
        Err(_) => Err(UnitError::UnknownUnit(unit.trim().to_owned())),
    }
}

/// Formats a size.
pub(super) fn format_size(bytes: u64) -> String {
    ByteSize(bytes).display().iec().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
        for (text, error) in [
            ("", UnitError::Empty),
            ("  ", UnitError::Empty),
            ("10", UnitError::NoUnit),
            ("s", UnitError::NoNumber),
            ("-1s", UnitError::NoNumber),
            ("10x", UnitError::UnknownUnit("x".into())),
            ("1M", UnitError::UnknownUnit("M".into())),
            ("1y", UnitError::UnknownUnit("y".into())),
            ("99999999999999999999s", UnitError::OutOfRange),
            ("0.5ns", UnitError::OutOfRange),
        ] {
            assert_eq!(parse_duration(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in [
            "0s",
            "90ms",
            "1s 5ms",
            "2h 3m",
            "1day",
            "45days 1h",
            "366days",
        ] {
            assert_eq!(format_duration(parse_duration(text).unwrap()), text);
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_size("1MiB"), Ok(1 << 20));
        assert_eq!(parse_size("64 KiB"), Ok(1 << 16));
        assert_eq!(parse_size("1kB"), Ok(1000));
        assert_eq!(parse_size("1.5GiB"), Ok(3 << 29));
        assert_eq!(parse_size("100"), Ok(100));
        for (text, error) in [
            ("", UnitError::Empty),
            ("MiB", UnitError::NoNumber),
            ("-1MiB", UnitError::NoNumber),
            ("1 parsec", UnitError::UnknownUnit("parsec".into())),
            ("99999999999999999999", UnitError::OutOfRange),
            ("99999999999999999999MiB", UnitError::OutOfRange),
        ] {
            assert_eq!(parse_size(text), Err(error), "{text:?}");
        }
        assert_eq!(format_size(1 << 20), "1.0 MiB");
    }
}
