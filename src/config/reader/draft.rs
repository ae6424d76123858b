//! Reports on a value, built step by step.

use crate::config::diagnostic::{Diagnostic, Place, Problems, WarningName};

/// A report under construction.
#[must_use]
#[derive(Debug)]
pub(in crate::config) struct Draft<'a> {
    problems: &'a Problems,
    diagnostic: Diagnostic,
}

impl<'a> Draft<'a> {
    pub(super) fn error(
        problems: &'a Problems,
        title: &'static str,
        place: Place,
        why: impl Into<String>,
    ) -> Self {
        Self {
            problems,
            diagnostic: Diagnostic::error(title, place, why),
        }
    }

    pub(super) fn warning(
        problems: &'a Problems,
        name: WarningName,
        place: Place,
        why: impl Into<String>,
    ) -> Self {
        Self {
            problems,
            diagnostic: Diagnostic::warning(name, place, why),
        }
    }

    pub(in crate::config) fn and(mut self, place: Place, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.and(place, text);
        self
    }

    pub(in crate::config) fn note(mut self, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.note(text);
        self
    }

    pub(in crate::config) fn help(mut self, text: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.help(text);
        self
    }

    /// Submits the report. Returns `None`, as a reader does for a bad value.
    pub(in crate::config) fn report<T>(self) -> Option<T> {
        self.problems.report(self.diagnostic);
        None
    }
}
