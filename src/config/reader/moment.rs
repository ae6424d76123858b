//! Points in time.

use chrono::DateTime;
use toml::de::DeValue;

use super::value::Value;

/// How a time is written.
const TIME: &str = "2027-01-31T00:00:00Z";

impl Value<'_> {
    /// A date or time without quotes, as text.
    pub(in crate::config) fn written_time(&self) -> Option<String> {
        match self.node.get_ref() {
            DeValue::Datetime(time) => Some(time.to_string()),
            _ => None,
        }
    }

    /// A date and time with its zone, in Unix seconds.
    pub(in crate::config) fn time(self) -> Option<i64> {
        let text = match self.node.get_ref() {
            DeValue::Datetime(time) => time.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => return self.wrong_type("a date and time", Some(TIME)),
        };
        match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => Some(time.timestamp()),
            Err(_) => self
                .error(
                    "invalid time",
                    "a date and a time of day with its zone are needed",
                )
                .help(format!("write `{TIME}`, where `Z` means UTC"))
                .report(),
        }
    }
}
