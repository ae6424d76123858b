//! Problems of a configuration: what is wrong, where, why, and how to fix it.

mod excerpt;
mod render;
mod report;

pub use render::stderr_is_colored;
pub use report::{Location, Report};

use std::cell::RefCell;

/// The severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration works, but perhaps not as intended.
    Warning,
    /// The configuration is refused.
    Error,
}

/// A range in one of the report's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, numbered in reading order.
    pub(super) file: usize,
    /// The first byte, or `None` for the file as a whole.
    pub(super) span: Option<(usize, usize)>,
}

impl Place {
    /// The file as a whole.
    pub(super) const fn file(file: usize) -> Self {
        Self { file, span: None }
    }

    /// The bytes from `start` up to `end`.
    pub(super) const fn span(file: usize, start: usize, end: usize) -> Self {
        Self {
            file,
            span: Some((start, end)),
        }
    }
}

/// A place with a text about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub place: Place,
    /// The text.
    pub text: String,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The severity.
    pub severity: Severity,
    /// The kind of problem, in a few fixed words.
    pub title: &'static str,
    /// The place at fault, and why.
    pub primary: Label,
    /// Other places that are involved, such as the first of two equal names.
    pub others: Vec<Label>,
    /// More about the reason.
    pub note: Option<String>,
    /// How to fix it.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(super) fn error(title: &'static str, place: Place, why: impl Into<String>) -> Self {
        Self::new(Severity::Error, title, place, why.into())
    }

    pub(super) fn warning(title: &'static str, place: Place, why: impl Into<String>) -> Self {
        Self::new(Severity::Warning, title, place, why.into())
    }

    const fn new(severity: Severity, title: &'static str, place: Place, text: String) -> Self {
        let primary = Label { place, text };
        Self {
            severity,
            title,
            primary,
            others: Vec::new(),
            note: None,
            help: None,
        }
    }

    /// Adds another place that is involved.
    pub(super) fn and(mut self, place: Place, text: impl Into<String>) -> Self {
        self.others.push(Label {
            place,
            text: text.into(),
        });
        self
    }

    pub(super) fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

/// Collects problems while the configuration is read.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<Diagnostic>>);

impl Problems {
    pub(super) fn report(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(diagnostic);
    }

    pub(super) fn has_errors(&self) -> bool {
        self.0
            .borrow()
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub(super) fn into_list(self) -> Vec<Diagnostic> {
        self.0.into_inner()
    }
}
