//! Who signs a request, and why there is no signed callback.

use super::place_value::PlaceError;
use crate::algorithm::{Algorithm, KeyKind};
use crate::keys::Key;
use crate::policy::VerifyPolicy;
use crate::reason::Rejection;

/// Makes signatures with a private key.
pub trait ContentSigner {
    /// The signature over the content; of ECDSA `r || s`. `None` if the key makes none of this algorithm.
    fn sign(&self, algorithm: Algorithm, content: &[u8]) -> Option<Vec<u8>>;
}

/// Who signs, and when.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct SigningInput<'s> {
    /// What the callback is verified with in the end. One of its keys is `key`, or the root of `chain`.
    pub policy: &'s VerifyPolicy,
    /// The secret, or the public key of `signer`.
    pub key: &'s Key,
    /// The private key, for algorithms that need one.
    pub signer: Option<&'s dyn ContentSigner>,
    /// The time now, in Unix seconds, for a request that has no time.
    pub now: i64,
    /// Another time, also for a request that has one.
    pub at: Option<i64>,
    /// A nonce that nobody used, for a request that has none.
    pub fresh_nonce: &'s str,
    /// Another nonce, also for a request that has one.
    pub nonce: Option<&'s str>,
    /// What names the key, also for a request that names one.
    pub key_id: Option<&'s str>,
    /// What names the key for a request that does not. The default is the id of `key`.
    pub usual_key_id: Option<&'s str>,
    /// The claims of a JWS, as JSON.
    pub claims: Option<&'s [u8]>,
    /// The certificate of the private key, and those that lead to its root, as DER: for a scheme whose
    /// callbacks bring them.
    pub chain: &'s [Vec<u8>],
}

impl<'s> SigningInput<'s> {
    /// Signs now, with a secret.
    #[must_use]
    pub const fn new(
        policy: &'s VerifyPolicy,
        key: &'s Key,
        now: i64,
        fresh_nonce: &'s str,
    ) -> Self {
        Self {
            policy,
            key,
            signer: None,
            now,
            at: None,
            fresh_nonce,
            nonce: None,
            key_id: None,
            usual_key_id: None,
            claims: None,
            chain: &[],
        }
    }
}

/// A change to a signed callback that a receiver must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tampering<'t> {
    /// One bit of the signature is another.
    FlippedSignature,
    /// The signature is empty.
    EmptySignature,
    /// The time is this one, in Unix seconds; the signature stays.
    OtherTime(i64),
    /// The nonce is this one; the signature stays.
    OtherNonce(&'t str),
}

/// Why there is no signed callback.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The scheme's algorithm is for keys of another kind.
    #[error("the scheme signs with {needed}, and the key is {given}")]
    WrongKey {
        /// The kind that is needed.
        needed: KeyKind,
        /// The kind that is there.
        given: KeyKind,
    },
    /// The private key is not there, or makes no such signatures.
    #[error("the scheme signs with {0}: its private key is needed, and one that is long enough")]
    NoSigner(&'static str),
    /// Callbacks bring a certificate, and there is none.
    #[error(
        "the callback must bring a certificate of its private key, up to a root that the receiver trusts"
    )]
    NoCertificate,
    /// The time is in no calendar.
    #[error("the time {0} cannot be written")]
    Time(i64),
    /// Something cannot be written into the request.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The content cannot be built of the request.
    #[error("the signed content cannot be built: {0}")]
    Content(Rejection),
    /// A receiver would refuse the callback.
    #[error("a receiver would refuse the callback: {0}")]
    Refused(Rejection),
}
