//! Finds secrets in the text of a file, where a syntax error prevents parsing its values.

use std::ops::Range;

use super::as_written::{AsWritten, header_name};
use super::hidden;
use super::purpose::{ValuePurpose, is_shown_name};
use crate::config::keys::{self, Holds, Section};
use crate::config::source::SourceText;

/// The byte ranges that must not be shown.
pub(super) fn in_file(source: &SourceText) -> Vec<Range<usize>> {
    let mut scan = Scan::new(source);
    let mut at: usize = 0;
    for line in source.text().split_inclusive('\n') {
        let next = at.saturating_add(line.len());
        // Text in a value that looks like a key is not one.
        let start = scan.end.max(at);
        if start < next {
            let rest = source.text().get(start..next).unwrap_or_default();
            scan.line(start, rest);
        }
        at = next;
    }
    scan.into_found()
}

/// Where a line stands.
#[derive(Clone, Copy)]
enum Inside {
    Table(&'static Section),
    /// A table with the operator's own keys.
    Members(ValuePurpose),
    Unknown,
}

pub(super) struct Scan<'a> {
    source: &'a SourceText,
    inside: Inside,
    found: Vec<Range<usize>>,
    /// The end of the last value of several lines.
    end: usize,
}

impl<'a> Scan<'a> {
    pub(super) const fn new(source: &'a SourceText) -> Self {
        Self {
            source,
            inside: Inside::Table(&keys::TOP),
            found: Vec::new(),
            end: 0,
        }
    }

    pub(super) fn into_found(self) -> Vec<Range<usize>> {
        self.found
    }

    pub(super) fn hide(&mut self, start: usize, end: usize) {
        if start < end {
            self.found.push(start..end);
        }
    }

    fn line(&mut self, start: usize, line: &str) {
        let text = line.trim_start();
        let start = start.saturating_add(line.len().saturating_sub(text.len()));
        let line = text.trim_end();
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        if let Some((at, name)) = header_name(line) {
            self.open(start, line, at, name);
            return;
        }
        match self.inside {
            Inside::Table(section) if section.holds_keys() => {
                self.among_keys(Some(section), start, line);
            }
            Inside::Table(section) => self.among_others(section, start, line),
            Inside::Members(purpose) if purpose.holds.is_none() => {}
            Inside::Members(_) | Inside::Unknown => self.among_keys(None, start, line),
        }
    }

    /// A header: which table the next lines belong to.
    fn open(&mut self, start: usize, line: &str, at: usize, name: &str) {
        let section = keys::ALL.iter().find(|section| section.path == name);
        let map = || {
            keys::find(name).and_then(|_| {
                let (table, key) = name.rsplit_once('.').unwrap_or(("", name));
                let section = keys::ALL.iter().find(|section| section.path == table)?;
                ValuePurpose::of(section, key).member()
            })
        };
        let meant = || ValuePurpose::of(&keys::TOP, name).section();
        self.inside = match section.copied().or_else(meant) {
            Some(section) => Inside::Table(section),
            None => map().map_or(Inside::Unknown, Inside::Members),
        };
        let end = at.saturating_add(name.len());
        let [from, to] = [at, end].map(|at| start.saturating_add(at));
        let is_path = section.is_some() || name.split('.').all(|part| is_shown_name(None, part));
        if !is_path {
            self.hide(from, to);
        }
        // What follows the brackets is no part of a header.
        let rest = line.get(end..).unwrap_or_default();
        let behind = rest.trim_start_matches([' ', '\t', ']']);
        if !behind.starts_with('#') {
            let line_end = start.saturating_add(line.len());
            self.hide(line_end.saturating_sub(behind.len()), line_end);
        }
    }

    /// A line of a table that holds a key or a secret, or of an unknown one. Only what is known not to
    /// be a secret is shown.
    fn among_keys(&mut self, section: Option<&'static Section>, start: usize, line: &str) {
        let end = start.saturating_add(line.len());
        let Some((before, behind)) = line.split_once('=').filter(|_| !is_part_of_value(line))
        else {
            let word = first_word(line);
            let is_key = section.is_some_and(|section| section.find(word).is_some());
            let shown = if is_key { word.len() } else { 0 };
            let rest = line.get(shown..).unwrap_or_default().trim_start();
            self.hide(end.saturating_sub(rest.len()), end);
            return;
        };
        let key = before.trim().trim_matches(['"', '\'']);
        if !is_shown_name(section, key) {
            self.hide(start, start.saturating_add(before.trim_end().len()));
        }
        let purpose = section.map_or(ValuePurpose::UNKNOWN, |section| {
            ValuePurpose::of(section, key)
        });
        let value = end.saturating_sub(behind.len());
        self.value(purpose, value, true);
        self.rest(value, end);
    }

