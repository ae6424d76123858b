//! Why a value was not decrypted.

/// Why a value was not decrypted.
///
/// Whatever depends on the key is one: [`Failure::NotDecrypted`]. All others anybody can tell who
/// sees the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// A number, a list, an object or the like.
    #[error("it is not a string")]
    NotText,
    /// Not written as the rule says.
    #[error("it is not the base64 or hexadecimal text that the rule says it is")]
    NotEncoded,
    /// Not whole blocks, or less than there must be.
    #[error("its length is not that of any key's cipher text")]
    WrongLength,
    /// The header that picks the keys is missing, repeated or unknown.
    #[error("no key is there for this callback")]
    NoKey,
    /// The field with the IV, the nonce or the associated data is missing or malformed.
    #[error("the IV, nonce or associated data beside it is missing or malformed")]
    NoIv,
    /// Too many private operations.
    #[error("it takes more private operations than are left of the callback's limit")]
    TooMany,
    /// Padding, tag or clear text is wrong: another key, or damaged.
    #[error("it does not decrypt")]
    NotDecrypted,
    /// The object has a member of the name that the clear text would get.
    #[error("its object has a member of the name that the clear text would get")]
    NameTaken,
    /// The clear text is longer than a header may be.
    #[error("its clear text is too long for a header")]
    TooLong,
    /// A header's path leads to several values.
    #[error("the path of a header leads to several values")]
    Several,
    /// The body is not a JSON object that every parser reads alike, or has too many values.
    #[error(
        "the body is no JSON object that every parser reads alike, or has too many such values"
    )]
    Unread,
}
