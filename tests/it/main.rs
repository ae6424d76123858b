//! The integration tests, in one binary.

#![cfg(test)]

mod cases;
mod support;

mod architecture;
mod bodies;
mod docs;
mod framing;
mod rejections;
mod vectors;
mod verified_headers;
