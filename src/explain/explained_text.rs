//! An explanation for people.

use std::fmt::Write as _;

use super::diagnosis::Diagnosis;
use super::explanation::{ExplainedOutcome, ExplainedStep, Explanation};
use super::finding::FindingCode;
use super::guarded::GuardedText;
use crate::ops::escape;

/// How an explanation is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether long texts are shown whole.
    pub full: bool,
    /// Whether colours are used.
    pub color: bool,
}

impl Explanation {
    /// The explanation in lines, each step behind the word for it.
    #[must_use]
    pub fn as_text(&self, style: TextStyle) -> String {
        let mut out = ExplainedLines {
            of: self,
            style,
            text: String::new(),
        };
        for step in &self.steps {
            out.step(step);
        }
        out.verdict();
        self.veil.over_text(&out.text)
    }

    /// What comes of the request, and why, without the steps in between.
    #[must_use]
    pub fn in_short(&self, style: TextStyle) -> String {
        let mut out = ExplainedLines {
            of: self,
            style,
            text: String::new(),
        };
        for step in &self.steps {
            if matches!(step, ExplainedStep::Route(_)) {
                out.step(step);
            }
        }
        out.verdict();
        self.veil.over_text(&out.text)
    }

    /// The cause and the advice alone: each line with the word in front of it, or none.
    #[must_use]
    pub fn why(&self, full: bool) -> Vec<(&'static str, String)> {
        let shown = |text: &GuardedText| text.shown(&self.veil, full);
        let finding = &self.finding;
        if finding.code == FindingCode::Diagnosis(Diagnosis::Genuine) {
            // The verdict says it.
            return Vec::new();
        }
        let first = format!("{} [{}]", finding.first, finding.code.code());
        let mut lines = vec![("Why", first)];
        lines.extend(finding.more.iter().map(|more| ("", shown(more))));
        lines.extend(finding.changes.iter().map(|(change, mend)| {
            let change = shown(change);
            (
                "",
                format!("it fits if {change} (a change {})", mend.place()),
            )
        }));
        if !matches!(self.outcome, ExplainedOutcome::Verified) {
            lines.push(("To do", finding.advice.clone()));
        }
        let lines = lines.into_iter();
        lines
            .map(|(word, line)| (word, escape::visible_lines(&self.veil.over_text(&line))))
            .collect()
    }
}

struct ExplainedLines<'e> {
    of: &'e Explanation,
    style: TextStyle,
    text: String,
}

const WIDTH: usize = 11;

impl ExplainedLines<'_> {
    fn shown(&self, text: &GuardedText) -> String {
        text.shown(&self.of.veil, self.style.full)
    }

    /// Writing to memory cannot fail.
    fn line(&mut self, word: &str, text: &str) {
        // Names and ids may be somebody else's: the `kid` of a key is.
        let text = escape::visible_lines(&text.replace('\n', "\\n"));
        let _ = match self.style.color && !word.is_empty() {
            true => writeln!(self.text, "\x1b[1m{word:<WIDTH$}\x1b[0m{text}"),
            false => writeln!(self.text, "{word:<WIDTH$}{text}"),
        };
    }

    fn step(&mut self, step: &ExplainedStep) {
        match step {
            ExplainedStep::Request { method, path, body } => {
                let path = self.shown(path);
                self.line("Request", &format!("{method} {path}, {body} bytes of body"));
            }
            ExplainedStep::Note(note) => {
                let note = self.shown(note);
                self.line("", &format!("note: {note}"));
            }
            ExplainedStep::Route(name) => self.line("Route", name),
            ExplainedStep::Scheme { name, algorithms } => {
                self.line("Scheme", &format!("{name} ({algorithms})"));
            }
            ExplainedStep::Called(target) => {
                let target = self.shown(target);
                self.line("Called", &target);
            }
            ExplainedStep::Found { what, by, value } => {
                let value = self.shown(value);
                self.line("Found", &format!("{what}: {value}   by {by}"));
            }
            ExplainedStep::Content {
                nth,
                text,
                applied_to,
                digest,
                holds_secret,
            } => {
                let number = nth.saturating_add(1);
                let text = self.shown(text);
                self.line("Content", &format!("{number}: {text}"));
                if let Some(applied_to) = applied_to {
                    let applied_to = self.shown(applied_to);
                    self.line("", &format!("signed as: {applied_to}"));
                }
                if let Some((name, digest)) = digest {
                    self.line("", &format!("{name}: {digest}"));
                }
                if *holds_secret && !self.of.veil.is_lifted() {
                    self.line("", "a secret stands in it as `{secret}`");
                }
            }
            ExplainedStep::Key {
                id,
                kind,
                fits,
                opened,
            } => {
                let name = if id.is_empty() { "the key" } else { id };
                let fits = if *fits { "fits" } else { "does not fit" };
                let opened = opened.as_ref().map(|opened| format!(" ({opened})"));
                let opened = opened.unwrap_or_default();
                self.line("Key", &format!("{name} ({kind}): {fits}{opened}"));
            }
            ExplainedStep::Expected(text) if self.of.veil.is_lifted() => {
                let text = self.shown(text);
                self.line("Expected", &text);
            }
            ExplainedStep::Expected(_) => {}
            ExplainedStep::Freshness(freshness) => self.line("Freshness", &freshness.told()),
            ExplainedStep::Searched { told, .. } => self.line("Search", told),
        }
    }

    fn verdict(&mut self) {
        let outcome = self.of.outcome;
        let verdict = match outcome.code() {
            Some(code) => format!("{}: {code}", outcome.word()),
            None => outcome.word().to_owned(),
        };
        let verdict = match (self.style.color, outcome) {
            (false, _) => verdict,
            (true, ExplainedOutcome::Rejected(_) | ExplainedOutcome::NoRoute(_)) => {
                format!("\x1b[31m{verdict}\x1b[0m")
            }
            (true, _) => format!("\x1b[32m{verdict}\x1b[0m"),
        };
        self.line("Verdict", &verdict);
        for (word, line) in self.of.why(self.style.full) {
            self.line(word, &line);
        }
    }
}
