//! Problems as text, in the style of rustc.

use std::borrow::Cow;
use std::env;
use std::fmt;
use std::io::{self, IsTerminal as _};

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
};

use super::excerpt::Excerpt;
use super::{Diagnostic, Label, Report, Severity};

/// Whether a report on standard error is coloured: if that is a terminal with colours, and
/// `NO_COLOR` (<https://no-color.org>) is unset or empty.
#[must_use]
pub fn stderr_is_colored() -> bool {
    io::stderr().is_terminal() && takes_colors()
}

/// The same for standard output.
#[must_use]
pub fn stdout_is_colored() -> bool {
    io::stdout().is_terminal() && takes_colors()
}

fn takes_colors() -> bool {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    !refused && !dumb
}

/// Two places in a file that are further apart than this, in bytes, are shown as two excerpts.
const FAR: usize = 4096;

impl Report {
    /// The report as text: for each problem its kind, an excerpt with carets, the reason and a
    /// hint, then an empty line. With ANSI colours if `colored`.
    #[must_use]
    pub fn render(&self, colored: bool) -> String {
        let renderer = if colored {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut text = String::new();
        for diagnostic in self.diagnostics() {
            let rendered = renderer.render(&[group(self, diagnostic)]);
            // Everything below an excerpt is indented by the width of the line numbers.
            text.push_str(&match has_excerpt(self, diagnostic) {
                true => rendered,
                false => rendered.replace('\n', "\n  "),
            });
            text.push_str("\n\n");
        }
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

fn has_excerpt(report: &Report, diagnostic: &Diagnostic) -> bool {
    let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.others);
    labels.into_iter().any(|label| {
        let source = report.source(label.place.file);
        label.place.span.is_some() && source.is_some_and(|source| !source.text().is_empty())
    })
}

fn group<'a>(report: &'a Report, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let title = level.primary_title(diagnostic.title);
    let title = match diagnostic.name {
        Some(name) => title.id(name.code()),
        None => title,
    };
    let mut group = title.elements(
        excerpts(diagnostic)
            .into_iter()
            .flat_map(|labels| excerpt(report, &labels)),
    );
    for (level, text) in [
        (Level::NOTE, &diagnostic.note),
        (Level::HELP, &diagnostic.help),
    ] {
        if let Some(text) = text {
            group = group.element(level.message(text.as_str()));
        }
    }
    group
}

/// A label, and whether it is the place at fault.
type Marked<'a> = (&'a Label, AnnotationKind);

/// The labels, grouped by proximity.
fn excerpts(diagnostic: &Diagnostic) -> Vec<Vec<Marked<'_>>> {
    let mut all: Vec<Vec<Marked<'_>>> = vec![vec![(&diagnostic.primary, AnnotationKind::Primary)]];
    for label in &diagnostic.others {
        let marked = (label, AnnotationKind::Context);
        match all
            .iter_mut()
            .find(|marks| marks.iter().any(|(other, _)| is_near(label, other)))
        {
            Some(marks) => marks.push(marked),
            None => all.push(vec![marked]),
        }
    }
    all
}

fn is_near(label: &Label, other: &Label) -> bool {
    match (label.place.span, other.place.span) {
        (Some((a, _)), Some((b, _))) => label.place.file == other.place.file && a.abs_diff(b) < FAR,
        _ => false,
    }
}

fn excerpt<'a>(report: &'a Report, labels: &[Marked<'a>]) -> Vec<Element<'a>> {
    let places = labels.iter().filter_map(|(label, _)| label.place.span);
    let file = labels.first().map(|(label, _)| label.place.file);
    let Some(source) = file.and_then(|file| report.source(file)) else {
        return Vec::new();
    };
    let path = source.path().to_string_lossy();
    let start = places.clone().map(|(start, _)| start).min();
    let end = places.map(|(_, end)| end).max();
    let Some((start, end)) = start.zip(end).filter(|_| !source.text().is_empty()) else {
        return without_text(path, labels);
    };
    let hidden: Vec<_> = file.map_or_else(Vec::new, |file| report.hidden(file).collect());
    let excerpt = Excerpt::cut(source.text(), start, end, &hidden);
    let (line, _) = source.line_and_column(excerpt.start());
    let annotations = labels.iter().filter_map(|(label, kind)| {
        let (start, end) = label.place.span?;
        Some(annotation(
            kind.span(excerpt.map(start)..excerpt.map(end)),
            &label.text,
        ))
    });
    let annotations: Vec<_> = annotations.collect();
    vec![
        Snippet::source(excerpt.into_text())
            .path(path)
            .line_start(line)
            .annotations(annotations)
            .into(),
    ]
}

fn annotation<'a>(annotation: Annotation<'a>, label: &'a str) -> Annotation<'a> {
    annotation.label((!label.is_empty()).then_some(label))
}

/// A file with nothing to show, or that is meant as a whole.
fn without_text<'a>(path: Cow<'a, str>, labels: &[Marked<'a>]) -> Vec<Element<'a>> {
    let mut elements = vec![Origin::path(path).into()];
    elements.extend(
        labels
            .iter()
            .filter(|(label, _)| !label.text.is_empty())
            .map(|(label, _)| Element::from(Level::NOTE.message(label.text.as_str()))),
    );
    elements
}
