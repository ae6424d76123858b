//! The configuration: files, their validation, and the runtime types made from them.
//!
//! [`Input::load`] reads the file and its includes, applies the command line's overrides and checks
//! everything. It returns a [`Config`] whose parts fit together, or a [`Report`] of every problem
//! at once. Each of these layers knows only those before it:
//!
//! - [`diagnostic`]: a problem with its places, and how it is shown;
//! - [`catalogue`]: schemes of providers that come with the program, as files;
//! - `source` and `document`: files, and their TOML with syntax errors;
//! - `keys`: every key, declared once with its type, range, default and meaning;
//! - `reader`: typed access to the values of a document;
//! - `overrides`: values from the command line, applied to the documents;
//! - `resolve`: converts values to the runtime types;
//! - `dump`: writes all files as one, with every default.
//!
//! [`backend`], [`served_paths`] and [`served_scripts`] hold the rules for names and paths that the
//! validation shares with the proxy, [`same_server`] which upstreams are one to a backend, and
//! [`stripped_headers`] the headers that a client must not send.

pub mod backend;
pub mod catalogue;
pub mod diagnostic;
pub mod same_server;
pub mod served_paths;
pub mod served_scripts;
pub mod stripped_headers;

mod access_format;
mod document;
mod dump;
mod include;
mod input;
mod keys;
mod limits;
mod listen_address;
mod listener_tls;
mod load;
mod model;
mod networks;
mod no_certificate;
mod overrides;
mod reader;
mod resolve;
mod scheme_file;
mod shipped_schemes;
mod single_scheme;
mod source;
mod units;

pub use crate::record::ClientAddress;
pub use crate::verify::body::FieldPath;
pub use access_format::{AccessFormat, Escape, FormatPiece, Template};
pub use diagnostic::Report;
pub use include::is_included;
pub use input::Input;
pub use keys::{json_schema, known_keys, reference};
pub use limits::{ConnectionLimits, DecryptLimits, RateKey, RateLimit};
pub use listen_address::ListenAddress;
pub use listener_tls::{ClientAuth, ListenerTls, TlsVersion};
pub use load::{Loaded, load};
pub use model::*;
pub use networks::{Access, Networks};
pub use no_certificate::NoCertificate;
pub use scheme_file::tested_schemes;
pub use shipped_schemes::{shipped_schemes, similar_scheme};
pub use single_scheme::{schemes_in, shipped_scheme};
pub use units::format_time;
