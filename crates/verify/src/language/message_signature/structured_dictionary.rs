//! Dictionaries of Structured Fields (RFC 8941), which have one reading.

use http::{HeaderMap, HeaderName};
use sfv::{Dictionary, FieldType, Parser, Version};

use crate::language::value_fault::ValueFault;

/// The dictionary in all lines of a header.
pub(super) fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Dictionary, ValueFault> {
    let mut text = String::new();
    for (nth, value) in headers.get_all(name).iter().enumerate() {
        if nth > 0 {
            text.push_str(", ");
        }
        text.push_str(value.to_str().map_err(|_| ValueFault::Malformed)?);
    }
    if text.is_empty() {
        return Err(ValueFault::Missing);
    }
    let parser = Parser::new(&text).with_version(Version::Rfc8941);
    let dictionary = parser.parse::<Dictionary>();
    let dictionary = dictionary.map_err(|_| ValueFault::Malformed)?;
    let written = dictionary.serialize().ok_or(ValueFault::Malformed)?;
    // Of a name that occurs twice, the parser keeps one value, and of base64 it drops bits: others
    // could read something else.
    if significant(&written).eq(significant(&text)) {
        Ok(dictionary)
    } else {
        Err(ValueFault::Malformed)
    }
}

/// The characters without the white space outside of strings.
fn significant(text: &str) -> impl Iterator<Item = u8> {
    let mut in_string = false;
    let mut is_escaped = false;
    text.bytes().filter(move |byte| {
        if in_string {
            in_string = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
            return true;
        }
        in_string = *byte == b'"';
        !matches!(byte, b' ' | b'\t')
    })
}
