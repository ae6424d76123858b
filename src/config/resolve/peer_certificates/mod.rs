//! How the certificates of servers and clients are verified: as webpki does, except that one that
//! the configuration itself names counts as it is, and that only authorities issue others.
//!
//! webpki accepts no certificate with CA:TRUE, without a version 3 format or without an issuer among
//! the authorities from a server or client: not even the very certificate that an operator made for
//! it with `openssl req -x509`, and named. And it takes whatever is trusted for an authority, at any
//! time, for any use and for chains of any length.

mod authority;
mod authority_limits;
mod certificate_use;
mod dates;
mod limited_path;
mod named_certificate;
mod possession;
mod trusted;
mod verified_client;
mod verified_server;

pub(super) use dates::{DatesWarning, find_out_of_date, warn_of_dates};
pub(super) use trusted::Trusted;
pub(super) use verified_client::VerifiedClient;
pub(super) use verified_server::VerifiedServer;
