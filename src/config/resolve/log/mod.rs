//! The table `[log]`.

mod destination;
mod format;
mod syslog;

use std::sync::Arc;

use log::LevelFilter;

use super::schemes::Schemes;
use crate::config::access_format::{AccessFormat, Escape};
use crate::config::model::{Destination, Log, LogFormat, Route};
use crate::config::reader::{Table, Value, section};

/// Reads it once the schemes and the routes are known, to which variables refer, and whether there
/// are secrets.
pub(super) fn resolve(
    top: &Table<'_>,
    schemes: &Schemes<'_>,
    routes: Option<&[Arc<Route>]>,
    has_secrets: bool,
) -> Option<Log> {
    let default = Log {
        access: Destination::Stdout,
        format: AccessFormat::Text,
        sample_success: 1.0,
        error: Destination::Stderr,
        level: LevelFilter::Info,
        library_level: LevelFilter::Warn,
        error_format: LogFormat::Text,
    };
    if !top.has("log") {
        return Some(default);
    }
    let table = top.table("log", &section::LOG)?;
    let access = table.or("access", default.access, destination::access);
    let escape = table.or("escape", Escape::Default, |value| {
        value.one_of(&[("default", Escape::Default), ("json", Escape::Json)])
    });
    let context = format::FormatContext { schemes, routes };
    let format = table.or("format", default.format, |value| {
        format::format(value, escape.unwrap_or(Escape::Default), &context)
    });
    let sample_success = table.or("sample_success", default.sample_success, |value| {
        value.part()
    });
    let error = table.or("error", default.error, destination::error);
    let own_level = table.or("level", default.level, level);
    let library_level = table.or("library_level", default.library_level, |value| {
        library_level(value, has_secrets)
    });
    // Where one is JSON, the other one is read by a program as well.
    let like_access = match &format {
        Some(AccessFormat::Json) => LogFormat::Json,
        _ => default.error_format,
    };
    let error_format = table.or("error_format", like_access, error_format);
    escape?;
    Some(Log {
        access: access?,
        format: format?,
        sample_success: sample_success?,
        error: error?,
        level: own_level?,
        library_level: library_level?,
        error_format: error_format?,
    })
}

fn error_format(value: Value<'_>) -> Option<LogFormat> {
    value.one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)])
}

/// Libraries know nothing of what is secret: what they have to say above `info` is the bytes that
/// pass through them.
fn library_level(value: Value<'_>, has_secrets: bool) -> Option<LevelFilter> {
    let level = level(value)?;
    if level <= LevelFilter::Info {
        return Some(level);
    }
    let text = value.text()?;
    if has_secrets {
        return text
            .error(
                "secrets in the log",
                "libraries then write what passes through them, as it is after TLS and decryption, and this configuration has secret keys or passwords",
            )
            .help("write \"info\" or \"warn\"; what the proxy itself has to say is `level`")
            .report();
    }
    text.warning(
        "callbacks in the log",
        "libraries then write what passes through them: headers with signatures, and bodies",
    )
    .help("write \"info\" or \"warn\" once the fault is found; what the proxy itself has to say is `level`")
    .report::<()>();
    Some(level)
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
