//! Explains why a file cannot be read, and what helps.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::contents::Contents;
use super::opened::FileError;
use crate::config::reader::{Text, looks_like_key, quote, similar};

/// Reports why a file was not read. `read` are those that were.
pub(super) fn refuse<T>(
    name: Text<'_>,
    path: &Path,
    contents: Contents<'_>,
    error: &FileError,
    read: &[PathBuf],
) -> Option<T> {
    if matches!(error, FileError::Io(_)) && is_content(name.text) {
        return contents.misplaced(name);
    }
    if name.is_secret() {
        return name
            .error(contents.unread(), "there is no such file")
            .help(match contents {
                Contents::PublicKey(_) => {
                    "a path is relative to the file that contains it; for a secret, write \
                     `secret_file`"
                }
                _ => {
                    "a path is relative to the file that contains it; a secret must be in a file \
                     that only the proxy's user can read"
                }
            })
            .report();
    }
    let shown = path.display();
    let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let (title, why, help) = match (error, contents) {
        (FileError::WorldWritable, _) => (
            match contents {
                Contents::PublicKey(_) => "unsafe key file",
                _ => "unsafe file",
            },
            format!("everybody on this machine can write to `{shown}`"),
            format!(
                "check that {} is still the right one, then run `chmod o-w {shown}`",
                match contents {
                    Contents::PublicKey(_) => "the key",
                    _ => "it",
                }
            ),
        ),
        (FileError::NotRegular, Contents::PublicKey(_)) => (
            "cannot read the key file",
            format!("`{shown}` is not a regular file"),
            "name the file itself".to_owned(),
        ),
        (FileError::TooLarge, Contents::PublicKey(_)) => (
            "cannot read the key file",
            format!(
                "`{shown}` is larger than {} KiB, so it is not a key",
                contents.max_size() / 1024
            ),
            "name the file that contains only the platform's public key".to_owned(),
        ),
        (FileError::Io(error), Contents::PublicKey(others)) if is_missing(error) => (
            "cannot read the key file",
            format!("there is no file `{shown}`"),
            match sibling(path, others.iter().chain(read)) {
                Some(name) => format!("did you mean {}?", quote(&name)),
                None if may_name_a_secret(path) => {
                    "a path is relative to the file that contains it; for a secret, write \
                     `secret_file`"
                        .to_owned()
                }
                None => "a path is relative to the file that contains it".to_owned(),
            },
        ),
        (FileError::NotRegular | FileError::TooLarge, _) => (
            "cannot read the file",
            format!(
                "`{shown}` is not a regular file of at most {} MiB",
                contents.max_size() / (1024 * 1024)
            ),
            "name the file itself".to_owned(),
        ),
        (FileError::Io(error), _) => (
            contents.unread(),
            format!("`{shown}`: {error}"),
            if is_missing(error) {
                "a path is relative to the file that contains it"
            } else {
                "give the user that runs the proxy read permission"
            }
            .to_owned(),
        ),
    };
    name.error(title, why).help(help).report()
}

/// Whether a file probably holds a secret, by its name.
fn may_name_a_secret(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ["pass", "passwd", "password", "pwd", "secret"].contains(&ending))
}

/// Whether the text looks like the contents of a file and not like its name.
fn is_content(text: &str) -> bool {
    looks_like_key(text) || text.contains("-----BEGIN ")
}

/// A file next to a missing one that has a similar name and is not one of the others.
fn sibling<'a>(path: &Path, others: impl Iterator<Item = &'a PathBuf>) -> Option<String> {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let others: Vec<PathBuf> = others.filter_map(|other| real(other)).collect();
    let is_free = |name: &String| {
        let file = real(&path.with_file_name(name));
        file.is_some_and(|file| !others.contains(&file))
    };
    let names: Vec<String> = fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(is_free)
        .collect();
    // An ending that both have makes no two names similar.
    let ending = path.extension();
    let stem = |name: &str| Some(Path::new(name).file_stem()?.to_str()?.to_owned());
    let alike: Vec<(String, &String)> = (names.iter())
        .filter(|name| Path::new(name).extension() == ending)
        .filter_map(|name| Some((stem(name)?, name)))
        .collect();
    let wanted = path.file_stem()?.to_str()?;
    let meant = similar(wanted, alike.iter().map(|(stem, _)| stem.as_str()))?;
    let (_, name) = alike.iter().find(|(stem, _)| stem == meant)?;
    Some((*name).clone())
}
