//! The integration tests, in one binary.

mod architecture;
mod config_files;
mod docs;
mod vectors;
