//! All schemes of the catalogue, compiled, with what is told of them.

use std::path::Path;

use super::catalogue::{FILES, ShippedFile, shipped_names};
use super::diagnostic::{Problems, Report};
use super::document::Document;
use super::model::ShippedScheme;
use super::reader::{Table, similar};
use super::resolve;
use super::source::{INCLUDED, SourceText};

/// Compiles all schemes of the catalogue, in its order.
///
/// # Errors
/// Returns a report of every problem if a file is wrong, which none is.
pub fn shipped_schemes() -> Result<Vec<ShippedScheme>, Report> {
    let problems = Problems::default();
    let command_line = SourceText::command_line(&[], Path::new(""));
    let sources: Vec<_> = FILES.iter().map(SourceText::shipped).collect();
    let documents: Vec<_> = sources
        .iter()
        .zip(INCLUDED..)
        .map(|(source, number)| Document::parse(number, source, &command_line, &problems))
        .collect();
    let schemes: Vec<_> = FILES
        .iter()
        .zip(&documents)
        .flat_map(|(file, document)| schemes_of(file, document, &problems))
        .collect();
    drop(documents);
    if problems.has_errors() {
        let first = [SourceText::command_line(&[], Path::new("")), command_line];
        let sources = first.into_iter().chain(sources).collect();
        return Err(Report::new(sources, Vec::new(), problems.into_list()));
    }
    Ok(schemes)
}

/// The shipped scheme of whose name this one is most likely a misspelling.
#[must_use]
pub fn similar_scheme(name: &str) -> Option<&'static str> {
    similar(name, shipped_names())
}

fn schemes_of(
    file: &'static ShippedFile,
    document: &Document<'_>,
    problems: &Problems,
) -> Vec<ShippedScheme> {
    let (tables, _) = Table::top(document, problems).tables("scheme");
    let schemes = resolve::shipped_schemes(&tables).into_iter();
    schemes
        .map(|(scheme, about)| ShippedScheme {
            file,
            scheme,
            about,
        })
        .collect()
}
