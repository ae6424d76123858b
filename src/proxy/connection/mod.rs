//! A client's connection: from the accepted socket to the requests on it.
//!
//! `handshake` reads the PROXY protocol and TLS, `protocol` distinguishes HTTP/1 from HTTP/2, and
//! `http1` and `http2` serve them. `request_header` and `chunk_lines` inspect the bytes before
//! pingora parses them.

mod chunk_lines;
mod dry_framing;
mod farewell;
pub(super) mod handshake;
mod http1;
mod http2;
mod protocol;
mod proxy_header;
mod request_header;
mod sent_target;
mod stream;
#[cfg(test)]
mod tests;
mod unserved;

pub use dry_framing::{Chunks, DryFraming, Framed, chunk_lines};
pub(super) use farewell::BRIEF_FAREWELL;
pub use proxy_header::{ProxyHeader, ProxyHeaderError};
pub(super) use unserved::Unserved;
pub use unserved::UnservedCause;
