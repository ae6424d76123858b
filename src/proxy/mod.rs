//! The proxy. pingora lives here and only here.
//!
//! `server` is the life of the process, `listeners` take connections, `connection` reads requests,
//! and `exchange` answers each in a straight line whose steps need what the step before gave: a
//! route, a whole body, a verdict, and the request that only a verified callback has. What a
//! configuration makes is a `generation`; a reload swaps it.

mod admin;
mod arrival;
mod aside;
mod bind;
mod body;
mod chunk_lines;
mod client;
mod connection;
mod decryption;
mod dry_answer;
mod dry_framing;
mod dry_run;
mod echo;
mod end_to_end;
mod exchange;
mod forwarded;
mod framing;
mod gathered;
mod generation;
mod handshake;
mod headers;
mod http2;
mod judging;
mod limits;
mod listeners;
pub mod metrics;
mod once;
mod own_answer;
mod pace;
mod proxy_header;
mod real_address;
mod refusal;
mod relay;
mod request_header;
mod routes;
mod server;
mod shared;
mod socket;
mod stream;
mod takeover;
mod tls_words;
mod trace;
mod unserved;
mod upstream_request;
mod upstreams;

pub use dry_answer::{DryAnswers, Relayed};
pub use dry_framing::{Chunks, DryFraming, Framed, chunk_lines};
pub use dry_run::{DryRun, Forwarded};
pub use generation::Setup;
pub use once::{OpenError, Outcome};
pub use proxy_header::{ProxyHeader, ProxyHeaderError, ProxySource};
pub use refusal::Fault;
pub use server::{Reload, ServeError, serve};
pub use unserved::Cause;
