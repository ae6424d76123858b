//! Problems of a configuration: what is wrong, where, why, and how to fix it.

mod excerpt;
mod problems;
mod render;
mod report;
mod warning_name;

pub(super) use problems::Problems;
pub use render::{stderr_is_colored, stdout_is_colored};
pub use report::{Location, Report};
pub use warning_name::WarningName;

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
    /// The name of a warning.
    pub name: Option<WarningName>,
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
    /// The routes that it is about, by their place in the configuration.
    pub routes: Vec<usize>,
}

impl Diagnostic {
    pub(super) fn error(title: &'static str, place: Place, why: impl Into<String>) -> Self {
        Self::new(Severity::Error, title, place, why.into())
    }

    pub(super) fn warning(name: WarningName, place: Place, why: impl Into<String>) -> Self {
        Self {
            name: Some(name),
            ..Self::new(Severity::Warning, name.title(), place, why.into())
        }
    }

    const fn new(severity: Severity, title: &'static str, place: Place, text: String) -> Self {
        let primary = Label { place, text };
        Self {
            severity,
            name: None,
            title,
            primary,
            others: Vec::new(),
            note: None,
            help: None,
            routes: Vec::new(),
        }
    }

    /// Adds a route that it is about.
    pub(super) fn about(mut self, route: usize) -> Self {
        self.routes.push(route);
        self
    }

    /// The same where a route uses what it is about, which the operator cannot mend.
    fn at_route(mut self, route: usize, place: Place) -> Self {
        let text = format!("this scheme: {}", self.primary.text);
        let here = std::mem::replace(&mut self.primary, Label { place, text });
        self.others.push(Label {
            place: here.place,
            text: "here".to_owned(),
        });
        if let Some(name) = self.name {
            self.help = Some(format!(
                "the scheme comes with Countersign; if the backend can do with it, add \
                 `accept_warnings = [\"{}\"]` to the route",
                name.code()
            ));
        }
        self.about(route)
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
