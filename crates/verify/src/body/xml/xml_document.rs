//! A document that was read, and the elements in it.

use crate::body::body_text::{BodyText, Writing};

/// Flat XML: its source and the places of all elements in its root.
#[derive(Debug)]
pub struct XmlDocument<'a> {
    pub(super) source: &'a str,
    pub(super) root: (u32, u32),
    pub(super) elements: Vec<ElementSpan>,
}

/// An element: its name and its text.
#[derive(Clone, Copy, Debug)]
pub struct XmlElement<'a> {
    /// The name.
    pub name: &'a str,
    /// The text.
    pub value: BodyText<'a>,
}

impl<'a> XmlDocument<'a> {
    /// The name of the root.
    #[must_use]
    pub fn root_name(&self) -> &'a str {
        self.span(self.root)
    }

    /// The elements in body order.
    #[must_use]
    pub fn elements(&self) -> XmlElements<'_, 'a> {
        XmlElements {
            document: self,
            elements: self.elements.iter(),
        }
    }

    /// The text of the element with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<BodyText<'a>> {
        let found = self.elements().find(|element| element.name == name);
        found.map(|element| element.value)
    }

    /// Its bytes.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.source
    }

    fn element(&self, element: ElementSpan) -> XmlElement<'a> {
        XmlElement {
            name: self.span(element.name),
            value: BodyText {
                raw: self.span(element.value),
                start: element.value.0 as usize,
                writing: if element.has_references {
                    Writing::References
                } else {
                    Writing::Plain
                },
            },
        }
    }

    pub(super) fn span(&self, (start, end): (u32, u32)) -> &'a str {
        // The parser made the spans on character boundaries of this very source.
        self.source
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }
}

/// The elements of a document.
#[derive(Clone, Debug)]
pub struct XmlElements<'d, 'a> {
    document: &'d XmlDocument<'a>,
    elements: std::slice::Iter<'d, ElementSpan>,
}

impl<'a> Iterator for XmlElements<'_, 'a> {
    type Item = XmlElement<'a>;

    fn next(&mut self) -> Option<XmlElement<'a>> {
        let element = self.elements.next()?;
        Some(self.document.element(*element))
    }
}

/// Why a body is not flat XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum XmlErrorKind {
    NotUtf8,
    /// Not well-formed.
    Syntax,
    /// Well-formed so far, but with more than elements with text.
    NotFlat,
    /// Something that is not read at all.
    Forbidden,
    TooManyElements,
    Repeated,
    OutOfMemory,
}

/// Why a body is not flat XML, and the byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct XmlError {
    pub(super) kind: XmlErrorKind,
    pub(super) at: usize,
}

/// An element in the root, 20 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct ElementSpan {
    pub(super) name: (u32, u32),
    /// What is between its tags, or in its CDATA section.
    pub(super) value: (u32, u32),
    pub(super) has_references: bool,
}
