//! The integration tests, in one binary.

#![cfg(test)]

mod architecture;
mod command;
mod config_damage;
mod config_errors;
mod config_files;
mod docs;
mod schemes;
mod vectors;
