//! Overrides of the files' values on the command line: `--set KEY=VALUE`.
//!
//! The overrides are a source of their own, one per line. Their values are inserted into the tables
//! of the documents before anything is resolved. So they pass the same checks as the files, and an
//! error shows an override as it would show a line of a file.

mod check;
mod lay;
mod override_value;
mod parse;
mod unknown;

use toml::Spanned;
use toml::de::DeValue;

use super::diagnostic::{Place, Problems};
use super::document::Document;
use super::keys::{self, Section};
use super::source::{COMMAND_LINE, SourceText};

/// All overrides of a command line.
#[derive(Debug)]
pub(super) struct Overrides<'a> {
    all: Vec<Override<'a>>,
    /// The names by which overrides can select one of several tables, with the key of its section.
    names: Vec<(&'static str, String)>,
}

/// One override.
#[derive(Debug)]
struct Override<'a> {
    /// The key, from the top level on. Never empty.
    path: Vec<KeyPart<'a>>,
    /// The value; its spans count from `at`.
    value: Spanned<DeValue<'a>>,
    /// The byte of the command line at which the value begins.
    at: usize,
    /// How many tables of the documents it was applied to.
    laid: usize,
}

/// A part of a key: between two dots.
#[derive(Clone, Copy, Debug)]
struct KeyPart<'a> {
    name: &'a str,
    /// Its first byte on the command line, and the one after it. Includes quotes, if there are any.
    start: usize,
    end: usize,
}

impl<'a> Overrides<'a> {
    /// Parses the overrides; their texts together form the source. Reports and leaves out those
    /// that are invalid whatever the files contain.
    pub(super) fn parse(texts: &[String], source: &'a SourceText, problems: &Problems) -> Self {
        let mut all: Vec<Override<'a>> = Vec::new();
        let mut start: usize = 0;
        for text in texts {
            let end = start.saturating_add(text.len());
            if let Some(one) = parse::parse(source, start..end, problems) {
                let problem = check::shape(&one).or_else(|| check::visible_secret(&one));
                match problem.or_else(|| check::only_once(&one, &all)) {
                    Some(problem) => problems.report(problem),
                    None => all.push(one),
                }
            }
            // A line break separates two overrides.
            start = end.saturating_add(1);
        }
        Self {
            all,
            names: Vec::new(),
        }
    }

    /// Applies the overrides to a document. Named tables are looked up in every file; all other
    /// keys belong to the main file.
    pub(super) fn lay_into(&mut self, document: &mut Document<'a>, problems: &Problems) {
        // Looks up all tables before any override can change a name.
        let targets: Vec<Vec<lay::Target>> = self
            .all
            .iter()
            .map(|one| lay::targets(one, document))
            .collect();
        self.names.extend(lay::names(document));
        for (one, targets) in self.all.iter_mut().zip(targets) {
            for target in targets {
                one.laid = one.laid.saturating_add(1);
                if let Some(problem) = lay::lay(one, target, document) {
                    problems.report(problem);
                }
            }
        }
    }

    /// The keys that are set.
    pub(super) fn keys(&self) -> Vec<String> {
        self.all.iter().map(|one| key(&one.path)).collect()
    }

    /// Reports overrides that match no table of any document, or more than one.
    pub(super) fn report_unknown(&self, problems: &Problems) {
        for one in &self.all {
            if let Some(problem) = unknown::unknown(one, &self.names) {
                problems.report(problem);
            }
        }
    }
}

impl Override<'_> {
    /// The section that the override refers to, if it can have several tables.
    fn several(&self) -> Option<&'static Section> {
        let name = self.path.first()?.name;
        keys::ALL
            .iter()
            .copied()
            .find(|section| section.path == name && section.is_array())
    }

    /// The place of the whole key.
    fn place(&self) -> Place {
        let start = self.path.first().map_or(0, |step| step.start);
        let end = self.path.last().map_or(0, |step| step.end);
        Place::span(COMMAND_LINE, start, end)
    }
}

impl KeyPart<'_> {
    fn place(&self) -> Place {
        Place::span(COMMAND_LINE, self.start, self.end)
    }
}

/// A key, as the user can write it.
fn key(path: &[KeyPart<'_>]) -> String {
    let parts: Vec<_> = path.iter().map(|step| quoted(step.name)).collect();
    parts.join(".")
}

/// A name as a part of a key, quoted if necessary.
fn quoted(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        let quote = if name.contains('"') { '\'' } else { '"' };
        format!("{quote}{name}{quote}")
    }
}
