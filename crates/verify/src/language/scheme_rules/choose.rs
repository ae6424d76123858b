//! Words of a definition that stand for a closed choice.

use super::definition_compiler::DefinitionError;
use crate::language::expression_error::ExpressionError;

/// The choice that a word stands for, or an error that lists all of them.
pub(super) fn choose<T: Copy>(
    key: &str,
    word: Option<&str>,
    default: T,
    words: &[(&str, T)],
    errors: &mut Vec<DefinitionError>,
) -> T {
    let Some(word) = word else {
        return default;
    };
    if let Some((_, found)) = words.iter().find(|(known, _)| *known == word) {
        return *found;
    }
    let known = words.iter().map(|(known, _)| *known);
    let message = format!("`{word}` is not one of the possible values");
    errors.push(DefinitionError {
        key: key.to_owned(),
        error: ExpressionError::new(0..word.len(), message).help_word(word, known),
    });
    default
}
