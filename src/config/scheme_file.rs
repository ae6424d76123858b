//! Reads the schemes of a file with their cases, to test them.

use std::iter;
use std::path::Path;

use super::diagnostic::{Problems, Report};
use super::document::Document;
use super::include;
use super::load::{hidden_in, hidden_in_text};
use super::model::TestedScheme;
use super::reader::Table;
use super::resolve;
use super::source::{INCLUDED, MAIN, SourceText};

/// Reads the schemes of a file, and of those that it includes, with their cases and the cases' keys.
/// Of a whole configuration, nothing else is read. Warnings are left to a test of the configuration.
///
/// # Errors
/// Returns a report of every problem if at least one of them is an error.
pub fn tested_schemes(file: &Path) -> Result<Vec<TestedScheme>, Report> {
    let problems = Problems::default();
    let (main, error) = SourceText::read(file);
    if let Some(error) = error {
        problems.report(error.diagnostic(MAIN));
        let hidden = hidden_in_text(MAIN, &main, false);
        return Err(Report::new(vec![main], hidden, problems.into_list()));
    }
    let command_line = SourceText::command_line(&[], file);
    let document = Document::parse(MAIN, &main, &command_line, &problems);
    let top = Table::top(&document, &problems);
    let (sources, incomplete) = include::read(&top, file, &problems, &mut Vec::new());
    let documents: Vec<_> = sources
        .iter()
        .zip(INCLUDED..)
        .map(|(source, number)| Document::parse(number, source, &command_line, &problems))
        .collect();
    let included = documents
        .iter()
        .map(|document| Table::top(document, &problems))
        .collect();
    let schemes = resolve::tested_schemes(top, included, incomplete);
    let schemes = schemes.filter(|_| !problems.has_errors());
    let diagnostics = problems.into_list();
    let all: Vec<_> = iter::once(&document).chain(&documents).collect();
    let hidden = hidden_in(&all, &command_line);
    drop(all);
    drop(documents);
    drop(document);
    let sources = [main, command_line].into_iter().chain(sources).collect();
    schemes.ok_or_else(|| Report::new(sources, hidden, diagnostics))
}
