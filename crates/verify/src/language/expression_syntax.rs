//! The text of an expression as pieces, each with its place. The grammar:
//!
//! ```text
//! expression = { text | value | optional } ;
//! text       = { plain | "{{" | "}}" | "[[" | "]]" } ;   plain: any character but { } [ ]
//! optional   = "[" { text | value } "]" ;                at least one value in it; not nested
//! value      = "{" source { "|" filter } "}" ;
//! source     = name [ ":" argument ] ;
//! filter     = name { ":" argument } ;
//! argument   = bare | quoted | value ;
//! bare       = { any character but | { } : " ' } ;
//! quoted     = '"' { character | escape } '"' | "'" { character | escape } "'" ;
//! name       = letter or digit, { letter | digit | "-" | "_" }, [ "?" ] ;
//! ```

use std::ops::Range;

pub(super) use super::expression_parser::parse;

/// One piece of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExpressionPiece {
    /// Fixed text, without escapes.
    Text(String),
    /// A value.
    Value(ValueSyntax),
    /// A part that is left out if a value in it is missing.
    Optional(Vec<ExpressionPiece>),
}

/// `{source|filter|filter}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValueSyntax {
    /// With its braces.
    pub(super) at: Range<usize>,
    pub(super) source: ExpressionWord,
    pub(super) argument: Option<Argument>,
    pub(super) filters: Vec<FilterSyntax>,
}

/// A filter as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FilterSyntax {
    pub(super) name: ExpressionWord,
    pub(super) arguments: Vec<Argument>,
}

/// A name and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpressionWord {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// What follows a colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// Text, without quotes and escapes.
    Text(ExpressionWord),
    /// A value of the callback or the configuration.
    Value(Box<ValueSyntax>),
}

impl Argument {
    pub(super) fn at(&self) -> Range<usize> {
        match self {
            Self::Text(word) => word.at.clone(),
            Self::Value(value) => value.at.clone(),
        }
    }
}
