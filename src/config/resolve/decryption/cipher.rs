//! How values are encrypted.

use crate::config::diagnostic::Diagnostic;
use crate::config::reader::Table;
use crate::decrypt::{Cipher, OaepDigest};

pub(super) fn cipher(table: &Table<'_>) -> Option<Cipher> {
    let cipher = table
        .require(
            "cipher",
            "add `cipher = \"rsa-pkcs1-v1_5\"`, or what the provider's document says",
        )
        .and_then(|value| {
            value.one_of(&[
                ("rsa-pkcs1-v1_5", Cipher::RsaPkcs1v15),
                ("rsa-oaep-sha1", oaep(OaepDigest::Sha1)),
                ("rsa-oaep-sha256", oaep(OaepDigest::Sha256)),
                ("aes-128-gcm", Cipher::AesGcm { bits: 128 }),
                ("aes-256-gcm", Cipher::AesGcm { bits: 256 }),
                ("aes-128-cbc", Cipher::AesCbc { bits: 128 }),
                ("aes-256-cbc", Cipher::AesCbc { bits: 256 }),
            ])
        });
    let mgf1 = table.optional("mgf1", |value| {
        value.one_of(&[("sha1", OaepDigest::Sha1), ("sha256", OaepDigest::Sha256)])
    })?;
    match (cipher?, mgf1) {
        (Cipher::RsaOaep { digest, .. }, Some(mgf1)) => Some(Cipher::RsaOaep { digest, mgf1 }),
        (_, Some(_)) => {
            table.problems().report(
                Diagnostic::error(
                    "conflicting keys",
                    table.key_place("mgf1"),
                    "only `rsa-oaep-sha1` and `rsa-oaep-sha256` generate a mask",
                )
                .and(table.key_place("cipher"), "the cipher is here")
                .help("remove `mgf1`"),
            );
            None
        }
        (cipher, None) => Some(cipher),
    }
}

const fn oaep(digest: OaepDigest) -> Cipher {
    Cipher::RsaOaep {
        digest,
        mgf1: digest,
    }
}
