//! Countersign: a reverse proxy that verifies payment callbacks.
//!
//! [`verify`] is pure and a crate of its own, and so is [`decrypt`], which it contains.
//! [`written_request`] is a request outside a connection, [`signing`] has private keys of one's own, [`control`] what commands and the running process say
//! to each other, and [`success`], also pure, judges a backend's
//! answers. [`capture`] keeps rejected requests in memory. [`once`] remembers callbacks. [`record`] describes a request that ended.
//! [`config`] turns files into checked runtime types. [`judge`]
//! takes a callback from its header to a delivery, without sockets, and [`explain`] says what comes of it and why. [`proxy`] (the only user of
//! pingora), [`ops`] and [`cli`] make up the program. Dependencies point in this order and never
//! back.

pub mod capture;
pub mod cli;
pub mod config;
pub mod control;
pub mod explain;
pub mod judge;
pub mod once;
pub mod ops;
pub mod proxy;
pub mod record;
pub mod signing;
pub mod success;
pub mod written_request;

pub use countersign_verify::{self as verify, decrypt};
