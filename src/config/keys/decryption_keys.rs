//! The keys of `[[decryption_key]]` and `[[decryption]]`.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{ValueKind, words};
use super::words::CipherTextEncoding;
use super::words::OutputPlace;
use crate::decrypt::Cipher;
use crate::decrypt::ContentKind;
use crate::decrypt::Encoding;
use crate::decrypt::OaepDigest;
use crate::decrypt::OnDecryptFailure;
use ValueKind::{Boolean, List, Map, Matching, Name, Path, Table, Text, Word};

/// The table `[[decryption_key]]`.
pub(in crate::config) static DECRYPTION_KEY: Section = Section {
    path: "decryption_key",
    header: "[[decryption_key]]",
    settings: &[
        setting("id", Name, r#"Routes refer to the key by it"#).required(),
        setting(
            "file",
            Path,
            r#"The file with the key, which others must be able neither to read nor to write
            (`chmod 600`)"#,
        )
        .holds(Holds::SecretFile),
        setting("env", Text, r#"The environment variable with the key"#)
            .holds(Holds::SecretVariable),
        setting(
            "encoding",
            Word(words::<Encoding>),
            r#"For an AES key: how its 16 or 32 bytes are encoded; `"text"`: the characters are
            the key, as with WeChat Pay's APIv3 key. Without it, the key is an RSA private key
            of 2048 to 8192 bits: PKCS#8 or PKCS#1, as PEM, DER or one line of base64, without
            a pass phrase"#,
        )
        .holds(Holds::Word),
    ],
    one_of: &["file", "env"],
};

/// The table `[[decryption]]`.
pub(in crate::config) static DECRYPTION: Section = Section {
    path: "decryption",
    header: "[[decryption]]",
    settings: &[
        setting(
            "name",
            Name,
            r#"Routes refer to the rule by it"#,
        )
        .required(),
        setting(
            "paths",
            List(&Text),
            r#"The values whose clear text goes into the body: names of top-level fields, JSON
            Pointers, or JSONPaths (RFC 9535) of names, indices, wildcards and descendants:
            `"$.data.list[*].cardno"`, `"$.data..cardno"`. At most 64"#,
        )
        .written(r#"list of paths"#)
        .default("[]"),
        setting(
            "headers",
            Map(&Text),
            r#"Values whose clear text goes into headers. A path that leads to several values gives no
            header: each of them counts as not decrypted"#,
        )
        .written(r#"table of header = path"#)
        .default("{}"),
        setting(
            "cipher",
            Word(words::<Cipher>),
            r#"How the values are encrypted: RSA in any number of blocks; GCM with a nonce of 12
            bytes, and a tag of 16 bytes after the cipher text; CBC with PKCS#7 padding"#,
        )
        .required(),
        setting(
            "mgf1",
            Word(words::<OaepDigest>),
            r#"OAEP: the digest of the mask generation function. Java's
            `OAEPWithSHA-256AndMGF1Padding` uses `"sha1"` by default"#,
        )
        .otherwise(r#"the cipher's digest"#),
        setting(
            "encoding",
            Word(words::<CipherTextEncoding>),
            r#"The encoding of the cipher text: base64 with the standard alphabet, padded and
            without white space; or hexadecimal"#,
        )
        .default(r#""base64""#),
        setting(
            "iv",
            Table(&IV),
            r#"AES, required there: where the IV (GCM's nonce) is: see [below](#decryptioniv)"#,
        ),
        setting(
            "aad",
            Table(&AAD),
            r#"GCM: where the associated data is: see [below](#decryptionaad). Without it, there is
            none"#,
        ),
        setting(
            "value",
            Word(words::<ContentKind>),
            r#"What the clear text is: UTF-8 without control characters except tabs and line ends
            (anything else counts as not decrypted); or bytes, which the backend gets in base64"#,
        )
        .default(r#""text""#),
        setting(
            "output",
            Word(words::<OutputPlace>),
            r#"Where the clear text of `paths` goes: in place of the encrypted value; or after it,
            as a member of the same object"#,
        )
        .default(r#""in_place""#),
        setting(
            "suffix",
            Matching("^[A-Za-z0-9_.-]{1,32}$"),
            r#"`beside`: the suffix that is appended to the name of the encrypted value"#,
        )
        .written(r#"1 to 32 letters, digits, `_`, `-`, `.`"#)
        .default(r#""_clear""#)
        .only_with("output", "beside"),
        setting(
            "on_failure",
            Word(words::<OnDecryptFailure>),
            r#"What to do with a callback that has a value that cannot be decrypted: forward it
            with the value unchanged, and a header that names it; or refuse it with 400
            `decrypt_failed`"#,
        )
        .default(r#""keep""#),
    ],
    one_of: &[],
};

/// The table `decryption.iv`.
pub(in crate::config) static IV: Section = Section {
    path: "decryption.iv",
    header: "iv",
    settings: &[
        setting(
            "field",
            Text,
            r#"The field of the same object that contains it"#,
        ),
        setting(
            "encoding",
            Word(words::<Encoding>),
            r#"The encoding of the field"#,
        )
        .default(r#""text""#)
        .only_with("field", ""),
        setting("prefix", Boolean, r#"Whether it precedes the cipher text"#).default("false"),
        setting(
            "fixed",
            Matching("^([0-9A-Fa-f]{2})+$"),
            r#"The IV itself, if it is always the same; not for GCM, where that is unsafe"#,
        )
        .written(r#"hexadecimal text"#),
    ],
    one_of: &[],
};

/// The table `decryption.aad`.
pub(in crate::config) static AAD: Section = Section {
    path: "decryption.aad",
    header: "aad",
    settings: &[
        setting(
            "field",
            Text,
            r#"The field of the same object that contains it; it may be missing, null or empty"#,
        )
        .required(),
        setting(
            "encoding",
            Word(words::<Encoding>),
            r#"The encoding of the field"#,
        )
        .default(r#""text""#),
    ],
    one_of: &[],
};
