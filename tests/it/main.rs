//! The integration tests, in one binary.

#![cfg(test)]

mod cases;
mod support;

mod architecture;
mod bodies;
mod docs;
mod ending;
mod framing;
mod logs;
mod php;
mod readme;
mod rejections;
mod routing;
mod slow_clients;
mod tampered;
mod upstreams;
mod vectors;
mod verified_headers;
