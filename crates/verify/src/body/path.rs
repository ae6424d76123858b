//! The path to one field of a body.

use std::fmt;

use crate::json::{JsonValue, pointer};

/// A top-level field's name, or a JSON Pointer (RFC 6901) to any value. Two paths to the same value
/// are equal, however they are written. In a format without nested fields, a pointer of several
/// steps finds nothing.
#[derive(Clone, Debug)]
pub struct FieldPath {
    text: String,
    steps: Vec<String>,
}

impl PartialEq for FieldPath {
    fn eq(&self, other: &Self) -> bool {
        self.steps == other.steps
    }
}

impl Eq for FieldPath {}

/// An invalid JSON Pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldPathError {
    /// The empty text names no field.
    #[error("an empty path names no field")]
    Empty,
    /// `~` is followed by neither `0` nor `1`.
    #[error("in a JSON Pointer, write `~` as `~0` (and `/` inside a name as `~1`)")]
    BadEscape,
}

impl FieldPath {
    /// Parses a path: a JSON Pointer if it begins with `/`, otherwise the name of a top-level
    /// field.
    ///
    /// # Errors
    /// If the text is empty, or a pointer with an invalid `~`.
    pub fn parse(text: &str) -> Result<Self, FieldPathError> {
        let steps = match text.strip_prefix('/') {
            Some(tokens) => pointer::tokens(tokens).ok_or(FieldPathError::BadEscape)?,
            None if text.is_empty() => return Err(FieldPathError::Empty),
            None => vec![text.to_owned()],
        };
        Ok(Self {
            text: text.to_owned(),
            steps,
        })
    }

    /// The top-level field with this name, whatever characters it has. `None` for an empty name.
    #[must_use]
    pub fn of_top_level(name: &str) -> Option<Self> {
        (!name.is_empty()).then(|| Self {
            text: name.to_owned(),
            steps: vec![name.to_owned()],
        })
    }

    /// The value there, if the JSON document has one.
    #[must_use]
    pub fn find<'d, 'a>(&self, root: JsonValue<'d, 'a>) -> Option<JsonValue<'d, 'a>> {
        self.steps.iter().try_fold(root, |value, step| {
            value
                .get(step)
                .or_else(|| value.at(pointer::array_index(step)?))
        })
    }

    /// Whether it leads to a top-level field.
    #[must_use]
    pub fn is_top_level(&self) -> bool {
        self.steps.len() == 1
    }

    /// Whether it leads to the top-level field with this name, or into it.
    #[must_use]
    pub fn begins_with(&self, name: &str) -> bool {
        self.steps.first().is_some_and(|step| step == name)
    }

    /// The path of these names, of which there is at least one.
    pub(crate) fn of_steps(steps: Vec<String>) -> Self {
        let escaped = |step: &String| step.replace('~', "~0").replace('/', "~1");
        let names: Vec<String> = steps.iter().map(escaped).collect();
        Self {
            text: format!("/{}", names.join("/")),
            steps,
        }
    }

    /// The names on the way to the value.
    pub(crate) fn steps(&self) -> &[String] {
        &self.steps
    }

    /// The name of the top-level field at the beginning of the path.
    pub(crate) fn first(&self) -> Option<&str> {
        self.steps.first().map(String::as_str)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn find(path: &str, json: &str) -> Option<String> {
        let document = parse(json.as_bytes()).unwrap();
        let path = FieldPath::parse(path).unwrap();
        path.find(document.root())
            .map(|value| value.source().to_owned())
    }

    #[test]
    fn names_and_pointers() {
        let json = r#"{"a.b":1,"a":{"b":[10,{"c/d~e":2}]},"":3}"#;
        assert_eq!(find("a.b", json).as_deref(), Some("1"));
        assert_eq!(find("/a/b/0", json).as_deref(), Some("10"));
        assert_eq!(find("/a/b/1/c~1d~0e", json).as_deref(), Some("2"));
        assert_eq!(find("/", json).as_deref(), Some("3"));
        for missing in [
            "b", "/a/b/00", "/a/b/2", "/a/b/-", "/a/b/+0", "/a/b/0/x", "/a/x",
        ] {
            assert_eq!(find(missing, json), None, "{missing}");
        }
    }

    #[test]
    fn invalid_paths_are_refused() {
        assert_eq!(FieldPath::parse(""), Err(FieldPathError::Empty));
        assert_eq!(FieldPath::parse("/a~2"), Err(FieldPathError::BadEscape));
        assert_eq!(FieldPath::parse("/a~"), Err(FieldPathError::BadEscape));
    }
}
