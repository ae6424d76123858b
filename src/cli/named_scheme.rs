//! The scheme that a command line names, with `--scheme`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use crate::config::diagnostic::Report;
use crate::config::{schemes_in, shipped_scheme, similar_scheme};
use crate::verify::Scheme;

/// Why a command line names no scheme.
#[derive(Debug, thiserror::Error)]
pub(super) enum NamedSchemeError {
    #[error(
        "there is no scheme `{name}`{hint}: `countersign schemes` lists those there are, and a file is named with a `/` or `.toml`"
    )]
    Unknown { name: String, hint: String },
    #[error("{} has {}: write {0}#NAME", .path.display(), .names)]
    Which { path: PathBuf, names: String },
    #[error("cannot read {}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    /// Shown as it is.
    #[error("{0}")]
    Report(Box<Report>),
}

impl From<Report> for NamedSchemeError {
    fn from(report: Report) -> Self {
        Self::Report(Box::new(report))
    }
}

/// One of the catalogue, or of a file: `NAME`, `FILE`, or `FILE#NAME`.
pub(super) fn find(name: &str) -> Result<Arc<Scheme>, NamedSchemeError> {
    if let Some(scheme) = shipped_scheme(name) {
        return Ok(scheme?);
    }
    let (file, wanted) = match name.split_once('#') {
        Some((file, wanted)) => (Path::new(file), Some(wanted)),
        None => (Path::new(name), None),
    };
    let is_file = file.extension().is_some_and(|ending| ending == "toml")
        || name.contains('/')
        || file.is_file();
    if !is_file {
        let hint = similar_scheme(name);
        return Err(NamedSchemeError::Unknown {
            name: name.to_owned(),
            hint: hint.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)")),
        });
    }
    // What names a file of a configuration has a report of its own.
    fs::metadata(file).map_err(|error| NamedSchemeError::Read {
        path: file.to_owned(),
        error,
    })?;
    let schemes = schemes_in(file)?;
    let found = match (wanted, schemes.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(wanted), all) => all.iter().find(|scheme| scheme.name == wanted),
    };
    found.cloned().ok_or_else(|| {
        let names = schemes.iter().map(|scheme| format!("`{}`", scheme.name));
        let names: Vec<_> = names.collect();
        NamedSchemeError::Which {
            path: file.to_owned(),
            names: match names.as_slice() {
                [] => "no scheme".to_owned(),
                names => format!("the schemes {}", names.join(", ")),
            },
        }
    })
}
