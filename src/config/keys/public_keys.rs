//! The keys of `[[key]]`: public keys, and secrets that both sides know.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::ValueKind;
use ValueKind::{Boolean, Map, Matching, Name, Path, Table, Text};

/// The table `[[key]]`.
pub(in crate::config) static KEY: Section = Section {
    path: "key",
    header: "[[key]]",
    settings: &[
        setting(
            "id",
            Name,
            r#"Routes refer to the key by it, and the backend gets it as `X-Verified-Key`"#,
        )
        .required(),
        setting(
            "file",
            Path,
            r#"The file with a public key: a regular file of at most 64 KiB that is not
            world-writable and contains one key, or a JWK set"#,
        )
        .holds(Holds::PublicKeyFile),
        setting(
            "public_key",
            Text,
            r#"A public key itself, in any of the text formats. Reports never show it, and `-T`
            shows no more of it than the key"#,
        )
        .holds(Holds::PublicKey),
        setting(
            "secret_file",
            Path,
            r#"The file with a secret, which others must be able neither to read nor to write
            (`chmod 600`). One line end at its end is no part of the secret, and `-t` says so. A public key or a
            certificate is refused"#,
        )
        .holds(Holds::SecretFile),
        setting(
            "secret_env",
            Text,
            r#"The environment variable with a secret"#,
        )
        .holds(Holds::SecretVariable),
        setting(
            "credential",
            Matching("^[A-Za-z0-9_][A-Za-z0-9_.@-]*$"),
            r#"The systemd credential with a secret: `LoadCredential=` or
            `LoadCredentialEncrypted=` in the unit. A line end at its end as with `secret_file`"#,
        )
        .written(r#"name of a credential"#)
        .holds(Holds::Credential),
        setting(
            "secret",
            Text,
            r#"A secret itself, with a warning: whoever reads the configuration can forge callbacks.
            Reports, `-T` and logs never show it; `--set` does not take it, because other users see
            command lines"#,
        )
        .holds(Holds::Secret),
        setting(
            "secrets",
            Map(&Table(&KEY_SECRET)),
            r#"Further secrets of the key, for schemes that sign with `{secret:NAME}`: `[key.secrets]`
            followed by `NAME = { file = "..." }`"#,
        )
        .written(r#"table of tables"#)
        .holds(Holds::Secret),
        setting(
            "legacy",
            Boolean,
            r#"Allows an RSA key of less than 2048 bits, with a warning"#,
        )
        .default("false")
        .holds(Holds::Word),
    ],
    one_of: &[
        "file",
        "public_key",
        "secret_file",
        "secret_env",
        "credential",
        "secret",
    ],
};

/// A table in `key.secrets`.
pub(in crate::config) static KEY_SECRET: Section = Section {
    path: "key.secrets.NAME",
    header: "a secret",
    settings: &[
        setting("file", Path, r#"As `secret_file`"#).holds(Holds::SecretFile),
        setting("env", Text, r#"As `secret_env`"#).holds(Holds::SecretVariable),
        setting(
            "credential",
            Matching("^[A-Za-z0-9_][A-Za-z0-9_.@-]*$"),
            r#"As `credential`"#,
        )
        .written(r#"name of a credential"#),
        setting("secret", Text, r#"As `secret`, with the same warning"#).holds(Holds::Secret),
    ],
    one_of: &["file", "env", "credential", "secret"],
};
