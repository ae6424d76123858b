//! What a signature holds, in words.

use crate::verify::Digest;
use crate::verify::keys::OpenedSignature;

/// In words, for the list of keys.
pub(super) fn told(opened: &OpenedSignature) -> String {
    match opened {
        OpenedSignature::Digest(digest, bytes) => {
            format!("opened: {} {}", name(*digest), hex(bytes))
        }
        OpenedSignature::DigestWithoutNull(digest, bytes) => {
            format!(
                "opened: {} {}, in a DigestInfo without NULL",
                name(*digest),
                hex(bytes)
            )
        }
        OpenedSignature::Bare(bytes) => format!("opened: {} bytes without DigestInfo", bytes.len()),
        OpenedSignature::Pss(digest) => format!("opened: RSASSA-PSS with {}", name(*digest)),
        _ => "opened: noise".to_owned(),
    }
}

/// The name that people know a digest by.
pub(super) const fn name(digest: Digest) -> &'static str {
    match digest {
        Digest::Md5 => "MD5",
        Digest::Sha1 => "SHA-1",
        Digest::Sha256 => "SHA-256",
        Digest::Sha384 => "SHA-384",
        Digest::Sha512 => "SHA-512",
        Digest::Sha3_256 => "SHA3-256",
        _ => "another digest",
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
