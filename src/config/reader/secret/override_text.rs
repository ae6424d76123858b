//! Finds secrets in the text of overrides, whose keys are whole paths.

use std::ops::Range;

use super::purpose::{ValuePurpose, is_shown_name};
use super::written::Scan;
use crate::config::keys::{self, Section};
use crate::config::source::SourceText;

/// The byte ranges that must not be shown.
pub(super) fn in_overrides(source: &SourceText) -> Vec<Range<usize>> {
    let mut scan = Scan::new(source);
    let mut at: usize = 0;
    for line in source.text().split_inclusive('\n') {
        one(&mut scan, at, line.trim_end_matches('\n'));
        at = at.saturating_add(line.len());
    }
    scan.into_found()
}

/// One override, or a further line of one.
fn one(scan: &mut Scan<'_>, start: usize, line: &str) {
    let end = start.saturating_add(line.len());
    let Some(equals) = unquoted(line, '=').next() else {
        let first = line.split('.').next().unwrap_or_default();
        let shown = match keys::find(line).is_some() {
            true => line.len(),
            false if keys::TOP.find(first).is_some() => first.len(),
            false => 0,
        };
        scan.hide(start.saturating_add(shown), end);
        return;
    };
    let path = line.get(..equals).unwrap_or_default();
    let purpose = purpose(scan, start, path);
    let value = start.saturating_add(equals).saturating_add(1);
    match purpose.section() {
        Some(section) if !section.holds_keys() => scan.inline(section, value, end),
        Some(_) => scan.value(ValuePurpose::UNKNOWN, value, true),
        None => scan.value(purpose, value, true),
    }
}

/// What the last part of a path is for. Hides the parts that may be secrets.
fn purpose(scan: &mut Scan<'_>, start: usize, path: &str) -> ValuePurpose {
    let mut section: Option<&'static Section> = Some(&keys::TOP);
    let mut purpose = ValuePurpose::UNKNOWN;
    let mut is_id = false;
    let ends = unquoted(path, '.').chain([path.len()]);
    let mut from = 0;
    for end in ends {
        let part = path.get(from..end).unwrap_or_default();
        let at = start.saturating_add(from);
        from = end.saturating_add(1);
        if is_id {
            is_id = false;
            continue;
        }
        let name = part.trim().trim_matches(['"', '\'']);
        let member = purpose.member().filter(|_| section.is_none());
        if member.is_none() && !is_shown_name(section, name) {
            scan.hide(at, at.saturating_add(part.len()));
        }
        purpose = match (section, member) {
            (Some(section), _) => ValuePurpose::of(section, name),
            (None, Some(member)) => member,
            (None, None) => ValuePurpose::UNKNOWN,
        };
        section = purpose.section();
        is_id = section.is_some_and(Section::is_array);
    }
    purpose
}

/// Where a character stands outside of quotes.
fn unquoted(text: &str, wanted: char) -> impl Iterator<Item = usize> {
    let mut quote = None;
    text.char_indices().filter_map(move |(at, character)| {
        match quote {
            Some(open) if open == character => quote = None,
            None if "\"'".contains(character) => quote = Some(character),
            _ => {}
        }
        (quote.is_none() && character == wanted).then_some(at)
    })
}
