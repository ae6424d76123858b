//! Bodies that are JSON objects.

use super::media_types::{MediaTypes, is_form_like};
use crate::json::{JsonDocument, JsonError, JsonErrorKind, parse_within};
use crate::memory::{MemoryBudget, OutOfMemory};
use crate::reason::{At, Reason, Rejection, VerifyError};

/// The content types of JSON.
pub(super) const MEDIA_TYPES: MediaTypes = MediaTypes {
    fits: is_json,
    unlabelled: true,
    otherwise: Reason::ContentTypeNotJson,
};

fn is_json(media_type: &str) -> bool {
    let is_type = media_type.ends_with("/json") || media_type.ends_with("+json");
    is_type && !is_form_like(media_type)
}

/// Parses a JSON object, and refuses anything that parsers read differently.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    memory: &mut dyn MemoryBudget,
) -> Result<JsonDocument<'a>, VerifyError> {
    let document = parse_within(bytes, memory)?;
    if !document.root().is_object() {
        return Err(Reason::JsonNotObject.into());
    }
    Ok(document)
}

impl From<JsonError> for VerifyError {
    fn from(error: JsonError) -> Self {
        let reason = match error.kind {
            JsonErrorKind::OutOfMemory => return OutOfMemory.into(),
            JsonErrorKind::Empty => return Reason::BodyEmpty.into(),
            JsonErrorKind::NotUtf8 => Reason::BodyNotUtf8,
            JsonErrorKind::ByteOrderMark => Reason::JsonByteOrderMark,
            JsonErrorKind::TrailingBytes => Reason::JsonTrailingBytes,
            JsonErrorKind::LoneSurrogate => Reason::JsonLoneSurrogate,
            JsonErrorKind::TooDeep => Reason::JsonTooDeep,
            JsonErrorKind::RepeatedName => Reason::FieldRepeated,
            JsonErrorKind::Syntax | JsonErrorKind::TooLarge => Reason::JsonInvalid,
        };
        Rejection::at(reason, At::BodyByte(error.at)).into()
    }
}
