//! Upper and lower case.

/// One spelling for all characters that differ only in case. Lower-casing is not enough: `ſ` becomes
/// an `s` by way of `S`.
pub(super) fn folded_char(char: char) -> impl Iterator<Item = char> {
    char.to_lowercase()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
}
