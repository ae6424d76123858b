//! Loads a configuration and checks it.

use std::iter;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::catalogue::used_files;
use super::diagnostic::{Place, Problems, Report};
use super::document::Document;
use super::dump;
use super::include;
use super::input::Input;
use super::model::Config;
use super::overrides::Overrides;
use super::reader::{Table, secret};
use super::resolve::{self, FilesRead, ReadFor};
use super::source::{COMMAND_LINE, INCLUDED, MAIN, SourceText};

/// A valid configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The warnings; often none.
    pub warnings: Report,
    /// The configuration file, the included files and their directories, and the key files.
    pub files: Vec<PathBuf>,
    /// The keys that the command line overrides.
    pub overridden: Vec<String>,
}

/// Reads a configuration file with its includes and key files, resolves its servers' names, and
/// checks everything.
///
/// # Errors
/// Returns a report of every problem, including warnings, if at least one of them is an error.
pub fn load(file: &Path) -> Result<Loaded, Report> {
    Input::from(file).load()
}

impl Input {
    /// Like [`load()`], with the overrides of the command line.
    ///
    /// # Errors
    /// Same as [`load()`].
    pub fn load(&self) -> Result<Loaded, Report> {
        let loaded = self.read(ReadFor::Use, |_, _| ());
        loaded.map(|(loaded, ())| loaded)
    }

    /// Like [`Input::load`], but also warns of what would keep the proxy from running with this
    /// configuration on this machine, such as an address in use.
    ///
    /// # Errors
    /// Same as [`load()`].
    pub fn test(&self) -> Result<Loaded, Report> {
        let loaded = self.read(ReadFor::Test, |_, _| ());
        loaded.map(|(loaded, ())| loaded)
    }

    /// Like [`Input::test`], but also returns the whole configuration as one file: includes merged,
    /// overrides applied, every default filled in, and paths absolute.
    ///
    /// # Errors
    /// Same as [`load()`].
    pub fn load_and_dump(&self) -> Result<(Loaded, String), Report> {
        self.read(ReadFor::Test, |documents, config| {
            dump::dump(documents, self, config)
        })
    }

    /// The path of the pid file, even if the rest of the configuration is invalid.
    #[must_use]
    pub fn pid_file(&self) -> Option<PathBuf> {
        self.path_at_top("pid_file")
    }

    /// The path of the control socket, even if the rest of the configuration is invalid, or this user
    /// cannot read its keys.
    #[must_use]
    pub fn control_socket(&self) -> Option<PathBuf> {
        self.path_at_top("control")
    }

    fn path_at_top(&self, key: &str) -> Option<PathBuf> {
        let problems = Problems::default();
        let (main, _) = SourceText::read(&self.file);
        let command_line = SourceText::command_line(&self.overrides, &self.file);
        let mut overrides = Overrides::parse(&self.overrides, &command_line, &problems);
        let mut document = Document::parse(MAIN, &main, &command_line, &problems);
        overrides.lay_into(&mut document, &problems);
        let value = Table::top(&document, &problems).get(key)?;
        Some(value.text()?.path())
    }

    /// Reads a configuration. If it is valid, `look` can examine its documents.
    fn read<T>(
        &self,
        purpose: ReadFor,
        look: impl FnOnce(&[&Document<'_>], &Config) -> T,
    ) -> Result<(Loaded, T), Report> {
        let problems = Problems::default();
        let (main, error) = SourceText::read(&self.file);
        if let Some(error) = error {
            problems.report(error.diagnostic(MAIN));
            let hidden = hidden_in_text(MAIN, &main, false);
            return Err(Report::new(vec![main], hidden, problems.into_list()));
        }
        let command_line = SourceText::command_line(&self.overrides, &self.file);
        let mut overrides = Overrides::parse(&self.overrides, &command_line, &problems);

        let mut document = Document::parse(MAIN, &main, &command_line, &problems);
        overrides.lay_into(&mut document, &problems);
        let top = Table::top(&document, &problems);
        let mut others = Vec::new();
        let (sources, incomplete) = include::read(&top, &self.file, &problems, &mut others);
        let mut documents: Vec<_> = sources
            .iter()
            .zip(INCLUDED..)
            .map(|(source, file)| Document::parse(file, source, &command_line, &problems))
            .collect();
        for document in &mut documents {
            overrides.lay_into(document, &problems);
        }
        // After a syntax error, a table that seems unknown may only have been lost in parsing.
        let all: Vec<_> = iter::once(&document).chain(&documents).collect();
        if !incomplete && !all.iter().any(|document| document.has_syntax_errors()) {
            overrides.report_unknown(&problems);
        }
        let included = tops(&documents, &problems);
        let shipped_sources: Vec<_> = used_files(&all)
            .into_iter()
            .map(SourceText::shipped)
            .collect();
        let numbers = INCLUDED.saturating_add(sources.len())..;
        let shipped_documents: Vec<_> = { shipped_sources.iter().zip(numbers) }
            .map(|(source, number)| Document::parse(number, source, &command_line, &problems))
            .collect();
        let shipped = tops(&shipped_documents, &problems);

        let texts = iter::once(&main).chain(&sources);
        let texts = texts.map(|source| source.path().to_owned());
        let mut read = FilesRead::new(texts.chain(others).collect());
        let config = resolve::resolve(top, included, &shipped, incomplete, &mut read, purpose);

        let failed = problems.has_errors();
        let config = config.filter(|_| !failed).map(|config| {
            let seen = look(&all, &config);
            (config, seen)
        });
        let files = read.into_paths();
        let overridden = overrides.keys();
        let diagnostics = problems.into_list();
        let hidden = match diagnostics.is_empty() {
            true => Vec::new(),
            false => hidden_in(&all, &command_line),
        };
        drop(shipped_documents);
        drop(documents);
        drop(document);
        // In the order of their file numbers.
        let sources = [main, command_line].into_iter().chain(sources);
        let sources = sources.chain(shipped_sources).collect();
        let report = Report::new(sources, hidden, diagnostics);
        match config {
            Some((config, seen)) => Ok((
                Loaded {
                    config,
                    warnings: report,
                    files,
                    overridden,
                },
                seen,
            )),
            None => Err(report),
        }
    }
}

fn tops<'a>(documents: &'a [Document<'a>], problems: &'a Problems) -> Vec<Table<'a>> {
    let tops = documents.iter();
    tops.map(|document| Table::top(document, problems))
        .collect()
}

/// The places of all sources that must not be shown.
pub(super) fn hidden_in(documents: &[&Document<'_>], command_line: &SourceText) -> Vec<Place> {
    let mut hidden = hidden_in_text(COMMAND_LINE, command_line, false);
    for document in documents {
        hidden.extend(secret::places(document));
        let (file, source) = (document.file, document.source);
        hidden.extend(hidden_in_text(file, source, document.is_complete()));
    }
    hidden
}

/// The places of a source's text that must not be shown. `is_parsed` says that those of values are known
/// already.
pub(super) fn hidden_in_text(file: usize, source: &SourceText, is_parsed: bool) -> Vec<Place> {
    let values = match is_parsed {
        true => Vec::new(),
        false => secret::in_text(source),
    };
    let ranges = values
        .into_iter()
        .chain(secret::comments(source, is_parsed));
    let place = |range: Range<usize>| Place::span(file, range.start, range.end);
    ranges.map(place).collect()
}
