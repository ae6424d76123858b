//! A strict reader of flat XML: a root whose elements have text only. It keeps every byte's position.
//!
//! It refuses what parsers read differently, and what no flat message needs: document types and
//! entities (other files, a billion laughs), attributes, namespaces, nested elements, comments and
//! processing instructions, text beside a CDATA section, and elements of one name.
//!
//! Why no library reads it: what is left is a tenth of XML. quick-xml and xml-rs do not check what a
//! well-formed document needs, roxmltree does, but builds a tree of everything above before it can be
//! refused, in memory that nobody was asked for. The tests hold this reader to roxmltree.

mod xml_document;
mod xml_parser;

use super::media_types::{MediaTypes, is_form_like};
use crate::memory::{MemoryBudget, OutOfMemory};
use crate::reason::{At, Reason, Rejection, VerifyError};

pub use xml_document::{XmlDocument, XmlElement, XmlElements};
use xml_document::{XmlError, XmlErrorKind};
pub use xml_parser::MAX_ELEMENTS;

/// The content types of XML.
pub(super) const MEDIA_TYPES: MediaTypes = MediaTypes {
    fits: is_xml,
    unlabelled: true,
    otherwise: Reason::ContentTypeNotXml,
};

fn is_xml(media_type: &str) -> bool {
    let is_type = matches!(media_type, "text/xml" | "application/xml");
    is_type || media_type.ends_with("+xml") && !is_form_like(media_type)
}

impl<'a> XmlDocument<'a> {
    /// Reads a document, within the memory that `memory` grants, which stays reserved.
    ///
    /// # Errors
    /// If it is not flat XML in UTF-8 that every parser reads alike, or there is not enough memory.
    pub fn read(bytes: &'a [u8], memory: &mut dyn MemoryBudget) -> Result<Self, VerifyError> {
        if bytes.is_empty() {
            return Err(Reason::BodyEmpty.into());
        }
        xml_parser::parse(bytes, memory).map_err(VerifyError::from)
    }
}

impl From<XmlError> for VerifyError {
    fn from(error: XmlError) -> Self {
        let reason = match error.kind {
            XmlErrorKind::OutOfMemory => return OutOfMemory.into(),
            XmlErrorKind::NotUtf8 => Reason::BodyNotUtf8,
            XmlErrorKind::Syntax => Reason::XmlInvalid,
            XmlErrorKind::NotFlat => Reason::XmlNotFlat,
            XmlErrorKind::Forbidden => Reason::XmlForbidden,
            XmlErrorKind::TooManyElements => Reason::TooManyFields,
            XmlErrorKind::Repeated => Reason::FieldRepeated,
        };
        Rejection::at(reason, At::BodyByte(error.at)).into()
    }
}

#[cfg(test)]
mod tests;
