//! A listener's TLS settings, ready for handshakes.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// A listener's TLS settings, ready for handshakes.
#[derive(Clone)]
pub struct ListenerTls {
    pub(super) certificates: Arc<Certificates>,
    pub(super) min_version: TlsVersion,
    pub(super) client_auth: Option<ClientAuth>,
    pub(super) handshakes: Arc<ServerConfig>,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// Whether a client must present a certificate. An invalid one is rejected in both cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// The client may present one.
    Optional,
    /// The client must present one.
    Required,
}

/// The certificates of a listener. The first one is the default for clients that send no host name,
/// or an unknown one.
#[derive(Debug)]
pub(super) struct Certificates(pub(super) Vec<Certificate>);

/// A certificate, its chain and its key.
pub(super) struct Certificate {
    /// The host names in it, in lower case; `*.example.com` is stored as `.example.com`.
    pub(super) names: Vec<String>,
    pub(super) key: Arc<CertifiedKey>,
}

impl ListenerTls {
    /// The configuration for TLS handshakes.
    #[must_use]
    pub fn handshakes(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.handshakes)
    }
}

impl Certificate {
    /// How well the certificate fits `host`; lower is better, `None` if it does not fit. `parent`
    /// is the host from its first dot on.
    fn fit(&self, host: &str, parent: &str) -> Option<u8> {
        let has = |wanted: &str| self.names.iter().any(|name| name == wanted);
        if has(host) {
            return Some(0);
        }
        has(parent).then_some(1)
    }
}

impl Certificates {
    fn find(
        &self,
        host: Option<&str>,
        usable: impl Fn(&Certificate) -> bool,
    ) -> Option<&Certificate> {
        let fitting = host.and_then(|host| {
            let parent = host.split_once('.').map_or("", |(_, parent)| parent);
            let (host, parent) = (
                host.to_ascii_lowercase(),
                format!(".{parent}").to_ascii_lowercase(),
            );
            let mut fitting: Vec<_> = self.0.iter().filter(|one| usable(one)).collect();
            fitting.retain(|one| one.fit(&host, &parent).is_some());
            fitting
                .into_iter()
                .min_by_key(|one| one.fit(&host, &parent))
        });
        let usable = || self.0.iter().find(|one| usable(one));
        fitting.or_else(usable).or(self.0.first())
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // A name can have an RSA and an ECDSA certificate, and the client may support only one
        // kind.
        let schemes = hello.signature_schemes();
        let usable = |one: &Certificate| one.key.key.choose_scheme(schemes).is_some();
        let found = self.find(hello.server_name(), usable)?;
        Some(Arc::clone(&found.key))
    }
}

// Keys are never printed.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ListenerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenerTls")
            .field("certificates", &self.certificates)
            .field("min_version", &self.min_version)
            .field("client_auth", &self.client_auth)
            .finish_non_exhaustive()
    }
}
