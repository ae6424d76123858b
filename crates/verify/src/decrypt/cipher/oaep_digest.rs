//! The digests of OAEP.

/// A digest of OAEP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OaepDigest {
    /// SHA-1, which is safe in OAEP: it needs no collision resistance there.
    Sha1,
    /// SHA-256.
    Sha256,
}
