//! Include directories.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::diagnostic::Problems;
use super::reader::{Table, Text, quote};
use super::source::{INCLUDED, SourceText};

/// Reads every file of the include directories, ordered by directory and then by name. The files
/// are numbered from [`INCLUDED`] on.
///
/// The second result says whether any file is missing from the first; the reason has been reported.
/// Adds the directories to `looked_at`.
pub(super) fn read(
    top: &Table<'_>,
    main: &Path,
    problems: &Problems,
    looked_at: &mut Vec<PathBuf>,
) -> (Vec<SourceText>, bool) {
    let directories: Option<Vec<Text<'_>>> = top.read("include", |value| {
        let items: Vec<_> = value
            .one_or_list()?
            .into_iter()
            .map(|item| item.text())
            .collect();
        items.into_iter().collect()
    });
    let mut incomplete = directories.is_none();
    let mut seen: HashSet<PathBuf> = fs::canonicalize(main).into_iter().collect();
    let mut paths = Vec::new();
    for directory in directories.unwrap_or_default() {
        looked_at.push(directory.path());
        match files(directory, &mut seen) {
            Some(files) => paths.extend(files),
            None => incomplete = true,
        }
    }
    let mut sources = Vec::new();
    for (path, file) in paths.iter().zip(INCLUDED..) {
        let (source, error) = SourceText::read(path);
        sources.push(source);
        if let Some(error) = error {
            problems.report(error.diagnostic(file));
            incomplete = true;
        }
    }
    (sources, incomplete)
}

/// The `*.toml` files of a directory, by name.
fn files(directory: Text<'_>, seen: &mut HashSet<PathBuf>) -> Option<Vec<PathBuf>> {
    directory.not_empty()?;
    let path = directory.path();
    match list(&path) {
        Ok(files) => files
            .into_iter()
            .map(|file| include_once(directory, file, seen))
            // Collect all first, because collecting into an `Option` stops at the first problem.
            .collect::<Vec<_>>()
            .into_iter()
            .collect(),
        Err(error) => unreadable(directory, &path, &error),
    }
}

fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.file_name().is_some_and(is_included) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a file with this name in an include directory is read.
#[must_use]
pub fn is_included(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    // Editors keep backup copies in files whose names start with a dot.
    name.ends_with(".toml") && !name.starts_with('.')
}

/// The main file cannot include itself, and nothing can be included twice.
fn include_once(
    directory: Text<'_>,
    file: PathBuf,
    seen: &mut HashSet<PathBuf>,
) -> Option<PathBuf> {
    let Ok(canonical) = fs::canonicalize(&file) else {
        return Some(file);
    };
    if seen.insert(canonical) {
        return Some(file);
    }
    directory
        .error(
            "file included twice",
            format!("`{}` has already been read", file.display()),
        )
        .help("include each directory once, and none that contains the main file")
        .report()
}

fn unreadable<T>(directory: Text<'_>, path: &Path, error: &io::Error) -> Option<T> {
    let shown = path.display();
    let (why, help) = match error.kind() {
        io::ErrorKind::NotFound => (
            format!("there is no directory `{shown}`"),
            "create it, or correct the path; it is relative to the file that contains it"
                .to_owned(),
        ),
        io::ErrorKind::NotADirectory => (
            format!("`{shown}` is not a directory"),
            parent(directory.text).map_or_else(
                || "`include` must name a directory; every `*.toml` in it is read".to_owned(),
                |parent| {
                    format!(
                        "`include` must name a directory; every `*.toml` in it is read: {}",
                        quote(parent)
                    )
                },
            ),
        ),
        _ => (
            format!("`{shown}`: {error}"),
            "give the user that runs the proxy read permission".to_owned(),
        ),
    };
    directory
        .error("cannot read the include directory", why)
        .help(help)
        .report()
}

fn parent(path: &str) -> Option<&str> {
    let parent = Path::new(path).parent()?.to_str()?;
    (!parent.is_empty()).then_some(parent)
}
