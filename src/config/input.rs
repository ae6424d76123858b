//! The input of a configuration.

use std::fmt;
use std::path::{Path, PathBuf};

/// The input of a configuration: a file, and the overrides of the command line.
#[derive(Clone, PartialEq, Eq)]
pub struct Input {
    /// The configuration file.
    pub file: PathBuf,
    /// The overrides, each as `KEY=VALUE`.
    pub overrides: Vec<String>,
}

impl From<&Path> for Input {
    /// A file without overrides.
    fn from(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            overrides: Vec::new(),
        }
    }
}

// Not derived: an override may be a secret.
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
