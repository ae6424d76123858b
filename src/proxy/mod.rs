//! The proxy. This is the only module that uses pingora.
//!
//! `process` runs the program and its listeners, `connection` reads requests from a client, and
//! `request` answers each in a sequence of steps. Each step needs the result of the one before: a
//! route, a complete body, a verdict, and the request that only a verified callback has. `once`
//! comes between the verdict and the backend; `upstreams` are the backends.

mod admin;
mod at_once;
mod connection;
mod control;
mod limits;
pub mod metrics;
mod once;
mod process;
mod request;
mod tls_words;
mod unix_time;
mod upstreams;

pub use connection::{
    Chunks, DryFraming, Framed, ProxyHeader, ProxyHeaderError, UnservedCause, chunk_lines,
};
pub use once::{ClaimOutcome, OpenError, check_store};
pub use process::{Reload, ServeError, Setup, serve};
pub use request::{DryAnswer, DryAnswers};
