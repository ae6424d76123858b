//! What the command line sets over the files: `--set KEY=VALUE`.
//!
//! The overrides are a text of their own, each on its line, and what they set is laid into the
//! tables of the documents before anything is resolved. So they are checked by what checks the files,
//! and an error shows the override as it would show a line of a file.

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
    /// Each name by which an override can reach a table of several, and the key of that table.
    names: Vec<(&'static str, String)>,
}

/// One override.
#[derive(Debug)]
struct Override<'a> {
    /// The key, from the top level on. Never empty.
    path: Vec<KeyPart<'a>>,
    /// What it is set to; spans count from `at`.
    value: Spanned<DeValue<'a>>,
    /// The byte of the command line at which the value begins.
    at: usize,
    /// How many tables of the documents it was laid into.
    laid: usize,
}

/// A part of a key: between two dots.
#[derive(Clone, Copy, Debug)]
struct KeyPart<'a> {
    name: &'a str,
    /// Its first byte on the command line, and the one behind it. With the quotes, if there are any.
    start: usize,
    end: usize,
}

impl<'a> Overrides<'a> {
    /// Reads the overrides, whose text together is that of the source. Reports those that cannot be
    /// laid over any file, and leaves them out.
    pub(super) fn parse(texts: &[String], source: &'a SourceText, problems: &Problems) -> Self {
        let mut all: Vec<Override<'a>> = Vec::new();
        let mut start: usize = 0;
        for text in texts {
            let end = start.saturating_add(text.len());
            if let Some(one) = parse::parse(source, start..end, problems) {
                match check::shape(&one).or_else(|| check::only_once(&one, &all)) {
                    Some(problem) => problems.report(problem),
                    None => all.push(one),
                }
            }
            // A line break stands between two of them.
            start = end.saturating_add(1);
        }
        Self {
            all,
            names: Vec::new(),
        }
    }

    /// Lays into a document what is set in it: in the main file what the top level leads to, in every
    /// file the tables that are found by their names.
    pub(super) fn lay_into(&mut self, document: &mut Document<'a>, problems: &Problems) {
        // All are found by the names in the file, before any of them changes one.
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

    /// Reports those that name no table of any document, or more than one.
    pub(super) fn report_unknown(&self, problems: &Problems) {
        for one in &self.all {
            if let Some(problem) = unknown::unknown(one, &self.names) {
                problems.report(problem);
            }
        }
    }
}

impl Override<'_> {
    /// The section of which there may be several tables, one of which is meant.
    fn several(&self) -> Option<&'static Section> {
        let name = self.path.first()?.name;
        keys::ALL
            .iter()
            .copied()
            .find(|section| section.path == name && section.is_array())
    }

    /// The whole key.
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

/// A key, as it can be written.
fn key(path: &[KeyPart<'_>]) -> String {
    let parts: Vec<_> = path.iter().map(|step| quoted(step.name)).collect();
    parts.join(".")
}

/// A name as a part of a key.
fn quoted(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        let quote = if name.contains('"') { '\'' } else { '"' };
        format!("{quote}{name}{quote}")
    }
}
