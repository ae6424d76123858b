//! Finds the lines to leave out so that the parser can read the rest of a broken file.

use std::ops::Range;

use toml::de::Error;

use super::parse_mistake::ParseMistake;

/// Whether the parser drops everything after the line of the error.
pub(super) fn is_fatal(error: &Error) -> bool {
    ParseMistake::of(error.message()).is_some_and(ParseMistake::is_fatal)
}

/// The ranges to leave out so that the parser reads the rest as intended: lines after which it
/// returns nothing, and the lines of pasted PEM blocks, which are not TOML.
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

/// The rest of a PEM block whose first line contains byte `at`. Pasting a block without quotes, or
/// in single-line quotes, is one mistake, not one per line.
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
