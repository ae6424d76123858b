//! The format of the access log: one of the two built-in formats, or a template.

use http::HeaderName;

use crate::record::Fact;
use crate::verify::body::FieldPath;

/// The format that nginx and Apache call `combined`; existing programs can parse it.
pub(super) const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" \
    $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// The format of the access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessFormat {
    /// Human-readable `key=value` pairs.
    Text,
    /// One JSON object.
    Json,
    /// The operator's own format.
    Template(Template),
}

/// Text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its parts in order.
    pub pieces: Vec<FormatPiece>,
    /// How values are escaped.
    pub escape: Escape,
    /// The headers of [`FormatPiece::Header`].
    pub headers: Vec<HeaderName>,
    /// The body fields of [`FormatPiece::Field`]; each is passed on by some route.
    pub fields: Vec<FieldPath>,
}

impl Template {
    /// The facts that the template uses.
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
    /// Literal text.
    Text(String),
    /// A fact about the request, by its variable.
    Fact(&'static Fact),
    /// `$http_NAME`: a request header, by its index in the template's list.
    Header(usize),
    /// `$field_NAME`: a field of a verified body, by its index in the template's list.
    Field(usize),
}

/// How values are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As nginx does: `"`, `\`, control characters and everything that is not ASCII become `\xNN`.
    Default,
    /// As in a JSON string.
    Json,
}
