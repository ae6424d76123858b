//! Files with certificates and private keys.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::config::reader::Text;

/// Far more than a chain, or a bundle of authorities, takes. In bytes.
const MAX_SIZE: u64 = 1024 * 1024;

const OTHERS_WRITE: u32 = 0o002;
const OTHERS_READ: u32 = 0o004;

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
    read: &mut Vec<PathBuf>,
) -> Option<Zeroizing<Vec<u8>>> {
    name.not_empty()?;
    let path = name.path();
    let shown = path.display();
    let unreadable = |error: io::Error| {
        let help = match error.kind() {
            io::ErrorKind::NotFound => "a path is relative to the file it stands in",
            _ => "let the user that runs the proxy read it",
        };
        name.error("cannot read the file", format!("`{shown}`: {error}"))
            .help(help)
            .report::<()>();
    };
    // Before the file is opened: that of a named pipe would wait for a writer.
    let metadata = fs::metadata(&path).map_err(unreadable).ok()?;
    let mode = metadata.permissions().mode();
    if !metadata.is_file() || metadata.len() > MAX_SIZE {
        return name
            .error(
                "cannot read the file",
                format!("`{shown}` is no regular file of at most 1 MiB"),
            )
            .help("name the file itself")
            .report();
    }
    if mode & OTHERS_WRITE != 0 {
        return name
            .error(
                "unsafe file",
                format!("anyone on this machine can write `{shown}`"),
            )
            .help(format!(
                "make sure that it is still the right one, then `chmod o-w {shown}`"
            ))
            .report();
    }
    let (what, change) = match contents {
        Contents::Public => ("", ""),
        Contents::Secret => ("secret key", "replace the key"),
        Contents::Password => ("password", "change it"),
    };
    if contents != Contents::Public && mode & OTHERS_READ != 0 {
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
    // More than there is, so that it does not grow and leave its contents behind.
    let capacity = usize::try_from(metadata.len()).ok()?.saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    let file = File::open(&path).map_err(unreadable).ok()?;
    file.take(MAX_SIZE)
        .read_to_end(&mut bytes)
        .map_err(unreadable)
        .ok()?;
    read.push(path);
    Some(bytes)
}
