//! Countersign: a reverse proxy that verifies payment callbacks.
//!
//! [`verify`] is pure and a crate of its own, and so is [`decrypt`] behind it; [`success`], pure as well,
//! judges a backend's answers; [`once`] remembers callbacks; [`record`] is what is known of a request that
//! ended; [`config`] turns files into checked runtime types; [`judge`] is
//! the road of a callback without sockets; [`proxy`] (the only user of
//! pingora), [`ops`] and [`cli`] make the program. Dependencies point that way and never back.

pub mod cli;
pub mod config;
pub mod judge;
pub mod once;
pub mod ops;
pub mod proxy;
pub mod record;
pub mod success;

pub use countersign_verify::{self as verify, decrypt};
