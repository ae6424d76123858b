//! The paths of encrypted values.

use crate::config::reader::Value;
use crate::config::resolve::headers::{AddedHeaders, Prefix};
use crate::decrypt::{HeaderPath, Path};

/// The maximum number of paths in a rule; each one costs a walk over the body.
const MAX_PATHS: usize = 64;

/// The paths of values whose clear text goes into the body.
pub(in crate::config::resolve) fn paths(value: Value<'_>) -> Option<Vec<Path>> {
    let paths = value.list_of(path)?;
    bounded(value, paths)
}

/// The paths of values whose clear text goes into headers.
pub(super) fn headers(value: Value<'_>, prefix: Option<&Prefix>) -> Option<Vec<HeaderPath>> {
    let mut added = AddedHeaders::default();
    let headers: Vec<_> = value
        .pairs()?
        .into_iter()
        .map(|(header, value)| {
            let path = path(value);
            added.add(header, prefix)?;
            Some(HeaderPath::new(header.text, path?))
        })
        .collect();
    bounded(value, headers.into_iter().collect::<Option<_>>()?)
}

fn path(value: Value<'_>) -> Option<Path> {
    let text = value.text()?;
    match Path::parse(text.text) {
        Ok(path) => Some(path),
        Err(error) => text
            .error("invalid path", error.to_string())
            .help("write a top-level field's name, a JSON Pointer, or a JSONPath such as \"$.data.list[*].cardno\" or \"$.data..cardno\"")
            .report(),
    }
}

fn bounded<T>(value: Value<'_>, paths: Vec<T>) -> Option<Vec<T>> {
    if paths.len() <= MAX_PATHS {
        return Some(paths);
    }
    value
        .error(
            "too many paths",
            format!(
                "a rule has at most {MAX_PATHS} paths, but there are {}",
                paths.len()
            ),
        )
        .help("cover several fields with one path, such as `$.data.*`")
        .report()
}
