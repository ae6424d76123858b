//! Where the configuration file is.

use std::path::{Path, PathBuf};

/// The configuration file if the command line names none.
pub(super) const DEFAULT: &str = "conf/countersign.toml";

/// The configuration file that a package installs.
pub(super) const INSTALLED: &str = "/etc/countersign/countersign.toml";

/// The configuration file that is used if a command's line names this one, or none.
pub(super) fn found_file(config: Option<&Path>) -> PathBuf {
    let is_there = |file: &&PathBuf| file.exists();
    let [default, installed] = [DEFAULT, INSTALLED].map(PathBuf::from);
    match config {
        Some(file) => file.to_owned(),
        None => [&default, &installed]
            .into_iter()
            .find(is_there)
            .unwrap_or(&default)
            .clone(),
    }
}
