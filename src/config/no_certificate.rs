//! The client certificate that the proxy has for servers: none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

/// Has no certificate, and remembers whether a server asked for one: it may refuse a client for
/// that with an alert that says nothing of it.
#[derive(Debug, Default)]
pub struct NoCertificate {
    was_asked_for: AtomicBool,
}

impl NoCertificate {
    /// Whether a server has asked for it.
    #[must_use]
    pub fn was_asked_for(&self) -> bool {
        self.was_asked_for.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.was_asked_for.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
