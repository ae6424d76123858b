//! Single schemes, outside a configuration: one of the catalogue by its name, or those of a file.

use std::path::Path;
use std::sync::Arc;

use super::catalogue::ShippedFile;
use super::diagnostic::{Problems, Report};
use super::document::Document;
use super::load::hidden_in_text;
use super::reader::Table;
use super::resolve;
use super::source::{MAIN, SourceText};
use crate::verify::Scheme;

/// The scheme of the catalogue with this name; `None` if there is none.
///
/// # Errors
/// Returns a report of every problem if its file is wrong, which none is.
pub fn shipped_scheme(name: &str) -> Option<Result<Arc<Scheme>, Report>> {
    let file = ShippedFile::with_scheme(name)?;
    let schemes = match schemes_of(SourceText::shipped(file)) {
        Ok(schemes) => schemes,
        Err(report) => return Some(Err(report)),
    };
    let found = schemes.into_iter().find(|scheme| scheme.name == name);
    found.map(Ok)
}

/// The schemes in a file: one of an include directory, or a whole configuration, of which nothing else
/// is read.
///
/// # Errors
/// Returns a report of every problem.
pub fn schemes_in(file: &Path) -> Result<Vec<Arc<Scheme>>, Report> {
    let (source, error) = SourceText::read(file);
    if let Some(error) = error {
        let problems = Problems::default();
        problems.report(error.diagnostic(MAIN));
        let hidden = hidden_in_text(MAIN, &source, false);
        return Err(Report::new(vec![source], hidden, problems.into_list()));
    }
    schemes_of(source)
}

fn schemes_of(source: SourceText) -> Result<Vec<Arc<Scheme>>, Report> {
    let problems = Problems::default();
    let command_line = SourceText::command_line(&[], Path::new(""));
    let document = Document::parse(MAIN, &source, &command_line, &problems);
    let (tables, _) = Table::top(&document, &problems).tables("scheme");
    let schemes = resolve::shipped_schemes(&tables).into_iter();
    let schemes: Vec<_> = schemes.map(|(scheme, _)| scheme).collect();
    drop(tables);
    drop(document);
    if problems.has_errors() {
        let hidden = hidden_in_text(MAIN, &source, false);
        return Err(Report::new(
            vec![source, command_line],
            hidden,
            problems.into_list(),
        ));
    }
    Ok(schemes)
}
