//! The certificates that are trusted: as authorities, and as those of their owners.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, TrustAnchor};
use rustls::{DistinguishedName, RootCertStore};

use super::authority::{CountsAs, counts_as};
use super::authority_limits::AuthorityLimits;

/// The certificates that servers or clients are verified against.
#[derive(Clone, Debug)]
pub(in crate::config::resolve) struct Trusted {
    /// Those that may issue others; can be empty.
    pub(super) authorities: Arc<RootCertStore>,
    /// The limits of each of them, in the same order.
    limits: Arc<[AuthorityLimits]>,
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
        let mut all = Vec::new();
        let mut issuers = Vec::new();
        for certificate in &certificates {
            match counts_as(certificate).map_err(|error| error.to_string())? {
                CountsAs::Authority(limits) => {
                    let added = authorities.add(certificate.clone());
                    added.map_err(|error| error.to_string())?;
                    all.push(limits);
                }
                CountsAs::Itself { issuer } => issuers.push(issuer),
            }
        }
        issuers.extend(authorities.subjects());
        Ok(Self {
            authorities: Arc::new(authorities),
            limits: all.into(),
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
        let mut all = Vec::new();
        let mut named = Vec::new();
        for certificate in certificates {
            match counts_as(&certificate) {
                Ok(CountsAs::Authority(limits)) => {
                    all.extend(authorities.add(certificate).is_ok().then_some(limits));
                }
                Ok(CountsAs::Itself { .. }) => named.push(certificate),
                Err(_) => {}
            }
        }
        Self {
            authorities: Arc::new(authorities),
            limits: all.into(),
            named,
            issuers: Vec::new(),
        }
    }

    /// Whether nothing is trusted.
    pub(in crate::config::resolve) fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.named.is_empty()
    }

    /// The limits of an authority: of each certificate with its name and key.
    pub(super) fn limits_of<'t>(
        &'t self,
        authority: &'t TrustAnchor<'_>,
    ) -> impl Iterator<Item = &'t AuthorityLimits> {
        let all = self.authorities.roots.iter().zip(self.limits.iter());
        let known = all.filter(move |(known, _)| *known == authority);
        known.map(|(_, limits)| limits)
    }

    /// Whether this very certificate is trusted as it is. Whoever presents it must still prove to
    /// have its key.
    pub(super) fn has(&self, certificate: &CertificateDer<'_>) -> bool {
        self.named.iter().any(|named| named == certificate)
    }
}
