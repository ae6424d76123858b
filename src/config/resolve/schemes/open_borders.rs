//! Values of a signed text without an end: where they are, and what would end them.

use super::definition::Spots;
use crate::config::diagnostic::{Diagnostic, Place, WarningName};
use crate::verify::language::{OpenBorder, without_planted};

/// The key with which a scheme admits that its provider joins values ambiguously.
pub(super) const AMBIGUOUS_JOIN: &str = "ambiguous_join";

/// The error about a scheme with such values.
pub(super) fn refused(spots: &Spots<'_>, borders: &[OpenBorder]) -> Diagnostic {
    let single_quotes = match borders.first() {
        Some(OpenBorder::MayContain { text, .. }) if text.contains('\\') => {
            " (in single quotes, `\\n` is not a line break)"
        }
        _ => "",
    };
    let close = closing(borders).filter(|_| single_quotes.is_empty());
    let close = close.map_or_else(String::new, |require| {
        format!(
            ": if it says how long a value is, or which characters it has, say so, for example {require}"
        )
    });
    with_others(spots, borders, |place, why| {
        Diagnostic::error("ambiguous content", place, why)
            .note("whoever has one callback could forge others under its signature")
    })
    .help(format!(
        "compare it with the provider's documentation{single_quotes}{close}; only if it really signs \
         this way, set `{AMBIGUOUS_JOIN} = true` in the scheme: every callback is then marked with \
         X-Verified-Ambiguous, and its identity is \"{{content}}\""
    ))
}

/// Warns of such values in a scheme that states them.
pub(super) fn warn(spots: &Spots<'_>, borders: &[OpenBorder]) {
    let help = match closing(borders) {
        Some(require) => format!(
            "if the provider's documentation says how long a value is, or which characters it has, say \
             so in place of `{AMBIGUOUS_JOIN}`, for example {require}"
        ),
        None => {
            "let the backend take what matters from somewhere else, such as a query to the provider"
                .to_owned()
        }
    };
    let warning = with_others(spots, borders, |place, why| {
        Diagnostic::warning(WarningName::AmbiguousJoin, place, why)
            .note("every callback is marked with X-Verified-Ambiguous")
    });
    spots.scheme().problems().report(warning.help(help));
}

/// A problem with the first border, and the others in its text.
fn with_others(
    spots: &Spots<'_>,
    borders: &[OpenBorder],
    of: impl FnOnce(Place, String) -> Diagnostic,
) -> Diagnostic {
    let Some((first, others)) = borders.split_first() else {
        return of(
            spots.scheme().key_place("content"),
            "its values touch".to_owned(),
        );
    };
    let mut why = shown(first);
    for other in others {
        why.push_str("; ");
        why.push_str(&shown(other));
    }
    of(spots.place_of_border(first), why)
}

/// A border in words, without what may be a secret by mistake.
fn shown(border: &OpenBorder) -> String {
    match border {
        OpenBorder::MayContain { value, text } => {
            let text = without_planted(text);
            format!("`{value}` may contain {text:?}, which follows it")
        }
        border => border.to_string(),
    }
}

/// What could be required of the values so that each has one end; `None` if nothing could.
fn closing(borders: &[OpenBorder]) -> Option<String> {
    let mut pairs: Vec<String> = Vec::new();
    for border in borders {
        let (value, shape) = match border {
            OpenBorder::Touch { value, next } => {
                // One of the two is enough.
                let known = |text: &String| pairs.iter().any(|pair| pair.contains(text.as_str()));
                if known(next) || known(value) {
                    continue;
                }
                (value, "[0-9]{10}".to_owned())
            }
            OpenBorder::MayContain { value, text } => (value, format!("[^{}]*", first_of(text)?)),
            _ => return None,
        };
        // Names of fields in a selection are no expressions.
        if !value.starts_with('{') {
            return None;
        }
        let pair = format!("{value:?} = {shape:?}");
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    (!pairs.is_empty()).then(|| format!("`require = {{ {} }}`", pairs.join(", ")))
}

/// The first character of a text, in a class of a regular expression.
fn first_of(text: &str) -> Option<String> {
    let first = text.chars().next()?;
    Some(match first {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '^' | ']' | '[' | '\\' | '-' | '&' | '~' => format!("\\{first}"),
        first => first.to_string(),
    })
}
