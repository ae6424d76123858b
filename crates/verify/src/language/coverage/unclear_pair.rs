//! Why the fields of a selection could be read as others, although it writes their names and something between them.

use super::open_border::OpenBorder;
use crate::language::compiled_expression::{CompiledExpression, CompiledPiece, ValueSource};
use crate::language::selection::{Chosen, FieldsFrom, Selection};

/// The border of a selection whose pairs have no end of their own, and cannot be checked in each callback.
pub(super) fn border(selection: &Selection, label: &str) -> OpenBorder {
    let label = label.to_owned();
    match cause(selection) {
        None => OpenBorder::NoAssign { selection: label },
        Some(cause) => OpenBorder::UnclearPairs {
            selection: label,
            cause,
        },
    }
}

/// `None`: nothing separates names from values.
fn cause(selection: &Selection) -> Option<&'static str> {
    let Some(assign) = assign(&selection.pair) else {
        let mut pieces = selection.pair.steps.iter();
        return pieces
            .any(|piece| matches!(piece, CompiledPiece::Text(_)))
            .then_some("`pair` is not simply `{name}`, a text and `{value}`");
    };
    let mut own = selection.pair_of.iter();
    Some(if own.any(|(_, pair)| self::assign(pair) != Some(assign)) {
        "`pair_of` has another text than `pair` between name and value"
    } else if selection.distinct {
        "with `repeated`, it cannot be seen how often a name occurs"
    } else {
        match (&selection.chosen, &selection.from) {
            (Chosen::Names(_), _) => {
                "it cannot be seen which of `names` it has, for some may be left out"
            }
            (Chosen::Listed { .. }, _) => {
                "it cannot be seen which fields it has, for the callback says so"
            }
            (Chosen::All, FieldsFrom::Headers) => {
                "a header's value may contain what stands between two of them"
            }
            (Chosen::All, _) => "a value of `add` may contain what stands between two of them",
        }
    })
}

/// The text between name and value, if a pair is nothing else.
fn assign(pair: &CompiledExpression) -> Option<&str> {
    match &*pair.steps {
        [
            CompiledPiece::Value(name),
            CompiledPiece::Text(assign),
            CompiledPiece::Value(value),
        ] if name.source == ValueSource::FieldName
            && name.filters.is_empty()
            && value.source == ValueSource::FieldValue =>
        {
            Some(assign)
        }
        _ => None,
    }
}
