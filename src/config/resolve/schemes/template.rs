//! Text with placeholders, such as `{timestamp}\n{body}`.

use http::HeaderName;

use crate::config::classic_scheme::Part;
use crate::config::reader::similar;

/// The placeholders without an argument.
const PLACEHOLDERS: &[(&str, Part)] = &[
    ("method", Part::Method),
    ("target", Part::Target),
    ("timestamp", Part::Timestamp),
    ("nonce", Part::Nonce),
    ("key_id", Part::KeyId),
    ("body", Part::Body),
];

pub(super) const PLACEHOLDERS_HELP: &str = "the placeholders are {method}, {target}, {timestamp}, {nonce}, {key_id}, {header:NAME} and \
     {body}";

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// The byte at which it begins.
    pub(super) at: usize,
    /// As written. For literal text with escaped braces, only its first run.
    pub(super) written: &'a str,
    /// What it means, or why it is invalid.
    pub(super) part: Result<Part, PieceError>,
}

/// Why a piece is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PieceError {
    /// An unknown placeholder.
    Unknown {
        /// The placeholder that was probably meant.
        similar: Option<&'static str>,
    },
    /// `{header:...}` with an invalid header name.
    Header,
    /// A single brace.
    Brace,
}

/// Parses a template; `{{` and `}}` are literal braces.
pub(super) fn parse(template: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let at = template.len().saturating_sub(rest.len());
        let (written, part) = first(rest);
        rest = rest.get(written.len()..).unwrap_or_default();
        let last = pieces.last_mut().map(|piece| &mut piece.part);
        match (last, part) {
            (Some(Ok(Part::Text(before))), Ok(Part::Text(more))) => before.push_str(&more),
            (_, part) => pieces.push(Piece { at, written, part }),
        }
    }
    pieces
}

/// The first piece of a non-empty text: as written, and what it means.
fn first(text: &str) -> (&str, Result<Part, PieceError>) {
    for (written, brace) in [("{{", "{"), ("}}", "}")] {
        if text.starts_with(written) {
            return (written, Ok(Part::Text(brace.to_owned())));
        }
    }
    match text.find(['{', '}']) {
        Some(0) => placeholder(text),
        Some(end) => literal(text.split_at(end).0),
        None => literal(text),
    }
}

fn literal(text: &str) -> (&str, Result<Part, PieceError>) {
    (text, Ok(Part::Text(text.to_owned())))
}

/// A placeholder, or a brace that does not begin one.
fn placeholder(text: &str) -> (&str, Result<Part, PieceError>) {
    let closing = text.find('}').filter(|_| text.starts_with('{'));
    let whole = closing.and_then(|end| text.get(..=end));
    let name = whole.and_then(|whole| whole.strip_prefix('{')?.strip_suffix('}'));
    match whole.zip(name.filter(|name| !name.contains('{'))) {
        Some((whole, name)) => (whole, part(name)),
        // A brace of either kind is one byte.
        None => (text.get(..1).unwrap_or(text), Err(PieceError::Brace)),
    }
}

fn part(name: &str) -> Result<Part, PieceError> {
    if let Some(header) = name.strip_prefix("header:") {
        let header = HeaderName::from_bytes(header.as_bytes());
        return header.map(Part::Header).map_err(|_| PieceError::Header);
    }
    PLACEHOLDERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, part)| part.clone())
        .ok_or_else(|| PieceError::Unknown {
            similar: similar(name, PLACEHOLDERS.iter().map(|(known, _)| *known)),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(template: &str) -> Vec<Part> {
        parse(template)
            .into_iter()
            .map(|piece| piece.part.unwrap())
            .collect()
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[test]
    fn placeholders_and_text() {
        assert_eq!(
            parts("{timestamp}\n{nonce}{header:X-A}.{body}\n"),
            [
                Part::Timestamp,
                text("\n"),
                Part::Nonce,
                Part::Header(HeaderName::from_static("x-a")),
                text("."),
                Part::Body,
                text("\n"),
            ]
        );
        assert_eq!(
            parts("{method}{target}{key_id}"),
            [Part::Method, Part::Target, Part::KeyId]
        );
        assert_eq!(parts(""), []);
        assert_eq!(parts("plain"), [text("plain")]);
    }

    #[test]
    fn literal_braces() {
        assert_eq!(parts("{{{method}}}"), [text("{"), Part::Method, text("}")]);
        assert_eq!(parts("a{{method}}b"), [text("a{method}b")]);
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let faults: Vec<_> = parse("{bdy} {} {header:} } {x{body} {open")
            .into_iter()
            .filter_map(|piece| Some((piece.at, piece.written, piece.part.err()?)))
            .collect();
        assert_eq!(
            faults,
            [
                (
                    0,
                    "{bdy}",
                    PieceError::Unknown {
                        similar: Some("body")
                    }
                ),
                (6, "{}", PieceError::Unknown { similar: None }),
                (9, "{header:}", PieceError::Header),
                (19, "}", PieceError::Brace),
                (21, "{", PieceError::Brace),
                (30, "{", PieceError::Brace),
            ]
        );
    }
}
