//! Why a value was not decrypted.

/// Why a value was not decrypted.
///
/// Whatever depends on the key is a single case, [`DecryptFailure::NotDecrypted`]. Everybody who sees the
/// body can tell the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptFailure {
    /// A number, a list, an object or the like.
    #[error("it is not a string")]
    NotText,
    /// Not in the encoding that the rule names.
    #[error("it is not base64 or hexadecimal text, as the rule requires")]
    NotEncoded,
    /// Not whole blocks, or too short.
    #[error("its length does not fit any key")]
    WrongLength,
    /// The header that selects the keys is missing, repeated or unknown.
    #[error("there is no key for this callback")]
    NoKey,
    /// The field with the IV, the nonce or the associated data is missing or malformed.
    #[error("the field with its IV, nonce or associated data is missing or malformed")]
    NoIv,
    /// Too many private-key operations.
    #[error("it needs more private-key operations than the callback's limit leaves")]
    TooMany,
    /// Padding, tag or clear text is wrong: the key is another one, or the value is damaged.
    #[error("it cannot be decrypted")]
    NotDecrypted,
    /// The object already has a member with the name for the clear text.
    #[error("its object already has a member with the name for the clear text")]
    NameTaken,
    /// The clear text is longer than a header may be.
    #[error("its clear text is too long for a header")]
    TooLong,
    /// A header's path leads to several values.
    #[error("the path of a header leads to several values")]
    Several,
    /// The body is not a JSON object that every parser reads alike, or has too many values.
    #[error(
        "the body is not a JSON object that every parser reads alike, or has too many values to \
         decrypt"
    )]
    Unread,
}
