//! Files with certificates, private keys and passwords.

use std::io;

use zeroize::Zeroizing;

use super::named_file::{self, FileError, FilesRead};
use crate::config::reader::Text;

/// Far more than a chain, or a bundle of authorities, takes. In bytes.
const MAX_SIZE: u64 = 1024 * 1024;

/// What is in a file, and thus who may see and change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// Certificates.
    Public,
    /// A private key.
    Secret,
    /// A password.
    Password,
}

/// Reads a file; reports what is wrong with it. Adds its name to `read`.
///
/// What was read is overwritten when it is dropped.
pub(super) fn read(
    name: Text<'_>,
    contents: Contents,
    read: &mut FilesRead,
) -> Option<Zeroizing<Vec<u8>>> {
    name.not_empty()?;
    let path = name.path();
    let held = match named_file::read(&path, MAX_SIZE) {
        Ok(held) => held,
        Err(error) => return refuse(name, &error),
    };
    let (what, change) = match contents {
        Contents::Public => {
            read.paths.push(path);
            return Some(held.bytes);
        }
        Contents::Secret => ("secret key", "replace the key"),
        Contents::Password => ("password", "change it"),
    };
    let shown = path.display();
    if contents == Contents::Secret && is_certificate(&held.bytes) {
        return name
            .error(
                "no private key",
                format!("`{shown}` holds a certificate, and no private key"),
            )
            .help("name the file of the private key; perhaps `cert` and `key` are swapped")
            .report();
    }
    if held.is_world_readable {
        return name
            .error(
                "unsafe file",
                format!("anyone on this machine can read the {what} in `{shown}`"),
            )
            .help(format!(
                "`chmod o-r {shown}`; if others may have read it, {change}"
            ))
            .report();
    }
    read.secrets = true;
    read.paths.push(path);
    Some(held.bytes)
}

/// Whether a file holds certificates and nothing secret.
fn is_certificate(bytes: &[u8]) -> bool {
    let has = |words: &[u8]| bytes.windows(words.len()).any(|found| found == words);
    has(b"-----BEGIN CERTIFICATE-----") && !is_private_key(bytes)
}

/// Whether a file holds a private key as PEM, of whichever kind.
pub(super) fn is_private_key(bytes: &[u8]) -> bool {
    let words = b"PRIVATE KEY-----";
    bytes.windows(words.len()).any(|found| found == words)
}

fn refuse<T>(name: Text<'_>, error: &FileError) -> Option<T> {
    let path = name.path();
    let shown = path.display();
    let (title, why, help) = match error {
        FileError::NotRegular | FileError::TooLarge => (
            "cannot read the file",
            format!("`{shown}` is no regular file of at most 1 MiB"),
            "name the file itself".to_owned(),
        ),
        FileError::WorldWritable => (
            "unsafe file",
            format!("anyone on this machine can write `{shown}`"),
            format!("make sure that it is still the right one, then `chmod o-w {shown}`"),
        ),
        FileError::Io(error) => (
            "cannot read the file",
            format!("`{shown}`: {error}"),
            match error.kind() {
                io::ErrorKind::NotFound => "a path is relative to the file it stands in",
                _ => "let the user that runs the proxy read it",
            }
            .to_owned(),
        ),
    };
    name.error(title, why).help(help).report()
}
