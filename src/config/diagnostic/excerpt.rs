//! The lines of a file that a problem shows, without secrets and key material.

use std::ops::Range;

/// Replaces what is not shown.
const MASK: &str = "[...]";

/// The shortest run of base64 characters that counts as key material. Names have at most 64
/// characters and hexadecimal hashes 64; a line of PEM has 64 and an inline key over 200.
const KEY_RUN: usize = 64;

/// Around PEM blocks.
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// Complete lines of a file, with secrets and key material masked.
#[derive(Debug)]
pub(super) struct Excerpt {
    start: usize,
    text: String,
    /// What was masked, as byte ranges of the file.
    masked: Vec<Range<usize>>,
}

impl Excerpt {
    /// The lines that contain the bytes from `start` to `end`. `hidden` is known to be secret;
    /// anything that looks like key material, or like a password in a URL, is masked everywhere.
    pub(super) fn cut(source: &str, start: usize, end: usize, hidden: &[Range<usize>]) -> Self {
        let before = source.get(..start).unwrap_or(source);
        let after = source.get(end..).unwrap_or_default();
        let first = before
            .rfind('\n')
            .map_or(0, |newline| newline.saturating_add(1));
        let last = after
            .find('\n')
            .map_or(source.len(), |newline| end.saturating_add(newline));
        let lines = source.get(first..last).unwrap_or_default();

        let in_armour = ends_in_armour(source.get(..first).unwrap_or_default());
        let found = key_runs(lines, in_armour).chain(user_infos(lines));
        let found = found.map(|run| shift(&run, first));
        let hidden = hidden
            .iter()
            .flat_map(|hidden| by_line(source, hidden.start.max(first)..hidden.end.min(last)));
        let masked = merged(found.chain(hidden).collect());
        let mut text = String::with_capacity(lines.len());
        let mut copied = first;
        for run in &masked {
            text.push_str(source.get(copied..run.start).unwrap_or_default());
            text.push_str(MASK);
            copied = run.end;
        }
        text.push_str(source.get(copied..last).unwrap_or_default());
        Self {
            start: first,
            text,
            masked,
        }
    }

    /// The first byte of the excerpt in the file.
    pub(super) const fn start(&self) -> usize {
        self.start
    }

