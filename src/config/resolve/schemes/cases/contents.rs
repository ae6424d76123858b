//! Bytes in a case: text, base64, or a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::config::reader::{Table, Text};
use crate::config::resolve::files::plain_file;

/// Bytes as they are written.
pub(super) enum WrittenContents<'a> {
    Here(Vec<u8>),
    File(Text<'a>),
}

/// What one of these keys holds, of which at most one may be set; `Some(None)` if none is.
pub(super) fn any_of<'a, const N: usize>(
    table: &Table<'a>,
    keys: &[&'static str; N],
) -> Option<Option<WrittenContents<'a>>> {
    if !keys.iter().any(|key| table.has(key)) {
        return Some(None);
    }
    let (key, value) = table.require_one(*keys, "")?;
    let text = value.text()?;
    let contents = if key.ends_with("_file") {
        text.not_empty()?;
        WrittenContents::File(text)
    } else if key.ends_with("_base64") {
        WrittenContents::Here(decoded(text)?)
    } else {
        WrittenContents::Here(text.text.as_bytes().to_vec())
    };
    Some(Some(contents))
}

fn decoded(text: Text<'_>) -> Option<Vec<u8>> {
    let digits: String = text.text.split_ascii_whitespace().collect();
    STANDARD.decode(digits).ok().or_else(|| {
        text.error("invalid base64", "it cannot be decoded")
            .help("write what `base64` prints; line ends do not matter")
            .report()
    })
}

impl WrittenContents<'_> {
    pub(super) fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Here(bytes) => Some(bytes),
            Self::File(text) => plain_file(text),
        }
    }
}
