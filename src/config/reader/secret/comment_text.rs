//! Comments: operators note passwords in them, and no report needs them.

use std::ops::Range;

use super::as_written::AsWritten;
use crate::config::source::SourceText;

/// The text of all comments of a source. If the source cannot be parsed, also whatever may be one.
pub(in crate::config) fn comments(source: &SourceText, is_parsed: bool) -> Vec<Range<usize>> {
    if source.is_command_line() {
        return Vec::new();
    }
    let text = source.text();
    let mut found = Vec::new();
    let mut at: usize = 0;
    // The end of the last value of several lines.
    let mut end: usize = 0;
    for line in text.split_inclusive('\n') {
        let next = at.saturating_add(line.len());
        let start = end.max(at);
        if start < next {
            let (hash, value_end) = comment(text, start, next, is_parsed);
            end = value_end;
            found.extend(hash.and_then(|hash| behind(text, hash, next)));
        } else if !is_parsed && let Some(hash) = line.find('#') {
            found.extend(behind(text, at.saturating_add(hash), next));
        }
        at = next;
    }
    found
}

/// What a comment says, without the spaces around it.
fn behind(text: &str, hash: usize, line_end: usize) -> Option<Range<usize>> {
    let start = hash.saturating_add(1);
    let comment = text.get(start..line_end)?;
    let from = comment.len().saturating_sub(comment.trim_start().len());
    let length = comment.trim().len();
    let start = start.saturating_add(from);
    (length > 0).then(|| start..start.saturating_add(length))
}

/// The `#` that begins the comment of a line, and the end of a string that goes beyond the line.
fn comment(text: &str, start: usize, line_end: usize, is_parsed: bool) -> (Option<usize>, usize) {
    let mut at = start;
    while at < line_end {
        let rest = text.get(at..).unwrap_or_default();
        let first = rest.chars().next().unwrap_or_default();
        match first {
            '#' => return (Some(at), 0),
            '"' | '\'' => {
                let value = AsWritten::of(rest);
                let end = at.saturating_add(value.end);
                if !value.is_quoted && !is_parsed {
                    // Quotes that are not closed may end anywhere.
                    let line = text.get(at..line_end).unwrap_or_default();
                    let hash = line.find('#').map(|hash| at.saturating_add(hash));
                    return (hash, 0);
                }
                at = end.max(at.saturating_add(1));
            }
            other => at = at.saturating_add(other.len_utf8()),
        }
    }
    (None, at)
}
