//! A moment on the command line.

use std::str::FromStr;
use std::time::SystemTime;

/// A moment, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Moment(pub(in crate::cli) i64);

/// The time now, in Unix seconds.
pub(in crate::cli) fn now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    since.as_secs().try_into().unwrap_or(i64::MAX)
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is no time: write 2026-11-30T12:00:00Z, Unix seconds, -10m or +1h")
        };
        if text == "now" {
            return Ok(Self(now()));
        }
        let moment = match text.split_at_checked(1) {
            _ if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            Some((sign @ ("-" | "+"), length)) => {
                let length = humantime::parse_duration(length).map_err(|_| wrong())?;
                let length = i64::try_from(length.as_secs()).map_err(|_| wrong())?;
                match sign {
                    "-" => now().checked_sub(length),
                    _ => now().checked_add(length),
                }
            }
            _ => chrono::DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|moment| moment.timestamp()),
        };
        let moment = moment.filter(|moment| *moment <= LAST);
        moment.map(Self).ok_or_else(wrong)
    }
}

/// The end of the year 9999: times behind it cannot be written.
const LAST: i64 = 253_402_300_799;

/// A moment as a number.
pub(in crate::cli) fn unix_seconds(text: &str) -> Result<i64, String> {
    text.parse::<Moment>().map(|moment| moment.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_absolute_or_from_now() {
        let read = |text: &str| text.parse::<Moment>().map(|moment| moment.0);
        assert_eq!(read("1705128180"), Ok(1_705_128_180));
        assert_eq!(read("2024-01-13T06:43:00Z"), Ok(1_705_128_180));
        assert_eq!(read("2024-01-13T14:43:00+08:00"), Ok(1_705_128_180));
        for text in [
            "253402300800",
            "9223372036854775807",
            "99999999999999999999",
            "",
            "x",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let near = |text: &str, offset: i64| {
            let found = read(text).unwrap();
            (found - now() - offset).abs() < 5
        };
        assert!(near("now", 0) && near("-10m", -600) && near("+1h", 3600));
        for text in ["", "soon", "-", "-x", "2024-01-13", "99999999999999999999"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
