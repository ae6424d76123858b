//! A strict reader of forms (`application/x-www-form-urlencoded`) that keeps every byte's position.
//!
//! It refuses what parsers read differently: a percent code without two digits (PHP keeps it, Java
//! throws), `;`, at which older parsers in Python and Ruby divide, NUL, at which PHP and C end a name,
//! a part without `=`, and names that PHP takes for one (`php_names`). All parsers skip empty parts
//! (`a=1&&b=2&`), and so does this one.

mod form_document;
mod form_parser;
mod php_names;

use super::charset::Charset;
use super::media_types::MediaTypes;
use crate::memory::{MemoryBudget, OutOfMemory};
use crate::reason::{At, Reason, Rejection, VerifyError};

pub use form_document::{FormDocument, FormPair, FormPairs, Repeats};
pub(super) use form_document::{FormError, FormErrorKind};
pub use form_parser::MAX_PAIRS;
pub(super) use form_parser::{Lenience, parse};
pub(super) use php_names::{repeated, shared_name};

/// The content type of forms. Without it, and with `text/plain`, no backend shows any fields.
pub(super) const MEDIA_TYPES: MediaTypes = MediaTypes {
    fits: |media_type| media_type == "application/x-www-form-urlencoded",
    unlabelled: false,
    otherwise: Reason::ContentTypeNotForm,
};

impl<'a> FormDocument<'a> {
    /// Reads a form in this character set, within the memory that `memory` grants, which stays
    /// reserved.
    ///
    /// # Errors
    /// If parsers read it differently, or there is not enough memory.
    pub fn read(
        bytes: &'a [u8],
        charset: Charset,
        repeats: Repeats,
        memory: &mut dyn MemoryBudget,
    ) -> Result<Self, VerifyError> {
        if bytes.is_empty() {
            return Err(Reason::BodyEmpty.into());
        }
        let form = parse(bytes, 0, charset, Lenience::Body, memory);
        let form = form.map_err(|error| error.of_body(charset))?;
        match repeated(&form, repeats, memory)? {
            None => Ok(form),
            Some(pair) => {
                let at = At::BodyByte(pair.name.place().start);
                Err(Rejection::at(Reason::FieldRepeated, at).into())
            }
        }
    }
}

impl FormError {
    fn of_body(self, charset: Charset) -> VerifyError {
        let reason = match self.kind {
            FormErrorKind::OutOfMemory => return OutOfMemory.into(),
            FormErrorKind::NotInCharset if charset == Charset::Utf8 => Reason::BodyNotUtf8,
            FormErrorKind::NotInCharset => Reason::BodyNotInCharset,
            FormErrorKind::TooManyPairs => Reason::TooManyFields,
            FormErrorKind::Syntax => Reason::FormInvalid,
        };
        Rejection::at(reason, At::BodyByte(self.at)).into()
    }
}

#[cfg(test)]
mod tests;
