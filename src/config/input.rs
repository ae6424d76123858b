//! What a configuration is read from.

use std::path::{Path, PathBuf};

/// What a configuration is read from: a file, and what the command line sets over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The configuration file.
    pub file: PathBuf,
    /// What is set over it, each as `KEY=VALUE`.
    pub overrides: Vec<String>,
}

impl From<&Path> for Input {
    /// The file alone.
    fn from(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            overrides: Vec::new(),
        }
    }
}
