//! Where the parts of a signed text end.
//!
//! A signature covers a text, not the values in it. If the nonce in `{nonce}.{body}` may contain a
//! `.`, an attacker with one callback can move bytes from the body into the nonce under the same
//! signature: the backend gets a body that nobody signed. So each value must have exactly one
//! possible end.

use super::byte_set::ByteSet;
use super::differing_texts::differ;
use super::open_border::OpenBorder;
use super::text_part::{PartEnds, Reading, TextPart};
use super::text_unit::{TextUnit, UnitKind, edge_of, fixed_text};

/// The borders of a text that are open: `first` is the first part without an end of its own, and
/// everything in front of it can be told apart from the left. `last` is the last one, and everything
/// behind it can be told apart from the right. If only one part is in between, it is what is left.
pub(super) fn open_borders(units: &[TextUnit]) -> Vec<OpenBorder> {
    let ended = |at: usize, reading: Reading| {
        let rest = units_beyond(units, at, reading);
        units
            .get(at)
            .is_some_and(|unit| unit.is_ended(rest, reading))
    };
    let mut places = 0..units.len();
    let Some(first) = places.find(|at| !ended(*at, Reading::FromLeft)) else {
        return Vec::new();
    };
    let mut places = (0..units.len()).rev();
    let Some(last) = places.find(|at| !ended(*at, Reading::FromRight)) else {
        return Vec::new();
    };
    let number = |at: usize| units.get(at).map(|unit| unit.number);
    if first == last {
        let optional = units.get(first).and_then(TextUnit::optional_border);
        return optional.into_iter().collect();
    }
    if last < first || number(first) == number(last) {
        return Vec::new();
    }
    let between = (first..last).filter(|at| !ended(*at, Reading::FromLeft));
    let mut borders: Vec<OpenBorder> = Vec::new();
    for border in between.filter_map(|at| border_behind(units, at)) {
        if !borders.contains(&border) {
            borders.push(border);
        }
    }
    borders
}

/// How many digits a timestamp must have, if it is in the text and touches what could begin or end
/// with digits.
pub(super) fn timestamp_digits(units: &[TextUnit]) -> Option<usize> {
    let digits = |at: usize, unit: &TextUnit| {
        let UnitKind::Part(part) = &unit.kind else {
            return None;
        };
        let is_clear = |reading| {
            units_beyond(units, at, reading)
                .next()
                .is_none_or(|next| next.ends_digits(reading))
        };
        let is_free = is_clear(Reading::FromLeft) && is_clear(Reading::FromRight);
        part.max.filter(|_| part.is_timestamp && !is_free)
    };
    let inner = units.iter().filter_map(|unit| match &unit.kind {
        UnitKind::Optional(inner) => timestamp_digits(inner),
        UnitKind::Part(_) => None,
    });
    let mut all = units.iter().enumerate();
    all.find_map(|(at, unit)| digits(at, unit))
        .or_else(|| inner.max())
}

/// The parts that are read after the one at this place.
fn units_beyond(
    units: &[TextUnit],
    at: usize,
    reading: Reading,
) -> Box<dyn Iterator<Item = &TextUnit> + '_> {
    match reading {
        Reading::FromLeft => Box::new(units.iter().skip(at.saturating_add(1))),
        Reading::FromRight => Box::new(units.iter().take(at).rev()),
    }
}

/// The border behind a part that is not ended.
fn border_behind(units: &[TextUnit], at: usize) -> Option<OpenBorder> {
    let unit = units.get(at)?;
    if let Some(border) = unit.optional_border() {
        return Some(border);
    }
    let value = unit.label.clone();
    let mut behind = units.iter().skip(at);
    let next = behind.find(|next| next.number != unit.number)?;
    Some(match &next.kind {
        UnitKind::Part(TextPart {
            ends: PartEnds::Text(text),
            ..
        }) if next.label.is_empty() => OpenBorder::MayContain {
            value,
            text: text.to_string(),
        },
        UnitKind::Part(_) => OpenBorder::Touch {
            value,
            next: next.label.clone(),
        },
        UnitKind::Optional(inner) => OpenBorder::Touch {
            value,
            next: first_label(inner),
        },
    })
}

fn first_label(units: &[TextUnit]) -> String {
    let mut labels = units.iter().map(|unit| &unit.label);
    labels
        .find(|label| !label.is_empty())
        .cloned()
        .unwrap_or_default()
}

impl TextUnit {
    fn optional_border(&self) -> Option<OpenBorder> {
        match &self.kind {
            UnitKind::Part(_) => None,
            UnitKind::Optional(inner) => Some(OpenBorder::Optional {
                value: first_label(inner),
            }),
        }
    }

