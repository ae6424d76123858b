//! Keys for verification: how they are decoded, which of them may have signed a callback, and how
//! each kind of key verifies a signature.
//!
//! A kind is a module that implements `VerifyingKey`; public keys also have a line in `PUBLIC_KINDS`.

mod decode;
mod ec;
mod ed25519;
mod engine;
#[cfg_attr(not(feature = "aws-lc-rs"), path = "no_fast.rs")]
mod fast;
mod jwk;
mod key;
mod key_certificate;
mod key_error;
mod mac;
mod mistaken_secret;
mod opened_signature;
mod pss_padding;
mod public_key;
mod rsa_public_key;
mod secret;
mod secret_key;
mod set;
mod verifying_key;

pub use engine::Engine;
pub use key::Key;
pub use key_error::{JwkError, KeyError};
pub use mac::{DigestCheck, MacKey, is_same_secret};
pub use mistaken_secret::is_public_key;
pub use opened_signature::OpenedSignature;
pub use pss_padding::PssPadding;
pub use secret::Secret;
pub use set::KeySet;

use x509_cert::der::asn1::ObjectIdentifier;

use verifying_key::VerifyingKey;

/// Decodes a key from its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), as DER.
type ReadPublicKey = fn(&[u8]) -> Result<Box<dyn VerifyingKey>, KeyError>;

/// The kinds of public keys, by their algorithm identifier in a SubjectPublicKeyInfo.
const PUBLIC_KINDS: &[(ObjectIdentifier, ReadPublicKey)] = &[
    (rsa_public_key::OID, rsa_public_key::from_spki),
    (ec::OID, ec::from_spki),
    (self::ed25519::OID, self::ed25519::from_spki),
];
