//! Whether two texts can be told apart before there is one.

use super::text_part::{PartEnds, Reading, TextPart};
use super::text_unit::{TextUnit, UnitKind, edge_of, fixed_text};

/// The most optional parts that are looked at with and without.
const MAX_CHOICES: usize = 8;

/// A text from where a reader is: what is left of the fixed text there, in the order of reading, and
/// the units behind it.
#[derive(Clone)]
struct Rest<'u> {
    text: Vec<u8>,
    units: Vec<&'u TextUnit>,
    reading: Reading,
}

/// Whether no text can begin, in the order of reading, both as the one and as the other.
pub(super) fn differ(one: Vec<&TextUnit>, other: Vec<&TextUnit>, reading: Reading) -> bool {
    let rest = |mut units: Vec<_>| {
        // The next one is the last.
        units.reverse();
        Rest {
            text: Vec::new(),
            units,
            reading,
        }
    };
    differ_from(rest(one), rest(other), MAX_CHOICES)
}

fn differ_from(mut one: Rest<'_>, mut other: Rest<'_>, choices: usize) -> bool {
    loop {
        one.fill();
        other.fill();
        let common = one.text.len().min(other.text.len());
        if one.text.get(..common) != other.text.get(..common) {
            return true;
        }
        one.text.drain(..common);
        other.text.drain(..common);
        if common > 0 {
            continue;
        }
        if one.has_choice() || other.has_choice() {
            let Some(choices) = choices.checked_sub(1) else {
                return false;
            };
            let others = other.ways();
            return one.ways().iter().all(|one| {
                others
                    .iter()
                    .all(|other| differ_from(one.clone(), other.clone(), choices))
            });
        }
        // Values: both texts go on at the first of some byte that none of them contains.
        let marks = one.marks();
        let aligned = marks.into_iter().find_map(|mark| {
            let (mut one, mut other) = (one.clone(), other.clone());
            (one.skip_to(mark) && other.skip_to(mark)).then_some((one, other))
        });
        match aligned {
            Some(aligned) => (one, other) = aligned,
            None => return false,
        }
    }
}

impl<'u> Rest<'u> {
    /// Takes fixed text from the next unit, if it has any.
    fn fill(&mut self) {
        while self.text.is_empty()
            && let Some(unit) = self.units.last()
            && let Some(text) = fixed_text(unit)
        {
            self.text = text.as_bytes().to_vec();
            if self.reading == Reading::FromRight {
                self.text.reverse();
            }
            self.units.pop();
        }
    }

    /// Whether what comes next is there or not.
    fn has_choice(&self) -> bool {
        let is_optional = |unit: &&TextUnit| matches!(unit.kind, UnitKind::Optional(_));
        self.text.is_empty() && self.units.last().is_some_and(is_optional)
    }

    /// The text; if an optional part comes next, with it and without it.
    fn ways(&self) -> Vec<Self> {
        if !self.has_choice() {
            return vec![self.clone()];
        }
        let mut without = self.clone();
        let Some(TextUnit {
            kind: UnitKind::Optional(inner),
            ..
        }) = without.units.pop()
        else {
            return vec![without];
        };
        let mut with = without.clone();
        match self.reading {
            Reading::FromLeft => with.units.extend(inner.iter().rev()),
            Reading::FromRight => with.units.extend(inner),
        }
        vec![with, without]
    }

    /// The bytes with which fixed texts begin, up to the next choice.
    fn marks(&self) -> Vec<u8> {
        let mut marks: Vec<u8> = self.text.first().copied().into_iter().collect();
        for unit in self.units.iter().rev() {
            match &unit.kind {
                UnitKind::Optional(_) => break,
                UnitKind::Part(_) => {
                    marks.extend(fixed_text(unit).and_then(|text| edge_of(text, self.reading)));
                }
            }
        }
        marks
    }

    /// Goes on to the first of these bytes. Fails if it could be anywhere else than in a fixed text.
    fn skip_to(&mut self, mark: u8) -> bool {
        loop {
            if let Some(at) = self.text.iter().position(|byte| *byte == mark) {
                self.text.drain(..at);
                return true;
            }
            self.text.clear();
            match self.units.last().map(|unit| &unit.kind) {
                Some(UnitKind::Part(part)) if is_fixed(part) => self.fill(),
                Some(UnitKind::Part(part)) if !part.bytes.has(mark) => {
                    self.units.pop();
                }
                _ => return false,
            }
            if self.text.is_empty() && self.units.is_empty() {
                return false;
            }
        }
    }
}

fn is_fixed(part: &TextPart) -> bool {
    matches!(part.ends, PartEnds::Text(_))
}
