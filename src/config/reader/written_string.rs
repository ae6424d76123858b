//! Where a part of a string is in the file: escapes make what is written longer.

use std::ops::Range;

/// The bytes of a TOML string, with its quotes, or of a bare key, that stand for these bytes of its
/// value. `None` if there are none.
pub(super) fn written_range(written: &str, part: &Range<usize>) -> Option<Range<usize>> {
    let string = WrittenString::of(written)?;
    let (mut at, mut decoded) = (string.start, 0_usize);
    let mut start = None;
    loop {
        if decoded >= part.end && (start.is_some() || part.is_empty()) {
            return Some(start.unwrap_or(at)..at);
        }
        let (length, gives) = string.step(at)?;
        // A line that is continued on the next one gives nothing.
        if gives > 0 && decoded >= part.start && start.is_none() {
            start = Some(at);
        }
        at = at.saturating_add(length);
        decoded = decoded.saturating_add(gives);
    }
}

/// A string as it is written.
struct WrittenString<'w> {
    /// Up to the closing quotes.
    text: &'w str,
    /// The first byte of the value.
    start: usize,
    has_escapes: bool,
}

impl<'w> WrittenString<'w> {
    fn of(written: &'w str) -> Option<Self> {
        let quotes = ["\"\"\"", "'''", "\"", "'"];
        let quote = quotes.into_iter().find(|quote| written.starts_with(quote));
        let quote = quote.unwrap_or_default();
        let text = written.strip_suffix(quote)?;
        // A line end behind the opening quotes is no part of the value.
        let is_long = quote.len() > 1;
        let line_end = is_long && text.get(quote.len()..)?.starts_with('\n');
        Some(Self {
            text,
            start: quote.len().saturating_add(line_end.into()),
            has_escapes: quote.starts_with('"'),
        })
    }

    /// How many bytes the next character takes, as it is written and in the value.
    fn step(&self, at: usize) -> Option<(usize, usize)> {
        let rest = self.text.get(at..)?;
        let next = rest.chars().next()?;
        if next != '\\' || !self.has_escapes {
            return Some((next.len_utf8(), next.len_utf8()));
        }
        let behind = rest.get(1..)?;
        let digits = match behind.chars().next()? {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            space if space.is_ascii_whitespace() => {
                let spaces = behind.len().saturating_sub(behind.trim_ascii_start().len());
                return Some((spaces.saturating_add(1), 0));
            }
            _ => return Some((2, 1)),
        };
        let end: usize = digits;
        let code = u32::from_str_radix(behind.get(1..=end)?, 16).ok()?;
        Some((end.saturating_add(2), char::from_u32(code)?.len_utf8()))
    }
}

#[cfg(test)]
mod tests {
    use toml::de::{DeTable, DeValue};

    use super::*;

    /// What stands for a part of the value, which occurs in it once.
    fn found<'w>(written: &'w str, part: &str) -> &'w str {
        let text = format!("k = {written}");
        let table = DeTable::parse(&text).unwrap().into_inner();
        let DeValue::String(value) = table.get("k").unwrap().get_ref() else {
            panic!("{written}");
        };
        let at = value.find(part).unwrap();
        let end = at.saturating_add(part.len());
        let range = written_range(written, &(at..end)).unwrap();
        written.get(range).unwrap()
    }

    #[test]
    fn a_part_of_a_string_is_found_behind_escapes() {
        for (written, part, expected) in [
            (r#""{body}""#, "{body}", "{body}"),
            (r#""\n\t{body}\n""#, "{body}", "{body}"),
            (r#""a\"b""#, "\"", "\\\""),
            (r#""é\u00e9\U0001F600x""#, "x", "x"),
            (r#""é\u00e9\U0001F600x""#, "é😀", r"\u00e9\U0001F600"),
            ("'\\n{body}'", "{body}", "{body}"),
            ("'''\n{a}\n{b}'''", "{b}", "{b}"),
            ("\"\"\"\n{a}\\\n   {b}\"\"\"", "{b}", "{b}"),
            ("\"\"\"{a}\\\n   {b}\"\"\"", "{a}", "{a}"),
            ("\"\"\"a\"\"b\"\"\"", "\"\"b", "\"\"b"),
        ] {
            assert_eq!(found(written, part), expected, "{written}");
        }
    }

    #[test]
    fn places_at_the_end_and_in_bare_keys_are_found() {
        assert_eq!(written_range("\"ab\"", &(2..2)), Some(3..3));
        assert_eq!(written_range("\"\"", &(0..0)), Some(1..1));
        assert_eq!(written_range("name", &(1..3)), Some(1..3));
        assert_eq!(written_range("\"ab\"", &(1..5)), None);
    }
}
