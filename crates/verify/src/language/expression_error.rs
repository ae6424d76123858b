//! What is wrong with an expression, and where.

use std::fmt;
use std::ops::Range;

/// What is wrong with an expression. [`fmt::Display`] prints the message alone;
/// [`Self::with_excerpt`] adds the expression with carets under the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct ExpressionError {
    /// The place in the expression, in bytes.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
}

impl ExpressionError {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Adds the word that was probably meant, or else lists all of them.
    pub(super) fn help_word<'a>(
        self,
        wrong: &str,
        words: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let known: Vec<&str> = words.clone().collect();
        match (nearest(wrong, words), known.is_empty()) {
            (Some(word), _) => self.help(format!("did you mean `{word}`?")),
            (None, false) => self.help(format!("known are: {}", known.join(", "))),
            (None, true) => self,
        }
    }

    /// The message, the expression's line with carets under the place, and the help.
    #[must_use]
    pub fn with_excerpt(&self, expression: &str) -> String {
        let (before, rest) = expression
            .split_at_checked(self.at.start)
            .unwrap_or((expression, ""));
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let line_start = before.get(start..).unwrap_or_default();
        let line_end = rest.lines().next().unwrap_or_default();
        let length = self.at.end.saturating_sub(self.at.start);
        let marked = line_end.get(..length).unwrap_or(line_end);
        let mut text = format!(
            "{}\n    {line_start}{line_end}\n    {}{}",
            self.message,
            " ".repeat(line_start.chars().count()),
            "^".repeat(marked.chars().count().max(1)),
        );
        if let Some(help) = &self.help {
            text.push_str("\n    ");
            text.push_str(help);
        }
        text
    }
}

/// The word of which the text is most likely a misspelling.
fn nearest<'a>(wrong: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = wrong.chars().count().max(3) / 3;
    words
        .map(|word| (strsim::osa_distance(wrong, word), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// A place, for messages that list several.
impl fmt::Display for super::expression_syntax::ExpressionWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
