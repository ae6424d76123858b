//! How a timestamp is written.

use chrono::{DateTime, FixedOffset, NaiveDateTime};

use crate::whole_number::whole_number;

/// How a timestamp is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TimestampUnit {
    /// Whole seconds since 1970.
    Seconds,
    /// Whole milliseconds since 1970.
    Milliseconds,
    /// Seconds or milliseconds, by its length: no provider existed in the seconds that could be
    /// meant otherwise.
    Auto,
    /// RFC 3339, with a zone.
    Rfc3339,
    /// An HTTP date (RFC 9110, section 5.6.7), only in its current form.
    HttpDate,
    /// A pattern of `strftime` in a fixed zone.
    Format { pattern: String, zone: FixedOffset },
}

impl TimestampUnit {
    /// Reads a unit.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "s" => Self::Seconds,
            "ms" => Self::Milliseconds,
            "auto" => Self::Auto,
            "rfc3339" => Self::Rfc3339,
            "http-date" => Self::HttpDate,
            other => return Self::parse_format(other),
        })
    }

    fn parse_format(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "`{text}` is none of `s`, `ms`, `auto`, `rfc3339`, `http-date` and `format:%Y-%m-%d %H:%M:%S+08:00`"
            )
        };
        let format = text.strip_prefix("format:").ok_or_else(unknown)?;
        // `+08:00`.
        let zone_at = format.len().checked_sub(6).ok_or_else(unknown)?;
        let (pattern, zone) = format.split_at_checked(zone_at).ok_or_else(unknown)?;
        let zone = zone
            .parse()
            .map_err(|_| format!("`{text}` does not end with a zone such as `+08:00`"))?;
        let is_valid = chrono::format::StrftimeItems::new(pattern)
            .all(|item| item != chrono::format::Item::Error);
        if !is_valid {
            return Err(format!("`{pattern}` is no pattern of strftime"));
        }
        Ok(Self::Format {
            pattern: pattern.to_owned(),
            zone,
        })
    }

    /// The time in Unix seconds; `None` if it is not written so.
    pub(crate) fn read(&self, text: &str) -> Option<i64> {
        match self {
            Self::Seconds => whole_number(text),
            Self::Milliseconds => whole_number(text).map(|time| time.div_euclid(1000)),
            Self::Auto if text.len() > 11 => whole_number(text).map(|time| time.div_euclid(1000)),
            Self::Auto => whole_number(text),
            Self::Rfc3339 => DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|time| time.timestamp()),
            Self::HttpDate => {
                let time = NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").ok()?;
                Some(time.and_utc().timestamp())
            }
            Self::Format { pattern, zone } => {
                let time = NaiveDateTime::parse_from_str(text, pattern).ok()?;
                let time = time.and_local_timezone(*zone).single()?;
                Some(time.timestamp())
            }
        }
    }
}

#[cfg(feature = "sign")]
impl TimestampUnit {
    /// The texts that [`Self::read`] reads as this time, given in Unix seconds, the usual one first; none if it
    /// is in no calendar.
    pub(super) fn writings(&self, time: i64) -> Vec<String> {
        let Some(utc) = DateTime::from_timestamp(time, 0) else {
            return Vec::new();
        };
        let patterns: &[&str] = match self {
            Self::Seconds => &["%s"],
            Self::Milliseconds => &["%s000"],
            Self::Auto => &["%s", "%s000"],
            Self::Rfc3339 => &[
                "%Y-%m-%dT%H:%M:%SZ",
                "%Y-%m-%dT%H:%M:%S.000Z",
                "%Y-%m-%dT%H:%M:%S+00:00",
            ],
            Self::HttpDate => &["%a, %d %b %Y %H:%M:%S GMT"],
            Self::Format { pattern, zone } => {
                return vec![utc.with_timezone(zone).format(pattern).to_string()];
            }
        };
        let write = |pattern: &&str| utc.format(pattern).to_string();
        patterns.iter().map(write).collect()
    }

    /// Whether it is a number.
    pub(super) const fn is_number(&self) -> bool {
        matches!(self, Self::Seconds | Self::Milliseconds | Self::Auto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_in_their_unit_alone() {
        for (unit, text, expected) in [
            ("s", "1705128180", Some(1_705_128_180)),
            ("s", "01", None),
            ("s", "+1", None),
            ("s", "-1", None),
            ("s", "1.0", None),
            ("s", "99999999999999999999", None),
            ("ms", "1705128180999", Some(1_705_128_180)),
            ("auto", "1705128180", Some(1_705_128_180)),
            ("auto", "1705128180999", Some(1_705_128_180)),
            ("rfc3339", "2024-01-13T06:43:00Z", Some(1_705_128_180)),
            (
                "rfc3339",
                "2024-01-13T14:43:00.5+08:00",
                Some(1_705_128_180),
            ),
            ("rfc3339", "2024-01-13T06:43:00", None),
            (
                "http-date",
                "Sat, 13 Jan 2024 06:43:00 GMT",
                Some(1_705_128_180),
            ),
            ("http-date", "Sun, 13 Jan 2024 06:43:00 GMT", None),
            ("http-date", "Saturday, 13-Jan-24 06:43:00 GMT", None),
            (
                "format:%Y-%m-%d %H:%M:%S+08:00",
                "2024-01-13 14:43:00",
                Some(1_705_128_180),
            ),
            ("format:%Y-%m-%d %H:%M:%S+08:00", "2024-01-13 14:43", None),
        ] {
            let unit = TimestampUnit::parse(unit).unwrap();
            assert_eq!(unit.read(text), expected, "{text}");
        }
    }

    #[cfg(feature = "sign")]
    #[test]
    fn times_are_written_as_they_are_read() {
        for unit in [
            "s",
            "ms",
            "auto",
            "rfc3339",
            "http-date",
            "format:%Y-%m-%d %H:%M:%S+08:00",
            "format:%Y%m%d%H%M%S-05:30",
        ] {
            let unit = TimestampUnit::parse(unit).unwrap();
            let texts = unit.writings(1_705_128_180);
            assert!(!texts.is_empty());
            for text in texts {
                assert_eq!(unit.read(&text), Some(1_705_128_180), "{text}");
            }
        }
    }

    #[test]
    fn units_that_are_none_are_refused() {
        for text in [
            "",
            "sec",
            "format:",
            "format:%Y",
            "format:%Q+00:00",
            "format:%Y+0000",
        ] {
            assert!(TimestampUnit::parse(text).is_err(), "{text}");
        }
    }
}
