//! The table `[log]`.

mod audit;
mod destination;
mod format;
mod syslog;

use std::sync::Arc;

use log::LevelFilter;

use super::schemes::Schemes;
use crate::config::access_format::{AccessFormat, Escape};
use crate::config::diagnostic::WarningName;
use crate::config::model::{Log, LogFormat, Route};
use crate::config::reader::{Table, Value};

/// Reads the table. Variables of the format refer to the schemes and the routes. `has_secrets` says
/// whether the configuration has secrets, which libraries must not log.
pub(super) fn resolve(
    top: &Table<'_>,
    schemes: &Schemes<'_>,
    routes: Option<&[Arc<Route>]>,
    has_secrets: bool,
) -> Option<Log> {
    let table = top.table("log")?;
    let access = table.read("access", destination::access);
    let escape = table.read("escape", Value::word);
    let context = format::FormatContext { schemes, routes };
    let format = table.read("format", |value| {
        format::format(value, escape.unwrap_or(Escape::Default), &context)
    });
    let sample_success = table.read("sample_success", Value::fraction);
    let error = table.read("error", destination::error);
    let level = table.read("level", Value::word);
    let library_level = table.read("library_level", |value| library_level(value, has_secrets));
    let error_format = table.optional("error_format", Value::word);
    let audit = audit::resolve(&table, access.as_ref(), error.as_ref());
    escape?;
    let format = format?;
    // If the access log is JSON, the error log is probably read by a program as well.
    let like_access = match format {
        AccessFormat::Json => LogFormat::Json,
        _ => LogFormat::Text,
    };
    Some(Log {
        access: access?,
        sample_success: sample_success?,
        error: error?,
        level: level?,
        library_level: library_level?,
        error_format: error_format?.unwrap_or(like_access),
        format,
        audit: audit?,
    })
}

/// Libraries do not know what is secret: above `info`, they log the bytes that pass through them.
fn library_level(value: Value<'_>, has_secrets: bool) -> Option<LevelFilter> {
    let level: LevelFilter = value.word()?;
    if level <= LevelFilter::Info {
        return Some(level);
    }
    let text = value.text()?;
    if has_secrets {
        return text
            .error(
                "secrets in the log",
                "libraries then log the data that passes through them, after TLS and decryption, \
                  and this configuration has secret keys or passwords",
            )
            .help("write \"info\" or \"warn\"; `level` is for the proxy's own lines")
            .report();
    }
    text.warning(
        WarningName::CallbacksInLog,
        "libraries then log the data that passes through them: headers with signatures, and bodies",
    )
    .help(
        "write \"info\" or \"warn\" once the problem is found; `level` is for the proxy's own \
         lines",
    )
    .report::<()>();
    Some(level)
}
