//! Helpers shared by the tests that use real sockets: the program itself, a backend that records
//! what reaches it, clients that write arbitrary bytes, and an independent signer (OpenSSL).

pub(crate) mod address;
pub(crate) mod admin;
pub(crate) mod callback;
pub(crate) mod encrypter;
pub(crate) mod faulty;
pub(crate) mod http1;
pub(crate) mod http2;
pub(crate) mod mortal;
pub(crate) mod origin;
pub(crate) mod proxy;
pub(crate) mod redis;
pub(crate) mod signer;
pub(crate) mod tls;
pub(crate) mod valve;

pub(crate) use admin::{Admin, Metrics};
pub(crate) use callback::Callback;
pub(crate) use http1::{Client, Response};
pub(crate) use origin::{Origin, Received};
pub(crate) use proxy::{Proxy, Setup};

use std::time::Duration;

/// How long anything may take before a test fails. This is generous even for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
