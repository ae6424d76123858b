//! Finds where a repeated key was first set. The parser only reports the repetition.

/// The byte range of the first occurrence of the key or header that is repeated at byte `at`.
pub(super) fn find_first(text: &str, at: usize) -> Option<(usize, usize)> {
    let before = text.get(..at)?;
    let line_start = before
        .rfind('\n')
        .map_or(0, |newline| newline.saturating_add(1));
    // A key in the middle of a line is in an inline table, whose keys do not begin lines.
    if !is_head(text.get(line_start..at)?) {
        return None;
    }
    let repeated = LineHead::of(text.get(line_start..)?.lines().next()?);
    let mut start = line_start;
    for line in text.get(..line_start)?.split_inclusive('\n').rev() {
        start = start.saturating_sub(line.len());
        let head = LineHead::of(line);
        if head == repeated {
            let start = start.saturating_add(head.indent);
            return Some((start, start.saturating_add(head.length)));
        }
        if head.is_header && !repeated.is_header {
            return None;
        }
    }
    None
}

/// Whether a key after this text is the first one on its line.
fn is_head(before: &str) -> bool {
    before
        .chars()
        .all(|c| "[\"'".contains(c) || c.is_whitespace())
}

/// What a line begins with: a table header or a key.
#[derive(Debug)]
struct LineHead<'a> {
    is_header: bool,
    name: &'a str,
    indent: usize,
    length: usize,
}

impl<'a> LineHead<'a> {
    fn of(line: &'a str) -> Self {
        let text = line.trim_start();
        let indent = line.len().saturating_sub(text.len());
        let is_header = text.starts_with('[');
        let end = if is_header { "#" } else { "=#" };
        let head = text
            .split(|c| end.contains(c))
            .next()
            .unwrap_or_default()
            .trim_end();
        let name = head.trim_matches(|c: char| "[]\"'".contains(c) || c.is_whitespace());
        Self {
            is_header,
            name,
            indent,
            length: head.len(),
        }
    }
}

impl PartialEq for LineHead<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.is_header == other.is_header && self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first<'a>(text: &'a str, repeated: &str) -> Option<&'a str> {
        let (start, end) = find_first(text, text.rfind(repeated).unwrap())?;
        text.get(start..end)
    }

    #[test]
    fn keys_and_headers() {
        assert_eq!(first("a = 1\nb = 2\n a = 3\n", "a"), Some("a"));
        assert_eq!(first("\"a\" = 1\na = 3\n", "a"), Some("\"a\""));
        assert_eq!(
            first("[log]\nx = 1\n[a]\n[log] # more\n", "log"),
            Some("[log]")
        );
        assert_eq!(first("[[a]]\nx = 1\n[a]\n", "a"), Some("[[a]]"));
        assert_eq!(
            first("x = 1\n[b]\ny = 1\n[c]\nx = 3\n", "x"),
            None,
            "of another table"
        );
        let members = "m = [\n  { x = 1 },\n  { y = 1, x = 2 },\n]\n";
        assert_eq!(first(members, "x"), None, "within an inline table");
    }
}
