//! The table `[log]`.

mod destination;
mod syslog;

use log::LevelFilter;

use crate::config::model::{Destination, Log, LogFormat};
use crate::config::reader::{Table, Value, section};

pub(super) fn resolve(top: &Table<'_>) -> Option<Log> {
    let default = Log {
        access: Destination::Stdout,
        format: LogFormat::Text,
        error: Destination::Stderr,
        level: LevelFilter::Info,
        error_format: LogFormat::Text,
    };
    if !top.has("log") {
        return Some(default);
    }
    let table = top.table("log", &section::LOG)?;
    let access = table.or("access", default.access, destination::access);
    let format = table.or("format", default.format, format);
    let error = table.or("error", default.error, destination::error);
    let level = table.or("level", default.level, level);
    let error_format = match format {
        // Where one is JSON, the other one is read by a program as well.
        Some(format) => table.or("error_format", format, self::format),
        None => table.optional("error_format", self::format)?,
    };
    Some(Log {
        access: access?,
        format: format?,
        error: error?,
        level: level?,
        error_format: error_format?,
    })
}

fn format(value: Value<'_>) -> Option<LogFormat> {
    value.one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)])
}

fn level(value: Value<'_>) -> Option<LevelFilter> {
    value.one_of(&[
        ("error", LevelFilter::Error),
        ("warn", LevelFilter::Warn),
        ("info", LevelFilter::Info),
        ("debug", LevelFilter::Debug),
        ("trace", LevelFilter::Trace),
    ])
}
