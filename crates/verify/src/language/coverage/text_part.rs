//! What is known of a part of a text before there is one.

use super::byte_set::ByteSet;

/// What is known of a part of a text before there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextPart {
    /// Every byte that it may have,
    pub(super) bytes: ByteSet,
    /// that it may begin with,
    pub(super) first: ByteSet,
    /// and that it may end with.
    pub(super) last: ByteSet,
    /// The fewest bytes,
    pub(super) min: usize,
    /// and the most.
    pub(super) max: Option<usize>,
    pub(super) ends: PartEnds,
    /// Whether it is the timestamp, in digits.
    pub(super) is_timestamp: bool,
}

/// How a part ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PartEnds {
    /// It does not.
    No,
    /// It is this text.
    Text(Box<str>),
    /// Always the same, for this key and route.
    Constant,
    /// The same, and nobody else knows it: no value contains it.
    Secret,
    /// Always the same number of bytes.
    Length,
    /// One of several texts: none is the beginning, or the end, of another.
    OneOf {
        prefix_free: bool,
        suffix_free: bool,
    },
    /// In quotes, with escapes.
    Quoted,
    /// Any JSON value.
    Json,
    /// At the first of these bytes that has no backslash in front of it.
    Escaped(ByteSet),
}

/// The direction in which a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    FromLeft,
    FromRight,
}

impl TextPart {
    /// Of these bytes, as many as there are.
    pub(super) const fn of(bytes: ByteSet) -> Self {
        Self {
            bytes,
            first: bytes,
            last: bytes,
            min: 0,
            max: None,
            ends: PartEnds::No,
            is_timestamp: false,
        }
    }

    pub(super) const fn any() -> Self {
        Self::of(ByteSet::ANY)
    }

    /// What ends in its own way.
    pub(super) fn ending(ends: PartEnds) -> Self {
        Self {
            ends,
            ..Self::any()
        }
    }

    /// Fixed text.
    pub(super) fn text(text: &str) -> Self {
        let bytes = text.as_bytes();
        let edge = |byte: Option<&u8>| {
            byte.map_or(ByteSet::NONE, |byte| {
                ByteSet::of_bytes(std::slice::from_ref(byte))
            })
        };
        Self {
            bytes: ByteSet::of_bytes(bytes),
            first: edge(bytes.first()),
            last: edge(bytes.last()),
            min: bytes.len(),
            max: Some(bytes.len()),
            ends: PartEnds::Text(text.into()),
            is_timestamp: false,
        }
    }

    /// Exactly so many of these bytes.
    pub(super) fn fixed(bytes: ByteSet, length: usize) -> Self {
        Self {
            min: length,
            max: Some(length),
            ends: PartEnds::Length,
            ..Self::of(bytes)
        }
    }

    /// Text in quotes.
    pub(super) fn quoted() -> Self {
        let quote = ByteSet::of_bytes(b"\"");
        Self {
            first: quote,
            last: quote,
            min: 2,
            ..Self::ending(PartEnds::Quoted)
        }
    }

    /// Its length, if it always has the same.
    pub(super) fn length(&self) -> Option<usize> {
        let is_fixed = match self.ends {
            PartEnds::Length | PartEnds::Text(_) => true,
            PartEnds::No | PartEnds::OneOf { .. } => self.bytes.is_ascii(),
            _ => false,
        };
        self.max.filter(|max| is_fixed && *max == self.min)
    }

    /// Whether it is known before the text is read.
    pub(super) const fn is_known(&self) -> bool {
        matches!(
            self.ends,
            PartEnds::Text(_) | PartEnds::Constant | PartEnds::Secret
        )
    }

    /// The bytes that it may have at the end where it is reached first.
    pub(super) const fn edge(&self, reading: Reading) -> ByteSet {
        match reading {
            Reading::FromLeft => self.first,
            Reading::FromRight => self.last,
        }
    }

    /// Only with these bytes.
    pub(super) fn within(mut self, bytes: ByteSet) -> Self {
        self.bytes = self.bytes.and(bytes);
        self.first = self.first.and(bytes);
        self.last = self.last.and(bytes);
        self
    }

    /// A part of it, that may be all or nothing of it.
    pub(super) fn some_of(&self) -> Self {
        Self {
            max: self.max,
            ..Self::of(self.bytes)
        }
    }

    /// The one or the other.
    pub(super) fn either(&self, other: &Self) -> Self {
        Self {
            bytes: self.bytes.or(other.bytes),
            first: self.first.or(other.first),
            last: self.last.or(other.last),
            min: self.min.min(other.min),
            max: self.max.and_then(|max| Some(max.max(other.max?))),
            ends: PartEnds::No,
            is_timestamp: false,
        }
    }

    /// Several parts as one.
    pub(super) fn joined(parts: &[Self]) -> Self {
        if let [one] = parts {
            return one.clone();
        }
        let mut all = Self {
            max: Some(0),
            ..Self::of(ByteSet::NONE)
        };
        for part in parts {
            if all.min == 0 {
                all.first = all.first.or(part.first);
            }
            all.last = match part.min {
                0 => all.last.or(part.last),
                _ => part.last,
            };
            all.bytes = all.bytes.or(part.bytes);
            all.min = all.min.saturating_add(part.min);
            all.max = all.max.and_then(|max| Some(max.saturating_add(part.max?)));
        }
        if !parts.is_empty() && parts.iter().all(|part| part.length().is_some()) {
            all.ends = PartEnds::Length;
        }
        all
    }
}
