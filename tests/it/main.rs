//! The integration tests, in one binary.

#![cfg(test)]

mod cases;
mod support;

mod architecture;
mod bodies;
mod docs;
mod vectors;
