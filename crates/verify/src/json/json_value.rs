//! A parsed document and the values in it.

use std::borrow::Cow;
use std::ops::Range;

use super::string_escapes::decode;

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number; `fraction` if it has a fraction or an exponent.
    Number {
        /// Whether the text contains `.`, `e` or `E`.
        fraction: bool,
    },
    /// A string; `escaped` if its text contains a backslash.
    String {
        /// Whether the text between the quotes must be decoded.
        escaped: bool,
    },
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A range of source bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A member's name: the text between its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) span: Span,
    pub(super) escaped: bool,
}

/// One value, in document order; a container's contents follow it up to `next`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: JsonKind,
    pub(super) span: Span,
    /// Set if the parent is an object.
    pub(super) name: Option<Name>,
    /// The index after the last node of this value.
    pub(super) next: u32,
}

/// A JSON document: its source and the positions of all values in it.
#[derive(Debug)]
pub struct JsonDocument<'a> {
    pub(super) source: &'a str,
    pub(super) nodes: Vec<Node>,
}

impl<'a> JsonDocument<'a> {
    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> JsonValue<'_, 'a> {
        JsonValue {
            document: self,
            index: 0,
        }
    }

    /// Whether any number in the document has a fraction or an exponent.
    #[must_use]
    pub fn has_fraction(&self) -> bool {
        self.nodes
            .iter()
            .any(|node| node.kind == JsonKind::Number { fraction: true })
    }

    pub(super) fn text(&self, span: Span) -> &'a str {
        // The parser made the spans on character boundaries of this very source.
        self.source
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    pub(super) fn name_text(&self, name: Name) -> Cow<'a, str> {
        decode(self.text(name.span), name.escaped)
    }
}

/// One value of a [`JsonDocument`].
#[derive(Clone, Copy, Debug)]
pub struct JsonValue<'d, 'a> {
    document: &'d JsonDocument<'a>,
    index: usize,
}

impl<'d, 'a> JsonValue<'d, 'a> {
    fn node(self) -> Option<Node> {
        self.document.nodes.get(self.index).copied()
    }

    /// What the value is.
    #[must_use]
    pub fn kind(self) -> JsonKind {
        self.node().map_or(JsonKind::Null, |node| node.kind)
    }

    /// The value's text in the source: a number's digits, a string with its quotes, a complete
    /// object.
    #[must_use]
    pub fn source(self) -> &'a str {
        self.node().map_or("", |node| self.document.text(node.span))
    }

    /// The byte range of that text in the document's source.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.node().map_or(0..0, |node| {
            node.span.start as usize..node.span.end as usize
        })
    }

    /// The value's name in its object as in the source, between the quotes; `None` if it is not in
    /// an object.
    #[must_use]
    pub fn name_source(self) -> Option<&'a str> {
        let name = self.node()?.name?;
        Some(self.document.text(name.span))
    }

    /// The source of the whole document.
    #[must_use]
    pub fn document_source(self) -> &'a str {
        self.document.source
    }

    /// Whether the value is an object.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.kind() == JsonKind::Object
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == JsonKind::Null
    }

    /// The digits, if the value is a number without fraction and exponent.
    #[must_use]
    pub fn whole_number(self) -> Option<&'a str> {
        (self.kind() == JsonKind::Number { fraction: false }).then(|| self.source())
    }

    /// The decoded text, if the value is a string. Borrowed unless it contains an escape.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let JsonKind::String { escaped } = self.kind() else {
            return None;
        };
        let quoted = self.source();
        let bare = quoted
            .get(1..quoted.len().saturating_sub(1))
            .unwrap_or_default();
        Some(decode(bare, escaped))
    }

    /// Whether the value is null, `""`, `[]` or `{}`.
    #[must_use]
    pub fn is_empty(self) -> bool {
        match self.kind() {
            JsonKind::Null => true,
            JsonKind::Bool | JsonKind::Number { .. } => false,
            JsonKind::String { .. } => self.source().len() == 2,
            JsonKind::Array | JsonKind::Object => self.members().next().is_none(),
        }
    }

    /// The values inside an array or object, in source order; none for other kinds.
    #[must_use]
    pub fn members(self) -> Members<'d, 'a> {
        let end = self.node().map_or(0, |node| node.next as usize);
        Members {
            document: self.document,
            index: self.index.saturating_add(1),
            end,
        }
    }

    /// The member with this name, if the value is an object that has one.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Self> {
        if self.kind() != JsonKind::Object {
            return None;
        }
        self.members()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    /// The element at this index, if the value is an array that has one.
    #[must_use]
    pub fn at(self, index: usize) -> Option<Self> {
        if self.kind() != JsonKind::Array {
            return None;
        }
        self.members().nth(index).map(|(_, value)| value)
    }
}

/// The values inside a container, with their names; an array's elements have the name `""`.
#[derive(Clone, Debug)]
pub struct Members<'d, 'a> {
    document: &'d JsonDocument<'a>,
    index: usize,
    end: usize,
}

impl<'d, 'a> Iterator for Members<'d, 'a> {
    type Item = (Cow<'a, str>, JsonValue<'d, 'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.index >= self.end {
            return None;
        }
        let node = self.document.nodes.get(self.index)?;
        let value = JsonValue {
            document: self.document,
            index: self.index,
        };
        self.index = node.next as usize;
        let name = node
            .name
            .map_or(Cow::Borrowed(""), |name| self.document.name_text(name));
        Some((name, value))
    }
}
