//! Words of a definition that stand for a closed choice.

use super::definition_compiler::DefinitionError;

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
    let known: Vec<String> = words
        .iter()
        .map(|(known, _)| format!("`{known}`"))
        .collect();
    errors.push(DefinitionError::of_key(
        key,
        format!("`{word}` is none of {}", known.join(", ")),
    ));
    default
}
