//! Secrets that both sides know, from wherever an operator keeps them.

use std::env;
use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use super::files::{Contents, FilesRead};
use crate::config::diagnostic::WarningName;
use crate::config::reader::secret::{self, CREDENTIALS};
use crate::config::reader::{Text, quote};
use crate::verify::{Secret, is_public_key};

/// Characters of no width: zero-width space, joiners and marks of direction, and the byte order mark.
const STRAYS: &[char] = &[
    '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}',
];

/// The keys of `[[key]]` that lead to a secret.
pub(super) const FORMS: [&str; 4] = ["secret_file", "secret_env", "credential", "secret"];

/// Reads the secret that `text` leads to, the value of the key `form`. `id` names the key.
pub(super) fn read(form: &str, text: Text<'_>, id: &str, read: &mut FilesRead) -> Option<Secret> {
    let bytes = match form {
        "secret_file" => {
            let bytes = read.file(text, Contents::SharedSecret)?;
            without_line_end(bytes, id, read)
        }
        "credential" => {
            let bytes = credential(text, read)?;
            without_line_end(bytes, id, read)
        }
        "secret_env" => read.variable(text)?,
        _ => written(text, read)?,
    };
    check(text, &bytes)?;
    let Ok(secret) = Secret::new(bytes) else {
        return text
            .error("empty secret", "the secret is empty")
            .help("enter the secret that the provider shows")
            .report();
    };
    warn_of_strays(text, secret.text().unwrap_or_default());
    if secret.is_short() {
        text.warning(
            WarningName::ShortSecret,
            "the secret has less than 16 bytes",
        )
        .help("let the provider make a longer one: whoever sees a callback can try secrets")
        .report::<()>();
    }
    Some(secret)
}

/// Warns of what copying a secret or a password may have added to it.
pub(super) fn warn_of_strays(text: Text<'_>, secret: &str) {
    let is_invisible = |c: char| c.is_control() || STRAYS.contains(&c);
    let why = match secret {
        secret if secret.starts_with(char::is_whitespace) => "it begins with white space",
        secret if secret.ends_with(char::is_whitespace) => "it ends with white space",
        secret if secret.contains(is_invisible) => "it contains a character that cannot be seen",
        _ => return,
    };
    text.warning(WarningName::StrayCharacterInSecret, why)
        .help("remove it, unless the provider shows it: `od -c` prints every character of a file")
        .report::<()>();
}

/// A secret in the configuration itself.
fn written(text: Text<'_>, read: &mut FilesRead) -> Option<Zeroizing<Vec<u8>>> {
    if text.text == secret::MASK {
        return text
            .error("no secret", "this is what `-T` prints in place of a secret")
            .help("enter the secret again, better with `secret_file`")
            .report();
    }
    read.note_secret();
    text.warning(
        WarningName::SecretInConfiguration,
        "whoever can read this file can forge callbacks",
    )
    .help("put it into a file that only the proxy's user can read: `secret_file = \"...\"`")
    .report::<()>();
    Some(Zeroizing::new(text.text.as_bytes().to_vec()))
}

/// A credential that systemd passes to the service.
fn credential(text: Text<'_>, read: &mut FilesRead) -> Option<Zeroizing<Vec<u8>>> {
    text.not_empty()?;
    if !secret::is_credential_name(text.text) {
        return text
            .error("invalid name", "this is not the name of a credential")
            .help("write the name before the `:` of `LoadCredential=`")
            .report();
    }
    let Some(directory) = env::var_os(CREDENTIALS) else {
        return text
            .error(
                "missing credential",
                format!("systemd passes no credentials to this process: {CREDENTIALS} is not set"),
            )
            .help(format!(
                "add `LoadCredential=NAME:/path/of/the/secret` to the unit, with the name that \
                 stands here; to test the configuration, run `-t` as the unit's `ExecStartPre=`, or \
                 set {CREDENTIALS}"
            ))
            .report();
    };
    let path = Path::new(&directory).join(text.text);
    // What is not there may be the secret itself.
    if !path.exists() {
        return text
            .error(
                "missing credential",
                "systemd passes no credential with this name to the process",
            )
            .help(known(Path::new(&directory)))
            .report();
    }
    read.file_at(text, path, Contents::SharedSecret)
}

/// Names the credentials that there are.
fn known(directory: &Path) -> String {
    const MAX: usize = 8;
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    match names.as_slice() {
        [] => "write the name before the `:` of `LoadCredential=`".to_owned(),
        names if names.len() > MAX => "write the name of one that it passes".to_owned(),
        names => {
            let names: Vec<_> = names.iter().map(|name| quote(name)).collect();
            format!("it passes {}", names.join(", "))
        }
    }
}

/// Cuts off one line end: editors and `echo` write it, and no provider has it in a secret.
fn without_line_end(
    mut bytes: Zeroizing<Vec<u8>>,
    id: &str,
    read: &mut FilesRead,
) -> Zeroizing<Vec<u8>> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        read.note_line_end(id);
    }
    bytes
}

/// Refuses what is no secret, or no text.
fn check(text: Text<'_>, bytes: &[u8]) -> Option<()> {
    if is_public_key(bytes) {
        return text
            .error(
                "no secret",
                "this is a key or a certificate; a public key as a secret would let everybody sign",
            )
            .help("write `file = \"...\"` for a public key")
            .report();
    }
    if std::str::from_utf8(bytes).is_err() {
        return text
            .error("invalid secret", "the secret is not text in UTF-8")
            .help("enter the characters that the provider shows")
            .report();
    }
    Some(())
}
