//! The proxy. pingora lives here and only here.
//!
//! `server` is the life of the process, `listeners` take connections, `connection` reads requests,
//! and `exchange` answers each in a straight line whose steps need what the step before gave: a
//! route, a whole body, a verdict, and the request that only a verified callback has. What a
//! configuration makes is a `generation`; a reload swaps it.

mod admin;
mod arrival;
mod aside;
mod at_once;
mod bind;
mod body;
mod chunk_lines;
mod connection;
mod decryption;
mod dry_answer;
mod dry_framing;
mod echo;
mod exchange;
mod framing;
mod gathered;
mod generation;
mod handshake;
mod head;
mod http2;
mod judging;
mod limits;
mod listeners;
pub mod metrics;
mod once;
mod own_answer;
mod pace;
mod proxy_header;
mod relay;
mod request_header;
mod server;
mod shared;
mod socket;
mod stream;
mod takeover;
mod taker;
mod tls_words;
mod trace;
mod unserved;
mod upstreams;

pub use dry_answer::{DryAnswers, Relayed};
pub use dry_framing::{Chunks, DryFraming, Framed, chunk_lines};
pub use generation::Setup;
pub use once::{ClaimOutcome, OpenError};
pub use proxy_header::{ProxyHeader, ProxyHeaderError};
pub use server::{Reload, ServeError, serve};
pub use unserved::Cause;
