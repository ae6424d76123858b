//! The files that options name.

/// Reads the contents of a file that an option names; the error says why it cannot.
pub type ReadFile<'f> = &'f dyn Fn(&str) -> Result<Vec<u8>, String>;
