//! Finds secrets in the text of a source, where a syntax error prevents parsing the value.

use std::ops::Range;

use super::{hidden, of_name};
use crate::config::keys;
use crate::config::source::SourceText;

/// The byte ranges that must not be shown, judging by the text alone.
pub(in crate::config) fn in_text(source: &SourceText) -> Vec<Range<usize>> {
    let text = source.text();
    let mut found = Vec::new();
    let mut table = "";
    let mut at: usize = 0;
    // The end of the last value. Text in it that looks like a key is not one.
    let mut end: usize = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            table = line.trim().trim_matches(['[', ']']);
        }
        for (equals, _) in line.match_indices('=') {
            let Some((before, behind)) = line.split_at_checked(equals) else {
                continue;
            };
            if at.saturating_add(equals) < end {
                continue;
            }
            let key = before.trim_end().trim_end_matches(['"', '\'']);
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let key = key.rsplit(|c| !is_part(c)).next().unwrap_or_default();
            let holds = keys::find(&format!("{table}.{key}"))
                .and_then(|setting| setting.holds)
                .or_else(|| of_name(key));
            // Secrets in a server's address are recognised without its key.
            let Some(holds) = holds.filter(|holds| holds.may_be_secret()) else {
                continue;
            };
            let behind = behind.trim_start_matches(['=', ' ', '\t']);
            let start = at.saturating_add(line.len()).saturating_sub(behind.len());
            let value = as_written(text.get(start..).unwrap_or_default());
            end = start.saturating_add(value.end);
            let start = start.saturating_add(value.start);
            let written = text.get(start..end).unwrap_or_default();
            if let Some(hidden) = hidden(holds, written, source) {
                found.push(start.saturating_add(hidden.start)..start.saturating_add(hidden.end));
            }
        }
        at = at.saturating_add(line.len());
    }
    found
}

/// The range of what may be the value at the start of the text, without its quotes.
fn as_written(text: &str) -> Range<usize> {
    let line = text.lines().next().unwrap_or_default();
    for quote in ["\"\"\"", "'''"] {
        if let Some(rest) = text.strip_prefix(quote) {
            let length = rest.find(quote).unwrap_or(rest.len());
            return quote.len()..quote.len().saturating_add(length);
        }
    }
    for quote in ['"', '\''] {
        if let Some(rest) = line.strip_prefix(quote) {
            // Without a closing quote, the value ends with the line.
            let length = rest.find(quote).unwrap_or(rest.len());
            return 1..length.saturating_add(1);
        }
    }
    0..line.trim_end().len()
}
