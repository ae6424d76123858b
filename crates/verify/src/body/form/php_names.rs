//! Names that PHP or a framework takes for one, and for lists.
//!
//! PHP turns ` ` and `.` in a name into `_` and leaves out spaces before it; `a[b]` is an element of
//! `a`, as it is for Rack, `qs` and others, and replaces an `a` of the same form, or is replaced. `a[]`
//! appends to a list, whose elements `a[0]` names as well. Of two such names, which one counts is a
//! matter of their order, which a signature over sorted fields does not cover.

use super::form_document::{FormDocument, FormPair, Repeats};
use crate::case_folding::folded_char;
use crate::memory::{MemoryBudget, OutOfMemory};

/// The most brackets of a name. PHP drops names with more than 64, `qs` reads five.
const MAX_DEPTH: usize = 8;

/// Whether all parsers find the same steps in a name: `base[step][step]`.
pub(super) fn is_well_formed(name: &str) -> bool {
    let name = name.trim_start_matches(' ');
    let (base, mut steps) = name.split_at(name.find('[').unwrap_or(name.len()));
    if base.is_empty() || base.contains(']') {
        return false;
    }
    for _ in 0..MAX_DEPTH {
        let Some(inner) = steps.strip_prefix('[') else {
            break;
        };
        let Some((step, behind)) = inner.split_once(']') else {
            return false;
        };
        if step.contains('[') || step.starts_with(|char: char| char.is_ascii_whitespace()) {
            return false;
        }
        steps = behind;
    }
    steps.is_empty()
}

/// The first pair whose name is that of an earlier one, or holds it, or is held by it.
pub(in crate::body) fn repeated<'a>(
    form: &FormDocument<'a>,
    repeats: Repeats,
    memory: &mut dyn MemoryBudget,
) -> Result<Option<FormPair<'a>>, OutOfMemory> {
    let names = form.pairs().map(|pair| pair.name.raw);
    let are_plain = !names.clone().any(|name| name.contains(SPECIAL));
    if are_plain && names.is_sorted_by(|a, b| a < b) {
        return Ok(None);
    }
    let found = first_conflict(&[form], false, memory, |a, b| {
        repeats == Repeats::Refuse || a.name.text() != b.name.text()
    })?;
    Ok(found.and_then(|place| form.nth(place.nth)))
}

/// The first pair of `other` whose name backends could take for one of `form`, if they read both into
/// one: Java's `getParameter`, PHP's `$_REQUEST`, and ASP's `Request`, which ignores case.
pub(in crate::body) fn shared_name<'a>(
    form: &FormDocument<'_>,
    other: &FormDocument<'a>,
    memory: &mut dyn MemoryBudget,
) -> Result<Option<FormPair<'a>>, OutOfMemory> {
    // The names of `other` among themselves do not matter here: they were checked, or are folded.
    let found = first_conflict(&[form, other], true, memory, |_, _| true)?;
    Ok(found.and_then(|place| other.nth(place.nth)))
}

/// Characters of a name that does not stand for itself.
const SPECIAL: [char; 6] = [' ', '.', '[', ']', '%', '+'];

/// Which pair, of which form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PairPlace {
    of: usize,
    nth: usize,
}

/// A name as it is compared, in a text of all of them.
struct NameKey {
    key: std::ops::Range<usize>,
    place: PairPlace,
}

/// Of all pairs whose names are one, or one of which holds the other, and that count, the first that
/// has such a pair before it. With two forms, pairs of both only.
fn first_conflict(
    forms: &[&FormDocument<'_>],
    fold: bool,
    memory: &mut dyn MemoryBudget,
    counts: impl Fn(FormPair<'_>, FormPair<'_>) -> bool,
) -> Result<Option<PairPlace>, OutOfMemory> {
    let pairs = || forms.iter().flat_map(|form| form.pairs());
    let length: usize = pairs().map(|pair| pair.name.raw.len()).sum();
    // Folded, no character takes more than three times its bytes.
    let length = length.saturating_mul(if fold { 3 } else { 1 });
    let bytes = pairs()
        .count()
        .saturating_mul(size_of::<NameKey>())
        .saturating_add(length);
    memory.take(bytes)?;
    let mut text = String::with_capacity(length);
    let mut keys = Vec::with_capacity(pairs().count());
    for (of, form) in forms.iter().enumerate() {
        for (nth, pair) in form.pairs().enumerate() {
            let start = text.len();
            write_key(&pair.name.text(), fold, &mut text);
            keys.push(NameKey {
                key: start..text.len(),
                place: PairPlace { of, nth },
            });
        }
    }
    let key = |name: &NameKey| text.get(name.key.clone()).unwrap_or_default();
    keys.sort_unstable_by(|a, b| key(a).cmp(key(b)).then(a.place.cmp(&b.place)));
    // What holds others comes right before them, since no character sorts before a step.
    let conflicts = keys.windows(2).filter_map(|two| match two {
        [a, b] if is_held_by(key(b), key(a)) => Some((a.place, b.place)),
        _ => None,
    });
    let conflicts = conflicts.filter(|(a, b)| {
        let pair = |place: &PairPlace| forms.get(place.of)?.nth(place.nth);
        let are_of_all = forms.len() == 1 || a.of != b.of;
        are_of_all && pair(a).zip(pair(b)).is_none_or(|(a, b)| counts(a, b))
    });
    let first = conflicts.map(|(a, b)| a.max(b)).min();
    drop(keys);
    drop(text);
    memory.give(bytes);
    Ok(first)
}

/// Whether a key is another one, or one of its elements.
fn is_held_by(key: &str, holder: &str) -> bool {
    key.strip_prefix(holder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(STEP))
}

/// In front of a step. It is in no name.
const STEP: char = '\0';

/// Writes a name as PHP reads it. A list ends it: `a[]` holds every element of `a`.
fn write_key(name: &str, fold: bool, out: &mut String) {
    let name = name.trim_start_matches(' ');
    let (base, steps) = name.split_at(name.find('[').unwrap_or(name.len()));
    let base = base.chars().map(|char| match char {
        ' ' | '.' => '_',
        char => char,
    });
    let steps = steps.split(']').map(|step| step.trim_start_matches('['));
    let steps = steps.take_while(|step| !step.is_empty());
    let steps = steps.flat_map(|step| [STEP].into_iter().chain(step.chars()));
    for char in base.chain(steps) {
        if fold {
            out.extend(folded_char(char));
        } else {
            out.push(char);
        }
    }
}
