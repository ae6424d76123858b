//! Private and secret keys.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::config::reader::{Draft, Table, Text, Value};
use crate::config::resolve::files::{Contents, FilesRead};
use crate::config::resolve::names::Names;
use crate::config::resolve::shared_secrets::warn_of_strays;
use crate::decrypt::{DecryptionKey, Encoding, PrivateKeyError};
use crate::verify::decode_hex;

pub(in crate::config::resolve) type DecryptionKeys<'a> = Names<'a, Vec<Arc<DecryptionKey>>>;

/// Reads the keys. Adds their files to `read`.
pub(in crate::config::resolve) fn resolve<'a>(
    tables: &[Table<'a>],
    incomplete: bool,
    read: &mut FilesRead,
) -> DecryptionKeys<'a> {
    let mut keys = Names::new("decryption_key");
    keys.define_all(tables, incomplete, ("id", "key"), |table, id| {
        key(table, id, read).map(|key| vec![Arc::new(key)])
    });
    keys
}

/// Reads one key. A key without a usable id is still checked.
fn key(table: &Table<'_>, id: Option<Text<'_>>, read: &mut FilesRead) -> Option<DecryptionKey> {
    let encoding = table.optional("encoding", Value::word);
    let (form, value) = table.require_one(
        ["file", "env"],
        "add `file = \"keys/....key\"`, or `env = \"...\"` with the name of an environment variable",
    )?;
    let text = value.text()?;
    let bytes = match form {
        "file" => read.file(text, Contents::SecretKey)?,
        _ => read.variable(text)?,
    };
    let id = id.map_or("", |id| id.text);
    match encoding? {
        Some(encoding) => aes(text, id, &bytes, encoding),
        None => DecryptionKey::rsa(id, &bytes)
            .map_err(|error| describe(text, &error))
            .ok(),
    }
}

/// An AES key; one trailing line end is ignored.
fn aes(text: Text<'_>, id: &str, bytes: &[u8], encoding: Encoding) -> Option<DecryptionKey> {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let decoded = match encoding {
        Encoding::Text => {
            warn_of_strays(text, std::str::from_utf8(line).unwrap_or_default());
            Some(line.to_vec())
        }
        Encoding::Hex => std::str::from_utf8(line).ok().and_then(decode_hex),
        Encoding::Base64 => STANDARD.decode(line).ok(),
        _ => None,
    };
    let Some(decoded) = decoded.map(Zeroizing::new) else {
        return text
            .error(
                "unreadable key",
                "it is not in the format that `encoding` says",
            )
            .help(
                "write \"text\" if the characters themselves are the key, as for WeChat Pay's \
                 APIv3 key",
            )
            .report();
    };
    let length = decoded.len();
    DecryptionKey::aes(id, decoded).or_else(|| {
        text.error(
            "unreadable key",
            format!("an AES key has 16 or 32 bytes, but this has {length}"),
        )
        .help("check that `encoding` is the key's encoding")
        .report()
    })
}

fn describe(text: Text<'_>, error: &PrivateKeyError) {
    let draft: Draft<'_> = text.error("unreadable key", error.to_string());
    let help = match error {
        PrivateKeyError::Encrypted => {
            "remove the pass phrase: `openssl pkey -in key.pem -out plain.pem`"
        }
        PrivateKeyError::Public => "name the private key whose public key the provider has",
        PrivateKeyError::Several(_) => "give each key its own file and `[[decryption_key]]`",
        PrivateKeyError::Size(_) | PrivateKeyError::Unusable => {
            "create a key of 2048 bits or more, and give the provider its public key"
        }
        _ => {
            "it must contain an RSA private key as PEM, DER or one line of base64; for an AES \
             key, add `encoding`"
        }
    };
    draft.help(help).report::<()>();
}
