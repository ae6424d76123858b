//! The way from a file to a checked configuration.

use std::path::{Path, PathBuf};

use super::diagnostic::{Problems, Report};
use super::document::Document;
use super::dump;
use super::include;
use super::model::Config;
use super::reader::Table;
use super::resolve;
use super::source::Source;

/// A configuration that was read and found good.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What works, but perhaps not as meant; often empty.
    pub warnings: Report,
    /// What was read: the configuration file, the included ones and their directories, the key files.
    pub files: Vec<PathBuf>,
}

/// Reads a configuration file with its includes and key files, looks up its servers' names, and
/// checks all of it.
///
/// # Errors
/// With the report of every problem found, warnings included, if one of them is an error.
pub fn load(path: &Path) -> Result<Loaded, Report> {
    read(path, |_, _| ()).map(|(loaded, ())| loaded)
}

/// Does the same, and gives the configuration as one file: with the included ones, every default,
/// and absolute paths.
///
/// # Errors
/// As [`load`].
pub fn load_and_dump(path: &Path) -> Result<(Loaded, String), Report> {
    read(path, dump::dump)
}

/// Reads a configuration, and has another look at the documents of a good one.
fn read<T>(
    path: &Path,
    look: impl FnOnce(&[&Document<'_>], &Config) -> T,
) -> Result<(Loaded, T), Report> {
    let problems = Problems::default();
    let (main, error) = Source::read(path);
    if let Some(error) = error {
        problems.report(error.diagnostic(0));
        return Err(Report::new(vec![main], problems.into_list()));
    }

    let document = Document::parse(0, &main, &problems);
    let top = Table::top(&document, &problems);
    let mut others = Vec::new();
    let (sources, incomplete) = include::read(&top, path, &problems, &mut others);
    let documents: Vec<_> = sources
        .iter()
        .zip(1..)
        .map(|(source, file)| Document::parse(file, source, &problems))
        .collect();
    let included = documents
        .iter()
        .map(|document| Table::top(document, &problems))
        .collect();

    let config = resolve::resolve(top, included, incomplete, &mut others);

    let failed = problems.has_errors();
    let config = config.filter(|_| !failed).map(|config| {
        let all: Vec<_> = std::iter::once(&document).chain(&documents).collect();
        let seen = look(&all, &config);
        (config, seen)
    });
    drop(documents);
    drop(document);
    let sources: Vec<_> = std::iter::once(main).chain(sources).collect();
    let files = sources
        .iter()
        .map(|source| source.path().to_owned())
        .chain(others)
        .collect();
    let report = Report::new(sources, problems.into_list());
    match config {
        Some((config, seen)) => Ok((
            Loaded {
                config,
                warnings: report,
                files,
            },
            seen,
        )),
        None => Err(report),
    }
}

/// Where the configuration file says that the pid file is, even if the rest of it is wrong.
#[must_use]
pub fn pid_file(path: &Path) -> Option<PathBuf> {
    let problems = Problems::default();
    let (main, _) = Source::read(path);
    let document = Document::parse(0, &main, &problems);
    let value = Table::top(&document, &problems).get("pid_file")?;
    Some(value.text()?.path())
}
