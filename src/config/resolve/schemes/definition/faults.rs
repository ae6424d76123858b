//! What the language finds wrong with a definition, shown where it is written.

use super::Spots;
use crate::config::diagnostic::Diagnostic;
use crate::verify::language::DefinitionError;

/// What to do about an error that says no more itself.
const HELP: &str = "docs/schemes.md lists the sources and filters, and shows a scheme step by step";

/// Reports every error.
pub(in crate::config::resolve::schemes) fn report(errors: &[DefinitionError], spots: &Spots<'_>) {
    for error in errors {
        if !is_repeated(error, errors, spots) {
            spots.scheme().problems().report(diagnostic(error, spots));
        }
    }
}

/// Reports what is wrong within expressions. What is missing, or does not fit together, may be for want of a
/// key that has an error.
pub(in crate::config::resolve::schemes) fn report_expressions(
    errors: &[DefinitionError],
    spots: &Spots<'_>,
) {
    let is_inside =
        |error: &&DefinitionError| !error.error.at.is_empty() && spots.find(&error.key).is_some();
    let inside: Vec<_> = errors.iter().filter(is_inside).cloned().collect();
    report(&inside, spots);
}

fn diagnostic(error: &DefinitionError, spots: &Spots<'_>) -> Diagnostic {
    let DefinitionError { key, error, .. } = error;
    let text = spots
        .find(key)
        .filter(|_| !error.at.is_empty() || error.at.start > 0);
    let first = key.split(['.', '[']).next().unwrap_or_default();
    let (title, place) = match text {
        Some(text) if is_word(key) => ("unknown value", text.place),
        Some(text) => ("invalid expression", text.place_of_bytes(error.at.clone())),
        None if !spots.scheme().has(first) => ("missing key", spots.place_of_fault(key)),
        None => ("invalid scheme", spots.place_of_fault(key)),
    };
    Diagnostic::error(title, place, error.message.clone())
        .help(error.help.as_deref().unwrap_or(HELP))
}

/// Whether a key takes words, not expressions.
fn is_word(key: &str) -> bool {
    const WORDS: &[&str] = &[
        "signature_form",
        "from",
        "order",
        "empty",
        "null",
        "nested",
        "missing",
        "paths",
        "repeated",
        "content_type",
        "after",
    ];
    let last = key.rsplit('.').next().unwrap_or_default();
    key == "algorithm"
        || key.starts_with("not_covered[")
        || key.starts_with("algorithm.of.")
        || WORDS.contains(&last)
}

/// Whether the error is in a text that a selection has from the one that it is like, and is reported
/// there.
fn is_repeated(error: &DefinitionError, all: &[DefinitionError], spots: &Spots<'_>) -> bool {
    let is_own = |error: &DefinitionError| spots.find(&error.key).is_some();
    let mut others = all.iter();
    !is_own(error) && others.any(|other| is_own(other) && other.error == error.error)
}
