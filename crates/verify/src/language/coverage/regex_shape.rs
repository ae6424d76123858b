//! What a regular expression says of the texts that it matches.

use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::byte_set::ByteSet;
use super::text_part::{PartEnds, TextPart};

/// The most texts that are compared with each other.
const MAX_TEXTS: usize = 64;

/// The parts of every text that matches the whole expression, in order.
pub(super) fn of_regex(pattern: &str) -> Option<Vec<TextPart>> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut parts = Vec::new();
    collect(&hir, &mut parts);
    Some(parts)
}

/// The bytes, all of ASCII, of every text that matches the whole expression, and how many there are at
/// most. `None` if there may be others.
pub(in crate::language) fn allowed_bytes(pattern: &str) -> Option<(Vec<u8>, Option<usize>)> {
    let whole = TextPart::joined(&of_regex(pattern)?);
    let bytes = (0..128).filter(|byte| whole.bytes.has(*byte)).collect();
    whole.bytes.is_ascii().then_some((bytes, whole.max))
}

/// The part that is one of these texts.
pub(super) fn one_of(texts: &BTreeSet<String>) -> TextPart {
    let parts: Vec<TextPart> = texts.iter().map(|text| TextPart::text(text)).collect();
    let Some(mut part) = parts.into_iter().reduce(|all, part| all.either(&part)) else {
        return TextPart::any();
    };
    if let (1, Some(only)) = (texts.len(), texts.first()) {
        return TextPart::text(only);
    }
    let none = |test: fn(&String, &String) -> bool| {
        let mut pairs = texts.iter().flat_map(|a| texts.iter().map(move |b| (a, b)));
        !pairs.any(|(a, b)| a != b && test(a, b))
    };
    part.ends = PartEnds::OneOf {
        prefix_free: none(|a, b| a.starts_with(b.as_str())),
        suffix_free: none(|a, b| a.ends_with(b.as_str())),
    };
    part
}

fn collect(hir: &Hir, parts: &mut Vec<TextPart>) {
    if let Some(texts) = texts(hir) {
        let is_empty = texts.iter().all(String::is_empty);
        parts.extend((!is_empty).then(|| one_of(&texts)));
        return;
    }
    match hir.kind() {
        HirKind::Capture(capture) => collect(&capture.sub, parts),
        HirKind::Concat(items) => items.iter().for_each(|item| collect(item, parts)),
        HirKind::Look(_) | HirKind::Empty => {}
        _ => parts.push(part(hir)),
    }
}

fn part(hir: &Hir) -> TextPart {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => TextPart::text(""),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => TextPart::text(text),
            Err(_) => TextPart::any(),
        },
        HirKind::Class(class) => {
            let bytes = of_class(class);
            let mut part = TextPart {
                min: 1,
                max: Some(if bytes.is_ascii() { 1 } else { 4 }),
                ..TextPart::of(bytes)
            };
            if bytes.is_ascii() {
                part.ends = PartEnds::Length;
            }
            part
        }
        HirKind::Repetition(repetition) => {
            let inner = part(&repetition.sub);
            let times = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
            let max = repetition
                .max
                .and_then(|count| Some(inner.max?.saturating_mul(times(count))));
            let is_fixed = inner.length().is_some() && repetition.max == Some(repetition.min);
            TextPart {
                min: inner.min.saturating_mul(times(repetition.min)),
                max,
                ends: match is_fixed {
                    true => PartEnds::Length,
                    false => PartEnds::No,
                },
                ..inner
            }
        }
        HirKind::Capture(capture) => part(&capture.sub),
        HirKind::Concat(items) => {
            let parts: Vec<TextPart> = items.iter().map(part).collect();
            TextPart::joined(&parts)
        }
        HirKind::Alternation(items) => {
            let parts = items.iter().map(part);
            let all = parts.reduce(|all, part| all.either(&part));
            all.unwrap_or_else(TextPart::any)
        }
    }
}

fn of_class(class: &Class) -> ByteSet {
    let mut ascii = BTreeSet::new();
    let mut others = false;
    let mut add = |start: u32, end: u32| {
        let codes = (0..128u8).filter(|code| (start..=end).contains(&u32::from(*code)));
        ascii.extend(codes);
        others |= end >= 128;
    };
    match class {
        Class::Unicode(class) => {
            for range in class.iter() {
                add(range.start().into(), range.end().into());
            }
        }
        Class::Bytes(class) => {
            for range in class.iter() {
                add(range.start().into(), range.end().into());
            }
        }
    }
    ByteSet::of(|byte| ascii.contains(&byte), others)
}

/// Every text that matches, if there are few.
fn texts(hir: &Hir) -> Option<BTreeSet<String>> {
    let one = |text: &str| BTreeSet::from([text.to_owned()]);
    let found = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => one(""),
        HirKind::Literal(literal) => one(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Capture(capture) => texts(&capture.sub)?,
        HirKind::Repetition(repetition) if repetition.max? == 1 => {
            let mut found = texts(&repetition.sub)?;
            if repetition.min == 0 {
                found.insert(String::new());
            }
            found
        }
        // A class of a few characters, as in `a|b`.
        HirKind::Class(Class::Unicode(class)) => {
            let mut found = BTreeSet::new();
            for range in class.iter() {
                for char in range.start()..=range.end() {
                    found.insert(char.to_string());
                    if found.len() > MAX_TEXTS {
                        return None;
                    }
                }
            }
            found
        }
        HirKind::Alternation(items) => {
            let mut found = BTreeSet::new();
            for item in items {
                found.extend(texts(item)?);
            }
            found
        }
        HirKind::Concat(items) => {
            let mut found = one("");
            for item in items {
                let item = texts(item)?;
                if found.len().saturating_mul(item.len()) > MAX_TEXTS {
                    return None;
                }
                let joined = found
                    .iter()
                    .flat_map(|start| item.iter().map(move |end| format!("{start}{end}")));
                found = joined.collect();
            }
            found
        }
        HirKind::Class(Class::Bytes(_)) | HirKind::Repetition(_) => return None,
    };
    (found.len() <= MAX_TEXTS).then_some(found)
}
