//! Public keys where a secret is expected: everybody could sign with one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rsa::pkcs8::SubjectPublicKeyInfoRef;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::decode::{ED25519_PREFIX, as_utf8, contains, from_der};
use super::{KeyError, jwk};
use crate::hex::decode_hex;

const PEM: &[u8] = b"-----BEGIN ";

/// How OpenSSH begins a line with a public key.
const OPENSSH: [&[u8]; 3] = [b"ssh-", b"ecdsa-sha2-", b"sk-"];

/// Whether these bytes are a public key or a certificate, in whichever form, and so no secret. Any PEM counts as one.
/// What may be the 32 bytes of an Ed25519 key does not: most secrets look the same.
#[must_use]
pub fn is_public_key(bytes: &[u8]) -> bool {
    let text = as_utf8(bytes);
    let text = text.trim_ascii();
    if text.first() == Some(&b'{') {
        return match jwk::read(text) {
            Ok(keys) => keys.iter().any(|key| key.kind.secret().is_none()),
            Err(error) => matches!(error, KeyError::Unusable(_)),
        };
    }
    let is_openssh = |begin: &&[u8]| text.starts_with(begin) && contains(text, b" AAAA");
    if contains(text, PEM) || text.starts_with(ED25519_PREFIX) || OPENSSH.iter().any(is_openssh) {
        return true;
    }
    let binary = [
        decode_hex(&String::from_utf8_lossy(text)),
        from_base64(text),
    ];
    binary
        .into_iter()
        .flatten()
        // A byte at the end of DER may look like white space.
        .chain([bytes.to_vec()])
        .any(|bytes| contains(&bytes, PEM) || is_public_der(&bytes))
}

/// Base64 in either alphabet, with or without padding and line ends.
fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(text);
    let text: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace() && *c != '=')
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    STANDARD_NO_PAD.decode(text).ok()
}

/// Of any kind: that of a key need not be supported.
fn is_public_der(der: &[u8]) -> bool {
    matches!(from_der(der), Ok(_) | Err(KeyError::Unusable(_)))
        || SubjectPublicKeyInfoRef::from_der(der).is_ok()
        || Certificate::from_der(der).is_ok()
}
