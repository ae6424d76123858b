//! Makes the paths in values absolute.

use std::fs;
use std::path::{self, Component, Path, PathBuf};

use super::public_part::public_part;
use crate::config::keys::Holds;
use crate::config::reader::secret;
use crate::config::source::SourceText;

/// The path, made absolute.
pub(super) fn absolute(path: &Path) -> String {
    let absolute = path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let absolute = without_parents(&absolute).unwrap_or(absolute);
    absolute.to_string_lossy().into_owned()
}

/// The path without `..`, as far as its directories exist. Symbolic links behind the last `..` stay:
/// what they lead to may change.
fn without_parents(path: &Path) -> Option<PathBuf> {
    let parts: Vec<Component<'_>> = path.components().collect();
    let last = parts
        .iter()
        .rposition(|part| *part == Component::ParentDir)?;
    let (before, behind) = parts.split_at_checked(last.saturating_add(1))?;
    let real = fs::canonicalize(before.iter().collect::<PathBuf>()).ok()?;
    Some(real.join(behind.iter().collect::<PathBuf>()))
}

/// The value with any path in it made absolute and any secret masked.
pub(super) fn resolve(holds: Option<Holds>, text: &str, source: &SourceText) -> String {
    let resolved = |path: &str| absolute(&source.resolve(path));
    match holds {
        None | Some(Holds::Word | Holds::HeaderValues) => text.to_owned(),
        Some(Holds::PublicKey) => public_part(text).into_owned(),
        Some(
            Holds::Secret
            | Holds::SecretVariable
            | Holds::Credential
            | Holds::Server
            | Holds::Expression,
        ) => secret::masked(holds, text, source).into_owned(),
        Some(Holds::SecretFile | Holds::PublicKeyFile)
            if secret::masked(holds, text, source) == secret::MASK =>
        {
            secret::MASK.to_owned()
        }
        Some(Holds::Path | Holds::SecretFile | Holds::PublicKeyFile) => resolved(text),
        Some(Holds::Socket) => match text.strip_prefix("unix:") {
            Some(path) => format!("unix:{}", resolved(path)),
            None => text.to_owned(),
        },
        Some(Holds::Destination) => match text {
            "off" | "stdout" | "stderr" | "syslog" => text.to_owned(),
            text if text.starts_with("syslog:") => match text.split_once("server=unix:") {
                Some((before, after)) => {
                    let (path, after) = after.split_at(after.find(',').unwrap_or(after.len()));
                    format!("{before}server=unix:{}{after}", resolved(path))
                }
                None => text.to_owned(),
            },
            file => resolved(file),
        },
    }
}
