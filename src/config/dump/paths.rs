//! The values that are paths, made absolute.

use std::path::{self, Path};

use crate::config::source::Source;

const PATHS: &[&str] = &[
    "pid_file",
    "listener.tls.certificates.cert",
    "listener.tls.certificates.key",
    "listener.tls.client_ca",
    "key.file",
    "upstream.tls.ca",
];

/// The path as seen from anywhere.
pub(super) fn absolute(path: &Path) -> String {
    let absolute = path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.to_string_lossy().into_owned()
}

/// The value of that key with the path in it, if there is one, made absolute.
pub(super) fn resolve(key: &str, text: &str, source: &Source) -> String {
    let resolved = |path: &str| absolute(&source.resolve(path));
    match key {
        "log.access" | "log.error" => match text {
            "off" | "stdout" | "stderr" | "syslog" => text.to_owned(),
            text if text.starts_with("syslog:") => match text.split_once("server=unix:") {
                Some((before, after)) => {
                    let (path, after) = after.split_at(after.find(',').unwrap_or(after.len()));
                    format!("{before}server=unix:{}{after}", resolved(path))
                }
                None => text.to_owned(),
            },
            file => resolved(file),
        },
        "listener.address" => match text.strip_prefix("unix:") {
            Some(path) => format!("unix:{}", resolved(path)),
            None => text.to_owned(),
        },
        key if PATHS.contains(&key) => resolved(text),
        _ => text.to_owned(),
    }
}
