//! Where a log goes.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access as may};

use super::syslog;
use crate::config::model::Destination;
use crate::config::reader::{Text, Value, quote, similar};

const STREAMS: &[(&str, Destination)] = &[
    ("stdout", Destination::Stdout),
    ("stderr", Destination::Stderr),
];

/// Where the access log goes.
pub(super) fn access(value: Value<'_>) -> Option<Destination> {
    let text = text(value, "\"stdout\"` or `\"stderr\"` or `\"off\"")?;
    if text.text == "off" {
        return Some(Destination::Off);
    }
    destination(text, &["off", "stdout", "stderr", "syslog"])
}

/// Where the error log goes.
pub(super) fn error(value: Value<'_>) -> Option<Destination> {
    let text = text(value, "\"stderr\"")?;
    if text.text == "off" {
        return text
            .error("error log off", "errors must be logged somewhere")
            .help("raise `level` to \"error\", or name a file")
            .report();
    }
    destination(text, &["stdout", "stderr", "syslog"])
}

fn text<'a>(value: Value<'a>, written: &str) -> Option<Text<'a>> {
    if value.is_text() {
        return value.text();
    }
    value.wrong_type("a string", Some(written))
}

fn destination(text: Text<'_>, words: &[&str]) -> Option<Destination> {
    let known = STREAMS.iter().find(|(word, _)| *word == text.text);
    if let Some((_, destination)) = known {
        return Some(destination.clone());
    }
    if text.text == "syslog" || text.text.starts_with("syslog:") {
        return syslog::syslog(text).map(Destination::Syslog);
    }
    if !text.text.contains(['/', '.'])
        && let Some(meant) = similar(text.text, words.iter().copied())
    {
        return text
            .error(
                "unknown value",
                format!(
                    "{} is not one of the words for a destination",
                    quote(text.text)
                ),
            )
            .help(format!(
                "did you mean \"{meant}\"? To name a file, write \"./{}\"",
                text.text.escape_debug()
            ))
            .report();
    }
    file(text)
}

fn file(text: Text<'_>) -> Option<Destination> {
    log_file(text).map(Destination::File)
}

/// A file that can be written to, as far as this can be checked without creating it.
pub(super) fn log_file(text: Text<'_>) -> Option<PathBuf> {
    text.not_empty()?;
    let path = text.path();
    match usable(&path) {
        Ok(()) => Some(path),
        Err((why, help)) => text
            .error("cannot use the log file", why)
            .help(help)
            .report(),
    }
}

/// Checks that the file can be written to. The error says why not, and what helps.
fn usable(path: &Path) -> Result<(), (String, &'static str)> {
    const MAKE: &str = "create the directory, owned by the user that runs the proxy";
    const ALLOW: &str = "give the user that runs the proxy write permission there";
    if fs::metadata(path).is_ok_and(|meta| meta.is_dir()) {
        return Err((
            "it is a directory".to_owned(),
            "name a file in it, such as \"access.log\"",
        ));
    }
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let directory = parent.unwrap_or(Path::new("."));
    match fs::metadata(directory) {
        Ok(meta) if !meta.is_dir() => {
            return Err((format!("{} is not a directory", directory.display()), MAKE));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err((
                format!("there is no directory {}", directory.display()),
                MAKE,
            ));
        }
        Err(error) => return Err((error.to_string(), ALLOW)),
    }
    let checked = match fs::metadata(path) {
        // Opening a regular file for appending does not change it. Opening anything else could
        // block.
        Ok(meta) if meta.is_file() => OpenOptions::new().append(true).open(path).map(drop),
        Ok(_) => may(path, AccessFlags::W_OK).map_err(Into::into),
        Err(_) => may(directory, AccessFlags::W_OK | AccessFlags::X_OK).map_err(Into::into),
    };
    checked.map_err(|error| (error.to_string(), ALLOW))
}
