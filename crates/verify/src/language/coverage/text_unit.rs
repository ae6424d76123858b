//! The parts of a signed text, and the values that they belong to.

use super::text_part::{PartEnds, Reading, TextPart};

/// A part of a text, and the value that it belongs to.
#[derive(Clone, Debug)]
pub(super) struct TextUnit {
    pub(super) kind: UnitKind,
    /// The number of the value, for a value can have several parts;
    pub(super) number: usize,
    /// and the value as the scheme writes it.
    pub(super) label: String,
    /// Whether it is known once the text in front of it is.
    pub(super) is_known_from_left: bool,
}

#[derive(Clone, Debug)]
pub(super) enum UnitKind {
    Part(TextPart),
    /// Parts that are there together, or not.
    Optional(Vec<TextUnit>),
}

/// The text, if it is fixed.
pub(super) fn fixed_text(unit: &TextUnit) -> Option<&str> {
    match &unit.kind {
        UnitKind::Part(TextPart {
            ends: PartEnds::Text(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

/// The first byte of a fixed text that a reader comes to.
pub(super) fn edge_of(text: &str, reading: Reading) -> Option<u8> {
    match reading {
        Reading::FromLeft => text.bytes().next(),
        Reading::FromRight => text.bytes().next_back(),
    }
}
