//! What a signature holds, in words.

use crate::verify::Digest;
use crate::verify::keys::{OpenedSignature, PssPadding};

/// In words, for the list of keys.
pub(super) fn told(opened: &OpenedSignature) -> String {
    match opened {
        OpenedSignature::Digest(digest, bytes) => {
            format!(
                "decrypted with it, the signature holds {} {}",
                name(*digest),
                hex(bytes)
            )
        }
        OpenedSignature::DigestWithoutNull(digest, bytes) => {
            format!(
                "decrypted with it, the signature holds {} {}, in a DigestInfo without NULL",
                name(*digest),
                hex(bytes)
            )
        }
        OpenedSignature::OtherDigest(name) => {
            format!("decrypted with it, the signature holds a digest of {name}")
        }
        OpenedSignature::Bare(bytes) => format!(
            "decrypted with it, the signature holds {} bytes without DigestInfo",
            bytes.len()
        ),
        OpenedSignature::Pss(all) => match all.first().filter(|pss| pss.is_certain()) {
            Some(pss) => format!("decrypted with it, the signature is {}", told_pss(pss)),
            None => "decrypted with it, the signature may be RSASSA-PSS".to_owned(),
        },
        OpenedSignature::OtherPadding(standard) => {
            format!("decrypted with it, the signature has the padding of {standard}")
        }
        _ => "decrypting the signature with it gives random data".to_owned(),
    }
}

/// RSASSA-PSS with what belongs to it.
pub(super) fn told_pss(pss: &PssPadding) -> String {
    let salt = pss.salt_length();
    let mask = match pss.mask == pss.hash {
        true => String::new(),
        false => format!(", MGF1 with {}", pss.mask),
    };
    format!(
        "RSASSA-PSS with {}{mask} and a salt of {salt} bytes",
        pss.hash
    )
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
