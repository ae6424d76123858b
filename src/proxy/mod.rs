//! The proxy. pingora lives here and only here.
//!
//! `server` listens, `connection` reads requests, and `exchange` answers each in a straight line
//! whose steps need what the step before gave: a route, a whole body, a verdict, and the request
//! that only a verified callback has.

mod body;
mod client;
mod connection;
mod echo;
mod exchange;
mod framing;
mod headers;
mod own_answer;
mod refusal;
mod relay;
mod routes;
mod server;
mod trace;
mod upstream_request;
mod upstreams;

pub use refusal::Fault;
pub use server::{ServeError, serve};
