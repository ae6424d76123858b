//! What a configuration is read from.

use std::fmt;
use std::path::{Path, PathBuf};

/// What a configuration is read from: a file, and what the command line sets over it.
#[derive(Clone, PartialEq, Eq)]
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

// Not derived: what is set may be a secret.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |set: &String| set.split('=').next().unwrap_or_default().to_owned();
        let keys: Vec<String> = self.overrides.iter().map(key).collect();
        f.debug_struct("Input")
            .field("file", &self.file)
            .field("overrides", &keys)
            .finish()
    }
}
