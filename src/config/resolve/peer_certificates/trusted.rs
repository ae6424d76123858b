//! The certificates that are trusted: as authorities, and as those of their owners.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{DistinguishedName, RootCertStore};

use super::authority::{CountsAs, counts_as};

/// The certificates that servers or clients are verified against.
#[derive(Clone, Debug)]
pub(in crate::config::resolve) struct Trusted {
    /// Those that may issue others; can be empty.
    pub(super) authorities: Arc<RootCertStore>,
    /// Those that count as they are.
    named: Vec<CertificateDer<'static>>,
    /// The issuers that a client's certificate can have.
    pub(super) issuers: Vec<DistinguishedName>,
}

impl Trusted {
    /// The certificates of a file. Each of them also counts as that of its owner.
    pub(in crate::config::resolve) fn named(
        certificates: Vec<CertificateDer<'static>>,
    ) -> Result<Self, String> {
        let mut authorities = RootCertStore::empty();
        let mut issuers = Vec::new();
        for certificate in &certificates {
            match counts_as(certificate).map_err(|error| error.to_string())? {
                CountsAs::Authority => authorities
                    .add(certificate.clone())
                    .map_err(|error| error.to_string())?,
                CountsAs::Itself { issuer } => issuers.push(issuer),
            }
        }
        issuers.extend(authorities.subjects());
        Ok(Self {
            authorities: Arc::new(authorities),
            named: certificates,
            issuers,
        })
    }

    /// The certificates that the machine trusts. Unusable ones are left out: nobody chose each of
    /// them.
    pub(in crate::config::resolve) fn by_machine(
        certificates: Vec<CertificateDer<'static>>,
    ) -> Self {
        let mut authorities = RootCertStore::empty();
        let mut named = Vec::new();
        for certificate in certificates {
            match counts_as(&certificate) {
                Ok(CountsAs::Authority) => drop(authorities.add(certificate)),
                Ok(CountsAs::Itself { .. }) => named.push(certificate),
                Err(_) => {}
            }
        }
        Self {
            authorities: Arc::new(authorities),
            named,
            issuers: Vec::new(),
        }
    }

    /// Whether nothing is trusted.
    pub(in crate::config::resolve) fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.named.is_empty()
    }

    /// Whether this very certificate is trusted as it is. Whoever presents it must still prove to
    /// have its key.
    pub(super) fn has(&self, certificate: &CertificateDer<'_>) -> bool {
        self.named.iter().any(|named| named == certificate)
    }
}
