//! What the parser does not see past: which lines to leave out, so that it reads the rest.

use std::ops::Range;

use toml::de::Error;

/// Whether the parser drops what stands behind the line of the error.
pub(super) fn is_fatal(error: &Error) -> bool {
    lacks_value(error.message())
}

/// What must be left out for the parser to see the rest as it is meant: lines behind which it gives
/// nothing, and the lines of keys, which are no TOML.
pub(super) fn lost_lines(text: &str, errors: &[Error]) -> Vec<Range<usize>> {
    let mut lost = Vec::new();
    for error in errors {
        let Some(span) = error.span() else { continue };
        if begins_armour(error.message()) {
            lost.extend(armour_after(text, span.start));
        }
        if is_fatal(error) {
            lost.push(span.start..span.start.saturating_add(1));
        }
    }
    lost
}

pub(super) fn lacks_value(message: &str) -> bool {
    message.starts_with("key with no value")
}

/// Whether quotes were opened and not closed.
fn leaves_string_open(message: &str) -> bool {
    message.ends_with("basic string, expected `\"`")
        || message.ends_with("literal string, expected `'`")
}

/// Whether the error can be about the first line of a PEM block.
pub(super) fn begins_armour(message: &str) -> bool {
    leaves_string_open(message) || lacks_value(message) || lacks_quotes(message)
}

pub(super) fn lacks_quotes(message: &str) -> bool {
    message.starts_with("string values must be quoted")
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
