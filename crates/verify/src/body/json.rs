//! Bodies that are JSON objects.

use super::MediaTypes;
use crate::json::{JsonDocument, JsonError, JsonErrorKind, parse_within};
use crate::memory::{MemoryBudget, OutOfMemory};
use crate::reason::{At, Reason, Rejection, VerifyError};

/// The content types of JSON.
pub(super) const MEDIA_TYPES: MediaTypes = MediaTypes {
    fits: is_json,
    otherwise: Reason::ContentTypeNotJson,
};

/// Some backends check only the beginning of a form's content type.
fn is_json(media_type: &str) -> bool {
    let forms = ["multipart/", "application/x-www-form-urlencoded"];
    let is_form = forms.iter().any(|form| media_type.starts_with(form));
    (media_type.ends_with("/json") || media_type.ends_with("+json")) && !is_form
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
