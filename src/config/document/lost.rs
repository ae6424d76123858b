//! What the parser does not see past: which lines to leave out, so that it reads the rest.

use std::ops::Range;

use toml::de::Error;

use super::parse_mistake::ParseMistake;

/// Whether the parser drops what follows the line of the error.
pub(super) fn is_fatal(error: &Error) -> bool {
    ParseMistake::of(error.message()).is_some_and(ParseMistake::is_fatal)
}

/// What must be left out for the parser to see the rest as it is meant: lines behind which it gives
/// nothing, and the lines of keys, which are no TOML.
pub(super) fn lost_lines(text: &str, errors: &[Error]) -> Vec<Range<usize>> {
    let mut lost = Vec::new();
    for error in errors {
        let Some(span) = error.span() else { continue };
        if ParseMistake::of(error.message()).is_some_and(ParseMistake::begins_armour) {
            lost.extend(armour_after(text, span.start));
        }
        if is_fatal(error) {
            lost.push(span.start..span.start.saturating_add(1));
        }
    }
    lost
}

/// The lines of a PEM block that begins on the line of that byte: whoever pastes one without quotes,
/// or with those of one line, has made one mistake, not one on each line.
pub(super) fn armour_after(text: &str, at: usize) -> Option<Range<usize>> {
    const END: &str = "-----END ";
    let start = text
        .get(..at)?
        .rfind('\n')
        .map_or(0, |line| line.saturating_add(1));
    let (first, block) = text.get(start..)?.split_once('\n')?;
    first.find("-----BEGIN ").filter(|_| !first.contains(END))?;
    let length = block.find(END)?;
    let (last, behind) = block.get(length..)?.split_once('\n').unwrap_or_default();
    let quotes = behind.lines().next().unwrap_or_default();
    let is_part = !quotes.is_empty() && quotes.trim_matches(['"', '\'', ' ']).is_empty();
    let start = start.saturating_add(first.len()).saturating_add(1);
    let end = start
        .saturating_add(length)
        .saturating_add(last.len())
        .saturating_add(1)
        .saturating_add(if is_part { quotes.len() } else { 0 });
    Some(start..end)
}