    /// Whether its end is clear to a reader who knows where it begins. `rest` is what the reader
    /// comes to behind it.
    pub(super) fn is_ended<'u>(
        &'u self,
        rest: Box<dyn Iterator<Item = &'u Self> + 'u>,
        reading: Reading,
    ) -> bool {
        let rest: Vec<&Self> = rest.collect();
        self.is_ended_by(&rest, reading)
    }

    fn is_ended_by(&self, rest: &[&Self], reading: Reading) -> bool {
        match &self.kind {
            UnitKind::Part(part) => {
                part.is_known()
                    || part.length().is_some()
                    || reading == Reading::FromLeft && self.is_known_from_left
                    || ends_itself(part, rest.first().copied(), reading)
                    || is_bounded(part.bytes, rest, reading)
            }
            UnitKind::Optional(inner) => {
                is_visible(inner, rest, reading)
                    && (0..inner.len()).all(|at| {
                        let beyond = units_beyond(inner, at, reading);
                        let rest: Vec<&Self> = beyond.chain(rest.iter().copied()).collect();
                        inner
                            .get(at)
                            .is_some_and(|unit| unit.is_ended_by(&rest, reading))
                    })
            }
        }
    }

    /// Whether the digits of a timestamp cannot go on in it.
    fn ends_digits(&self, reading: Reading) -> bool {
        match &self.kind {
            UnitKind::Part(part) => match &part.ends {
                PartEnds::Text(text) => !text.bytes().all(|byte| byte.is_ascii_digit()),
                _ => part.min > 0 && part.edge(reading).is_disjoint(ByteSet::digits()),
            },
            UnitKind::Optional(_) => false,
        }
    }
}

/// Whether a part shows its own end.
fn ends_itself(part: &TextPart, next: Option<&TextUnit>, reading: Reading) -> bool {
    let from_left = reading == Reading::FromLeft;
    let text = next.and_then(fixed_text);
    let edge = text.and_then(|text| edge_of(text, reading));
    match &part.ends {
        PartEnds::OneOf {
            prefix_free,
            suffix_free,
        } => match reading {
            Reading::FromLeft => *prefix_free,
            Reading::FromRight => *suffix_free,
        },
        PartEnds::Quoted => from_left || next.is_none() || edge.is_some_and(|edge| edge != b'\\'),
        PartEnds::Json => {
            let goes_on = |edge: u8| edge.is_ascii_alphanumeric() || b"+-.".contains(&edge);
            from_left && (next.is_none() || edge.is_some_and(|edge| !goes_on(edge)))
        }
        PartEnds::Escaped(escaped) => {
            edge.is_some_and(|edge| escaped.has(edge))
                && (from_left || text.is_some_and(|text| !text.contains('\\')))
        }
        _ => false,
    }
}

/// Whether what follows shows where bytes like these end: at a place that is so far behind their end
/// in each callback, there is a byte that neither they nor what is in between can have.
fn is_bounded(bytes: ByteSet, rest: &[&TextUnit], reading: Reading) -> bool {
    let mut passed = bytes;
    // Set behind something that may be missing: the next byte decides.
    let mut is_next = false;
    for unit in rest {
        let part = match &unit.kind {
            UnitKind::Part(part) => part,
            UnitKind::Optional(inner) => match opener(inner, reading) {
                Some(edge) if !passed.has(edge) => {
                    is_next = true;
                    continue;
                }
                _ => return false,
            },
        };
        match &part.ends {
            // No value contains the secret, for only the provider knows it.
            PartEnds::Secret => return true,
            PartEnds::Text(text) if text.is_empty() => {}
            PartEnds::Text(text) => {
                let ends = match is_next {
                    true => edge_of(text, reading).is_some_and(|edge| !passed.has(edge)),
                    false => text.bytes().any(|byte| !passed.has(byte)),
                };
                if ends {
                    return true;
                }
                if is_next {
                    return false;
                }
            }
            _ => {
                let is_other = part.edge(reading).is_disjoint(passed);
                if is_other && part.min > 0 {
                    return true;
                }
                if is_other {
                    is_next = true;
                } else if (part.is_known() || part.length().is_some()) && !is_next {
                    passed = passed.or(part.bytes);
                } else {
                    return false;
                }
            }
        }
    }
    true
}

/// Whether a reader can tell if an optional part is there.
fn is_visible(inner: &[TextUnit], rest: &[&TextUnit], reading: Reading) -> bool {
    if is_seen(inner, rest, reading) {
        return true;
    }
    let mut with: Vec<&TextUnit> = inner.iter().collect();
    if reading == Reading::FromRight {
        with.reverse();
    }
    with.extend(rest);
    differ(with, rest.to_vec(), reading)
}

/// Whether its first byte shows that an optional part is there.
fn is_seen(inner: &[TextUnit], rest: &[&TextUnit], reading: Reading) -> bool {
    let Some(edge) = opener(inner, reading) else {
        return false;
    };
    for unit in rest {
        match &unit.kind {
            UnitKind::Part(part) => {
                if part.edge(reading).has(edge) {
                    return false;
                }
                if part.min > 0 {
                    return true;
                }
            }
            UnitKind::Optional(other) => match opener(other, reading) {
                Some(other) if other != edge => {}
                _ => return false,
            },
        }
    }
    true
}

/// The byte that an optional part shows first, if that is always the same.
fn opener(inner: &[TextUnit], reading: Reading) -> Option<u8> {
    let unit = match reading {
        Reading::FromLeft => inner.first(),
        Reading::FromRight => inner.last(),
    };
    edge_of(unit.and_then(fixed_text)?, reading)
}
