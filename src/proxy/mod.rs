//! The proxy. pingora lives here and only here.
//!
//! `process` runs the program and its listeners, `connection` reads requests from a client, and
//! `request` answers each in a straight line whose steps need what the step before gave: a route, a
//! whole body, a verdict, and the request that only a verified callback has. `once` stands between the
//! verdict and the backend, `upstreams` are the backends.

mod admin;
mod at_once;
mod connection;
mod limits;
pub mod metrics;
mod once;
mod process;
mod request;
mod tls_words;
mod upstreams;

pub use connection::{
    Chunks, DryFraming, Framed, ProxyHeader, ProxyHeaderError, UnservedCause, chunk_lines,
};
pub use once::{ClaimOutcome, OpenError};
pub use process::{Reload, ServeError, Setup, serve};
pub use request::{DryAnswer, DryAnswers};
