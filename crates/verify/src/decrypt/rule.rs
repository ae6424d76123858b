//! What to decrypt, how, and where to put the clear text: as data.

use once_cell::sync::Lazy;

use super::cipher::Cipher;
use super::path::Path;

/// What to decrypt, how, and where to put the clear text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its name in configurations.
    pub name: String,
    /// The values whose clear text goes into the body.
    pub paths: Vec<Path>,
    /// Where in the body it goes.
    pub output: Output,
    /// The values whose clear text goes into headers.
    pub headers: Vec<HeaderPath>,
    /// How they are encrypted.
    pub cipher: Cipher,
    /// The encoding of the cipher text.
    pub encoding: Encoding,
    /// Where the IV (GCM's nonce) is. Required if the cipher needs one.
    pub iv: Option<Iv>,
    /// Where GCM's associated data is; if `None`, it is empty.
    pub aad: Option<SiblingField>,
    /// What the clear text is.
    pub content: ContentKind,
    /// What to do with a callback that has a value that cannot be decrypted.
    pub on_failure: OnDecryptFailure,
}

/// Where in the body the clear text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// In place of the encrypted value.
    InPlace,
    /// After it, as a member of the same object; its name is the value's name with this suffix.
    Beside(String),
}

/// A header that gets the clear text of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderPath {
    /// The header, in the operator's spelling.
    pub header: String,
    /// The value; there is no header if the path leads to several.
    pub path: Path,
}

impl HeaderPath {
    /// A header that gets the value at this path.
    #[must_use]
    pub fn new(header: impl Into<String>, path: Path) -> Self {
        Self {
            header: header.into(),
            path,
        }
    }
}

/// How bytes are encoded in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Standard alphabet, padded, no white space (RFC 4648, section 4).
    Base64,
    /// Two digits for each byte, in either case.
    Hex,
    /// Not encoded: the field's text is the bytes. Not for cipher text.
    Text,
}

/// Another field in the same object as the encrypted value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiblingField {
    /// Its name.
    pub field: String,
    /// The encoding of its bytes.
    pub encoding: Encoding,
}

impl SiblingField {
    /// A field with this name and encoding.
    #[must_use]
    pub fn new(field: impl Into<String>, encoding: Encoding) -> Self {
        Self {
            field: field.into(),
            encoding,
        }
    }
}

/// Where an IV is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Iv {
    /// In a field next to the value.
    Sibling(SiblingField),
    /// Before the cipher text.
    Prefix,
    /// Always these bytes. Not for GCM, where reusing a nonce breaks it.
    Fixed(Vec<u8>),
}

/// What the clear text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentKind {
    /// UTF-8 without control characters except tabs and line ends. Anything else counts as not
    /// decrypted.
    Text,
    /// Bytes, which the backend gets in base64.
    Binary,
}

/// What to do with a callback that has a value that cannot be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnDecryptFailure {
    /// Forward it with the value unchanged, and a header that names it.
    Keep,
    /// Refuse it.
    Reject,
}

static BUILT_IN: Lazy<Vec<Rule>> = Lazy::new(|| vec![sgate_sensitive()]);

impl Rule {
    /// A rule for base64 values whose UTF-8 clear text replaces them. Values that cannot be
    /// decrypted stay. Set the fields for providers that differ, and [`Rule::iv`] for AES.
    #[must_use]
    pub fn new(name: impl Into<String>, cipher: Cipher, paths: Vec<Path>) -> Self {
        Self {
            name: name.into(),
            paths,
            output: Output::InPlace,
            headers: Vec::new(),
            cipher,
            encoding: Encoding::Base64,
            iv: None,
            aad: None,
            content: ContentKind::Text,
            on_failure: OnDecryptFailure::Keep,
        }
    }

    /// The rules that come with Countersign.
    #[must_use]
    pub fn built_in() -> &'static [Self] {
        &BUILT_IN
    }
}

/// The sensitive fields of SGate's customer record, also nested under `custominfo`: text of any
/// length in blocks of 245 bytes, each encrypted to 256 bytes.
fn sgate_sensitive() -> Rule {
    let paths = ["identity", "identitypic", "cardno", "stcaccount"]
        .iter()
        .filter_map(|field| Path::parse(&format!("$.data..{field}")).ok());
    Rule::new("sgate-sensitive", Cipher::RsaPkcs1v15, paths.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rule_has_all_of_its_paths() {
        assert_eq!(sgate_sensitive().paths.len(), 4);
    }
}
