//! What an answer is around its values: JSON in which each value is a part of a string.

use super::definition_compiler::DefinitionCompiler;
use crate::json;
use crate::language::compiled_expression::{CompiledExpression, CompiledPiece};

/// Checks that an answer is JSON, whatever its values are: each stands in a string, in which it is
/// written as JSON writes characters.
pub(super) fn check_json(
    key: &str,
    text: &str,
    answer: &CompiledExpression,
    compiler: &mut DefinitionCompiler,
) {
    let mut example = String::new();
    let mut is_in_string = false;
    for piece in &answer.steps {
        match piece {
            CompiledPiece::Text(fixed) => {
                let mut characters = fixed.chars();
                while let Some(character) = characters.next() {
                    match character {
                        '"' => is_in_string = !is_in_string,
                        // The character behind it does not end the string.
                        '\\' if is_in_string => drop(characters.next()),
                        _ => {}
                    }
                }
                example.push_str(fixed);
            }
            // Behind a backslash, it would become a part of an escape; `x` is none.
            CompiledPiece::Value(_) if is_in_string => example.push('x'),
            CompiledPiece::Value(value) => {
                let message = "in JSON, a value stands in a string: put double quotes around it";
                compiler.fault_at(key, text, value, message);
                return;
            }
            CompiledPiece::Optional(_) => {}
        }
    }
    if json::parse(example.as_bytes()).is_err() {
        compiler.fault_with(
            key,
            "this is not JSON",
            "write each `{` and `}` of the JSON twice: `{{\"code\":\"{field:code}\"}}`",
        );
    }
}

/// Writes characters as they stand in a string of JSON, and in a page none that would begin a tag.
pub(crate) fn write_in_json(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' | '\u{7f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => out.push(character),
        }
    }
}
