//! Why a file cannot be used.

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// An SQLite error.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// A system error.
    #[error("{0}")]
    System(#[from] std::io::Error),
}
