//! How values are encrypted.

use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, Value};
use crate::decrypt::Cipher;

pub(super) fn cipher(table: &Table<'_>) -> Option<Cipher> {
    let cipher = table
        .require(
            "cipher",
            "add `cipher = \"rsa-pkcs1-v1_5\"`, or what the provider's documentation says",
        )
        .and_then(Value::word);
    let mgf1 = table.optional("mgf1", Value::word)?;
    match (cipher?, mgf1) {
        (Cipher::RsaOaep { digest, .. }, Some(mgf1)) => Some(Cipher::RsaOaep { digest, mgf1 }),
        (_, Some(_)) => {
            table.problems().report(
                Diagnostic::error(
                    "conflicting keys",
                    table.key_place("mgf1"),
                    "only `rsa-oaep-sha1` and `rsa-oaep-sha256` use a mask generation function",
                )
                .and(table.key_place("cipher"), "the cipher is here")
                .help("remove `mgf1`"),
            );
            None
        }
        (cipher, None) => Some(cipher),
    }
}
