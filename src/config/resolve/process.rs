//! How the process itself runs.

use std::path::PathBuf;

use nix::unistd::{Group, User};

use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::reader::{Table, Text, Value, quote};

/// How the process itself runs.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid_file: Option<PathBuf>,
    pub(super) daemon: bool,
    pub(super) user: Option<String>,
    pub(super) group: Option<String>,
}

pub(super) fn resolve(top: &Table<'_>) -> Option<Process> {
    let pid_file = top.optional("pid_file", |value| {
        let text = value.text()?;
        text.not_empty()?;
        Some(text.path())
    });
    let daemon = top.read("daemon", Value::boolean);
    let user = top.optional("user", |value| user(value.text()?));
    let group = top.optional("group", |value| group(value.text()?));
    if let (Some(true), Some(None)) = (daemon, &pid_file) {
        top.problems().report(
            Diagnostic::warning(
                WarningName::DaemonWithoutPidFile,
                top.key_place("daemon"),
                "nobody would know which process to reload or stop",
            )
            .help("add `pid_file = \"/run/countersign.pid\"`"),
        );
    }
    Some(Process {
        pid_file: pid_file?,
        daemon: daemon?,
        user: user?,
        group: group?,
    })
}

fn user(text: Text<'_>) -> Option<String> {
    match User::from_name(text.text) {
        Ok(Some(_)) => Some(text.text.to_owned()),
        Ok(None) => unknown(text, "user"),
        Err(error) => text
            .error("unknown user", format!("the lookup failed: {error}"))
            .report(),
    }
}

fn group(text: Text<'_>) -> Option<String> {
    match Group::from_name(text.text) {
        Ok(Some(_)) => Some(text.text.to_owned()),
        Ok(None) => unknown(text, "group"),
        Err(error) => text
            .error("unknown group", format!("the lookup failed: {error}"))
            .report(),
    }
}

fn unknown<T>(text: Text<'_>, kind: &'static str) -> Option<T> {
    let title = if kind == "user" {
        "unknown user"
    } else {
        "unknown group"
    };
    text.error(
        title,
        format!("this system has no {kind} {}", quote(text.text)),
    )
    .help(format!("create the {kind}, or correct the name"))
    .report()
}