    /// The byte of the excerpt that shows this byte of the file.
    pub(super) fn map(&self, at: usize) -> usize {
        let mut mapped = at.saturating_sub(self.start);
        for run in self.masked.iter().filter(|run| run.start < at) {
            let hidden = run.end.min(at).saturating_sub(run.start);
            mapped = mapped.saturating_sub(hidden).saturating_add(MASK.len());
        }
        mapped.min(self.text.len())
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Splits a range at line ends, so that an excerpt keeps its lines.
fn by_line(source: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut at = range.start;
    let mut parts = Vec::new();
    for line in source.get(range).unwrap_or_default().split_inclusive('\n') {
        let end = at.saturating_add(line.trim_end_matches('\n').len());
        if end > at {
            parts.push(at..end);
        }
        at = at.saturating_add(line.len());
    }
    parts
}

/// Sorts ranges, and merges those that overlap.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The name and password in each URL.
fn user_infos(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, slashes)| {
        let start = at.saturating_add(slashes.len());
        let url = text.get(start..)?;
        let end = url.find(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        let length = url.get(..end.unwrap_or(url.len()))?.rfind('@')?;
        Some(start..start.saturating_add(length))
    })
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start.saturating_add(by)..range.end.saturating_add(by)
}

/// Whether a PEM block has started and not ended. Anything that cannot be in one, such as the
/// quotes of another value, ends it: a comment may mention where blocks start.
fn ends_in_armour(text: &str) -> bool {
    // No key is longer.
    const MAX_KEY: usize = 64 * 1024;
    let mut start = text.len().saturating_sub(MAX_KEY);
    while !text.is_char_boundary(start) {
        start = start.saturating_add(1);
    }
    let text = text.get(start..).unwrap_or_default();
    text.rsplit_once(BEGIN).is_some_and(|(_, block)| {
        let lines = block.split_once('\n').map_or("", |(_, lines)| lines);
        !block.contains(END) && !lines.contains(['"', '\'', '[', '#'])
    })
}

/// The ranges that could be key material: in PEM armour, or long base64.
fn key_runs(text: &str, mut in_armour: bool) -> impl Iterator<Item = Range<usize>> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut at: usize = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let (begin, end) = (body.find(BEGIN), body.find(END));
        if let (Some(begin), Some(end)) = (begin, end.filter(|end| begin < Some(*end))) {
            // All of it on one line, with escaped line ends.
            runs.push(at.saturating_add(begin)..at.saturating_add(end));
            at = at.saturating_add(line.len());
            continue;
        }
        if begin.is_some() {
            in_armour = true;
        }
        if end.is_some() {
            in_armour = false;
        } else if in_armour && begin.is_none() {
            runs.push(at..at.saturating_add(body.len()));
            at = at.saturating_add(line.len());
            continue;
        }
        let mut offset = at;
        for run in body
            .as_bytes()
            .chunk_by(|a, b| is_base64(*a) == is_base64(*b))
        {
            let end = offset.saturating_add(run.len());
            if run.len() > KEY_RUN.saturating_sub(1) && run.first().copied().is_some_and(is_base64)
            {
                runs.push(offset..end);
            }
            offset = end;
        }
        at = at.saturating_add(line.len());
    }
    runs.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_consist_of_complete_lines() {
        let excerpt = Excerpt::cut("one\ntwo\nthree\n", 5, 6, &[]);
        assert_eq!((excerpt.start(), excerpt.map(5), excerpt.map(6)), (4, 1, 2));
        assert_eq!(excerpt.into_text(), "two");
        assert_eq!(Excerpt::cut("one", 3, 3, &[]).into_text(), "one");
        assert_eq!(Excerpt::cut("", 0, 0, &[]).into_text(), "");
        assert_eq!(
            Excerpt::cut("one", 9, 9, &[]).into_text(),
            "one",
            "out of the file"
        );
    }

    #[test]
    fn inline_keys_are_masked_and_places_follow() {
        let key = "MIIB".repeat(30);
        let source = format!("a = 1\nk = \"{key}\" # x\n");
        let at = source.find('#').unwrap();
        let excerpt = Excerpt::cut(&source, 6, at + 1, &[]);
        assert_eq!(excerpt.map(6), 0);
        assert_eq!(excerpt.map(at), "k = \"[...]\" ".len());
        assert_eq!(excerpt.into_text(), "k = \"[...]\" # x");
    }

    #[test]
    fn armoured_keys_are_masked_to_the_last_line() {
        let source = "k = \"\"\"\n-----BEGIN X-----\nshort\nlast=\n-----END X-----\n\"\"\"\n";
        let excerpt = Excerpt::cut(source, 0, source.len() - 1, &[]);
        assert_eq!(
            excerpt.into_text(),
            "k = \"\"\"\n-----BEGIN X-----\n[...]\n[...]\n-----END X-----\n\"\"\""
        );
        let last = source.find("last=").unwrap();
        assert_eq!(Excerpt::cut(source, last, last, &[]).into_text(), "[...]");
    }

    #[test]
    fn armour_on_one_line_is_masked_to_its_end() {
        let source = r#"k = "-----BEGIN X-----\nshort\nlast=\n-----END X-----\n""#;
        let excerpt = Excerpt::cut(source, 0, 1, &[]);
        assert_eq!(excerpt.into_text(), r#"k = "[...]-----END X-----\n""#);
    }

    #[test]
    fn secrets_are_masked_however_short_and_lines_stay() {
        let cut = |source: &str, hidden: &[(usize, usize)]| {
            let hidden: Vec<_> = hidden.iter().map(|(start, end)| *start..*end).collect();
            Excerpt::cut(source, 0, source.trim_end().len(), &hidden)
        };
        let source = "a = '''\nx1\n\ny2'''\nb = 1\n";
        let excerpt = cut(source, &[(8, 14)]);
        assert_eq!(
            excerpt.map(source.find('b').unwrap()),
            "a = '''\n[...]\n\n[...]'''\n".len()
        );
        assert_eq!(excerpt.into_text(), "a = '''\n[...]\n\n[...]'''\nb = 1");
        let source = "key = \"xy\" # z";
        let masked = |hidden: &[(usize, usize)]| cut(source, hidden).into_text();
        assert_eq!(masked(&[(7, 9)]), "key = \"[...]\" # z");
        assert_eq!(masked(&[(7, 9), (8, 12)]), "key = \"[...] z");
        assert_eq!(masked(&[(0, 99)]), "[...]");
        assert_eq!(masked(&[(90, 99)]), source);
    }

    #[test]
    fn names_and_passwords_in_urls_are_masked() {
        let source = "a = [\"redis://:p@/x@b:1\", 'x://c'] # u@v";
        assert_eq!(
            Excerpt::cut(source, 0, 1, &[]).into_text(),
            "a = [\"redis://[...]@b:1\", 'x://c'] # u@v"
        );
    }

    #[test]
    fn a_comment_on_armour_masks_nothing_else() {
        let source = "# like -----BEGIN X-----\nid = \"k\"\nlegacy = 5\n";
        let at = source.find("legacy").unwrap();
        assert_eq!(Excerpt::cut(source, at, at, &[]).into_text(), "legacy = 5");
    }
}
