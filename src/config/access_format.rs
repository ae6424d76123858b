//! How lines of the access log look: in one of the two forms of our own, or as a template says.

use http::HeaderName;

use crate::record::Fact;
use crate::verify::body::FieldPath;

/// The line that nginx and Apache call so; existing programs read it.
pub(super) const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" \
    $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// How lines of the access log look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessFormat {
    /// For people: `key=value`.
    Text,
    /// One JSON object.
    Json,
    /// What the operator says.
    Template(Template),
}

/// Text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its parts in their order.
    pub pieces: Vec<FormatPiece>,
    /// How values are kept within their places.
    pub escape: Escape,
    /// The headers of [`FormatPiece::Header`].
    pub headers: Vec<HeaderName>,
    /// The body fields of [`FormatPiece::Field`]; all of them are some route's.
    pub fields: Vec<FieldPath>,
}

impl Template {
    /// The facts that it names.
    pub fn facts(&self) -> impl Iterator<Item = &'static Fact> {
        self.pieces.iter().filter_map(|piece| match piece {
            FormatPiece::Fact(fact) => Some(*fact),
            FormatPiece::Text(_) | FormatPiece::Header(_) | FormatPiece::Field(_) => None,
        })
    }
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatPiece {
    /// Text as it stands.
    Text(String),
    /// A fact about the request, by its variable.
    Fact(&'static Fact),
    /// `$http_NAME`: a header of the request, by its place among the template's.
    Header(usize),
    /// `$field_NAME`: a field of a verified body, by its place among the template's.
    Field(usize),
}

/// How values are kept within their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As nginx does: `\x0A` for `"`, `\`, control characters and all beyond ASCII.
    Default,
    /// As in a JSON string.
    Json,
}
