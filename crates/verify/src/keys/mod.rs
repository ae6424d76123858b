//! Keys for verification: how they are decoded, which of them may have signed a callback, and how
//! each kind of key verifies a signature.
//!
//! A kind is a module that implements `VerifyingKey`; public keys also have a line in `PUBLIC_KINDS`.

mod decode;
mod key;
mod key_error;
mod rsa;
mod set;
mod verifying_key;

pub use key::Key;
pub use key_error::KeyError;
pub use set::KeySet;

pub use self::rsa::Engine;

use x509_cert::der::asn1::ObjectIdentifier;

use verifying_key::VerifyingKey;

/// Decodes a key from its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), as DER.
type ReadPublicKey = fn(&[u8]) -> Result<Box<dyn VerifyingKey>, KeyError>;

/// The kinds of public keys, by their algorithm identifier in a SubjectPublicKeyInfo.
const PUBLIC_KINDS: &[(ObjectIdentifier, ReadPublicKey)] =
    &[(self::rsa::OID, self::rsa::from_spki)];
