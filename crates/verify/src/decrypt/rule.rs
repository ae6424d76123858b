//! What is decrypted, how, and where the clear text goes: as data.

use once_cell::sync::Lazy;

use super::cipher::Cipher;
use super::path::Path;

/// What is decrypted, how, and where the clear text goes.
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
    /// How the cipher text is written.
    pub encoding: Encoding,
    /// Where the IV (GCM's nonce) is. There is one where the cipher takes it.
    pub iv: Option<Iv>,
    /// Where GCM's associated data is; none: it is empty.
    pub aad: Option<Sibling>,
    /// What the clear text is.
    pub content: ContentKind,
    /// What becomes of a callback with a value that does not decrypt.
    pub on_failure: OnFailure,
}

/// Where in the body the clear text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// In the place of the encrypted value.
    InPlace,
    /// Behind it, as a member of the same object whose name is the value's and this.
    Beside(String),
}

/// A header that gets the clear text of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderPath {
    /// The header, spelled as the operator did.
    pub header: String,
    /// The value; there is no header if the path leads to several.
    pub path: Path,
}

impl HeaderPath {
    /// A header that gets the value at that path.
    #[must_use]
    pub fn new(header: impl Into<String>, path: Path) -> Self {
        Self {
            header: header.into(),
            path,
        }
    }
}

/// How bytes are written in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Standard alphabet, padded, no white space (RFC 4648, section 4).
    Base64,
    /// Two digits a byte, either case.
    Hex,
    /// As they are: the field's text is the bytes. Not for cipher text.
    Text,
}

/// Another field of the object that the encrypted value is in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sibling {
    /// Its name.
    pub field: String,
    /// How its bytes are written.
    pub encoding: Encoding,
}

impl Sibling {
    /// A field of that name, written so.
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
    /// In a field beside the value.
    Sibling(Sibling),
    /// In front of the cipher text.
    Prefix,
    /// Always these bytes. Not for GCM, which a nonce used twice breaks.
    Fixed(Vec<u8>),
}

/// What the clear text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentKind {
    /// UTF-8 without control characters but tabs and line ends. Anything else counts as not
    /// decrypted.
    Text,
    /// Bytes, which the backend gets in base64.
    Binary,
}

/// What becomes of a callback with a value that does not decrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// It goes to the backend with the value as it is, and a header that names it.
    Keep,
    /// It is refused.
    Reject,
}

static BUILT_IN: Lazy<Vec<Rule>> = Lazy::new(|| vec![sgate_sensitive()]);

impl Rule {
    /// A rule for values in base64 whose clear text, UTF-8, takes their place. What does not decrypt stays.
    /// Set the fields where a provider does otherwise; [`Rule::iv`] for AES.
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
            on_failure: OnFailure::Keep,
        }
    }

    /// The rules that come with Countersign.
    #[must_use]
    pub fn built_in() -> &'static [Self] {
        &BUILT_IN
    }
}

/// The sensitive fields of SGate's customer record, also nested under `custominfo`: text of any
/// length in blocks of 245 bytes, each of which makes one of 256.
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
