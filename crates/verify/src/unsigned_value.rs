//! What a scheme names and its signature does not cover.

/// A value that a scheme names and its signature does not cover: an attacker can change it in a
/// captured callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsigned {
    /// The body, and so every field in it.
    Body,
    /// The timestamp.
    Timestamp,
    /// The nonce.
    Nonce,
    /// What names the merchant or the key.
    KeyId,
    /// The field that names the event, in a body that is not signed.
    Event,
}
