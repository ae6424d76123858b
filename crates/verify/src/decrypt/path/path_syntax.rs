//! Parsing paths.

use super::{PathError, PathStep, Selector};
use crate::json::pointer;

pub(super) fn steps(text: &str) -> Result<Vec<PathStep>, PathError> {
    if let Some(rest) = text.strip_prefix('$') {
        return json_path(rest);
    }
    if let Some(pointer) = text.strip_prefix('/') {
        let tokens = pointer::tokens(pointer).ok_or(PathError::BadEscape)?;
        return Ok(tokens.into_iter().map(Selector::Token).map(child).collect());
    }
    if text.is_empty() {
        return Err(PathError::NoField);
    }
    Ok(vec![child(Selector::Name(text.to_owned()))])
}

fn child(selects: Selector) -> PathStep {
    PathStep {
        below: false,
        selects,
    }
}

/// The steps after `$`.
fn json_path(mut rest: &str) -> Result<Vec<PathStep>, PathError> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (below, shorthand, selector) = if let Some(after) = rest.strip_prefix("..") {
            (true, !after.starts_with('['), after)
        } else if let Some(after) = rest.strip_prefix('.') {
            (false, true, after)
        } else {
            (false, false, rest)
        };
        let (selects, after) = if shorthand {
            short_name(selector)?
        } else {
            bracket(selector)?
        };
        steps.push(PathStep { below, selects });
        rest = after;
    }
    Ok(steps)
}

/// `*`, or a name without quotes (RFC 9535, section 2.5.1.1).
fn short_name(text: &str) -> Result<(Selector, &str), PathError> {
    if let Some(after) = text.strip_prefix('*') {
        return Ok((Selector::Every, after));
    }
    let may_be_in = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    let end = text.find(|c| !may_be_in(c)).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    let begins_well = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
    let ends_well = after.is_empty() || after.starts_with(['.', '[']);
    if !begins_well || !ends_well {
        return Err(PathError::BadName);
    }
    Ok((Selector::Name(name.to_owned()), after))
}

/// `[*]`, `[3]`, `['name']` or `["name"]`.
fn bracket(text: &str) -> Result<(Selector, &str), PathError> {
    let Some(inside) = text.strip_prefix('[') else {
        return Err(PathError::BadStep(text.chars().take(16).collect()));
    };
    if inside.starts_with(['\'', '"']) {
        return quoted(inside);
    }
    let (inside, after) = inside.split_once(']').ok_or(PathError::BadBracket)?;
    let selects = if inside == "*" {
        Selector::Every
    } else {
        Selector::Index(pointer::array_index(inside).ok_or(PathError::BadBracket)?)
    };
    Ok((selects, after))
}

/// A name in quotes, and the closing bracket. A backslash escapes quotes, slashes and backslashes;
/// all other characters are literal.
fn quoted(text: &str) -> Result<(Selector, &str), PathError> {
    let mut chars = text.chars();
    let quote = chars.next();
    let mut name = String::new();
    loop {
        let character = chars.next().ok_or(PathError::BadBracket)?;
        if Some(character) == quote {
            break;
        }
        if character != '\\' {
            name.push(character);
            continue;
        }
        match chars.next() {
            Some(escaped @ ('\'' | '"' | '\\' | '/')) => name.push(escaped),
            _ => return Err(PathError::BadBracket),
        }
    }
    let after = chars.as_str().strip_prefix(']');
    Ok((Selector::Name(name), after.ok_or(PathError::BadBracket)?))
}

#[cfg(test)]
mod tests {
    use super::super::Path;
    use super::*;

    #[test]
    fn invalid_paths_are_rejected() {
        for (text, error) in [
            ("", PathError::NoField),
            ("$", PathError::NoField),
            ("/a~2", PathError::BadEscape),
            ("$a", PathError::BadStep("a".to_owned())),
            ("$.a-b", PathError::BadName),
            ("$.1", PathError::BadName),
            ("$.", PathError::BadName),
            ("$..", PathError::BadName),
            ("$...a", PathError::BadName),
            ("$.a ", PathError::BadName),
            ("$[01]", PathError::BadBracket),
            ("$[-1]", PathError::BadBracket),
            ("$[1:2]", PathError::BadBracket),
            ("$['a','b']", PathError::BadBracket),
            ("$['a'", PathError::BadBracket),
            ("$['a", PathError::BadBracket),
            ("$['\\n']", PathError::BadBracket),
            ("$[?@.a]", PathError::BadBracket),
            ("$[", PathError::BadBracket),
        ] {
            assert_eq!(Path::parse(text).err(), Some(error), "{text}");
        }
        let long = format!("${}", ".a".repeat(33));
        assert_eq!(Path::parse(&long).err(), Some(PathError::TooLong));
    }

    #[test]
    fn only_paths_that_end_with_a_name_have_siblings() {
        for (text, has) in [
            ("a", true),
            ("/a/b", true),
            ("/a/0", false),
            ("$..a", true),
            ("$[0]", false),
            ("$.a[*]", false),
            ("$.a.*", false),
        ] {
            assert_eq!(Path::parse(text).unwrap().ends_with_name(), has, "{text}");
        }
    }
}