    /// Hides what follows the last value on its line: it may be the rest of a secret.
    fn rest(&mut self, value: usize, line_end: usize) {
        let value_end = self.end.clamp(value, line_end);
        let text = self.source.text();
        let rest = text
            .get(value_end..line_end)
            .unwrap_or_default()
            .trim_start();
        if !rest.starts_with('#') {
            self.hide(line_end.saturating_sub(rest.len()), line_end);
        }
    }

    /// A line of any other table.
    fn among_others(&mut self, section: &'static Section, start: usize, line: &str) {
        let end = start.saturating_add(line.len());
        let Some(equals) = line.find('=') else {
            let word = first_word(line);
            let is_line = !is_part_of_value(line) && !line.contains(',');
            let is_key = section.find(word).is_some();
            if is_line && !(is_key || (word == line && is_shown_name(None, word))) {
                self.hide(start, end);
            }
            return;
        };
        let key = key_before(line.get(..equals).unwrap_or_default());
        let purpose = ValuePurpose::within(section, key);
        match purpose.section() {
            Some(inner) if inner.holds_keys() => {
                self.inside = Inside::Table(inner);
                let value = start.saturating_add(equals).saturating_add(1);
                self.value(ValuePurpose::UNKNOWN, value, true);
                self.rest(value, end);
            }
            Some(inner) => self.inline(inner, start, end),
            None if purpose
                .member()
                .is_some_and(|member| member.holds.is_none()) => {}
            None => self.inline(section, start, end),
        }
    }

    /// Everything between these bytes that may be a key with a value.
    pub(super) fn inline(&mut self, section: &'static Section, start: usize, end: usize) {
        let line = self.source.text().get(start..end).unwrap_or_default();
        for (equals, _) in line.match_indices('=') {
            let at = start.saturating_add(equals);
            let key = key_before(line.get(..equals).unwrap_or_default());
            if at < self.end || key.is_empty() {
                continue;
            }
            let purpose = ValuePurpose::within(section, key);
            self.value(purpose, at.saturating_add(1), false);
        }
    }

    /// Hides what may be the value that begins here, unless it is shown. Skips it, if `is_skipped` or
    /// hidden.
    pub(super) fn value(&mut self, purpose: ValuePurpose, start: usize, is_skipped: bool) {
        let text = self.source.text().get(start..).unwrap_or_default();
        let behind = text.trim_start_matches(['=', ' ', '\t']);
        let start = start.saturating_add(text.len().saturating_sub(behind.len()));
        let value = match purpose.holds {
            Some(holds) if holds.may_be_secret() => AsWritten::whole(behind),
            _ => AsWritten::of(behind),
        };
        let written = behind.get(value.inner.clone()).unwrap_or_default();
        let [from, to, end] =
            [value.inner.start, value.inner.end, value.end].map(|at| start.saturating_add(at));
        if purpose.holds == Some(Holds::Expression)
            && let Some(part) = hidden(Holds::Expression, written, self.source)
        {
            self.hide(
                from.saturating_add(part.start),
                from.saturating_add(part.end),
            );
        }
        let is_hidden = match purpose.holds {
            Some(holds) if holds.may_be_secret() => {
                let is_boolean = !value.is_quoted && matches!(written, "true" | "false");
                !is_boolean && hidden(holds, written, self.source).is_some()
            }
            // Secrets in a server's address are recognised without its key.
            Some(_) => false,
            None => {
                is_skipped && purpose.is_name() && !is_shown_name(None, written) && !value.is_quoted
            }
        };
        if is_hidden {
            self.hide(from, to);
        }
        if is_hidden || is_skipped {
            self.end = end;
        }
        if purpose.holds.is_some_and(Holds::may_be_secret) && value.is_quoted {
            // Up to where the next value can begin.
            let rest = self.source.text().get(end..).unwrap_or_default();
            let length = rest.find([',', '}', ']', '#', '\n']).unwrap_or(rest.len());
            let rest = rest.get(..length).unwrap_or_default().trim_start();
            let start = end.saturating_add(length).saturating_sub(rest.len());
            self.hide(start, start.saturating_add(rest.len()));
        }
    }
}

/// Whether a line seems to go on with a value.
fn is_part_of_value(line: &str) -> bool {
    line.starts_with(['"', '\'', '[', ']', '{', '}', ','])
}

fn first_word(line: &str) -> &str {
    let end = line.find(|c| !is_part(c)).unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

/// The key that ends where the text ends.
fn key_before(text: &str) -> &str {
    let key = text.trim_end().trim_end_matches(['"', '\'']);
    key.rsplit(|c| !is_part(c)).next().unwrap_or_default()
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '-'
}
