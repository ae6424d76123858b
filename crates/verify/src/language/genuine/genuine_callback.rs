//! What a verification finds.

use crate::keys::Key;

/// What a genuine callback presented.
#[derive(Debug)]
#[non_exhaustive]
pub struct Genuine<'k> {
    /// The key that signed it.
    pub key: &'k Key,
    /// When it was signed, in Unix seconds, if the scheme has a timestamp.
    pub timestamp: Option<i64>,
    /// When the signature ends, in Unix seconds, if it is one of RFC 9421 that says so.
    pub expires: Option<i64>,
    /// The nonce, if the scheme has one.
    pub nonce: Option<String>,
    /// What named the key, if the scheme has it.
    pub key_id: Option<String>,
    /// The signed bytes; of several items, one on each line. Of content with a secret in it, the
    /// SHA-256 digest.
    pub content: Vec<u8>,
    /// How many items the callback has, if the scheme signs each of them; 1 otherwise.
    pub items: usize,
    /// Which of the scheme's contents was signed, counted from 0.
    pub(crate) nth: usize,
    /// The field that could have been signed as another, if there is one.
    pub(crate) ambiguous_field: Option<String>,
}
