//! How the certificates of servers and clients are verified: as webpki does, except that one that
//! the configuration itself names counts as it is.
//!
//! webpki accepts no certificate with CA:TRUE, without a version 3 format or without an issuer among
//! the authorities from a server or client: not even the very certificate that an operator made for
//! it with `openssl req -x509`, and named.

mod named_certificates;
mod possession;
mod verified_client;
mod verified_server;

pub(super) use named_certificates::NamedCertificates;
pub(super) use verified_client::VerifiedClient;
pub(super) use verified_server::VerifiedServer;
