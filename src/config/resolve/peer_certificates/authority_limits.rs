//! The limits that an authority's own certificate sets: its time, the length of the chains below it, and
//! the use that its certificates are for.

use rustls::pki_types::UnixTime;
use x509_cert::der::asn1::ObjectIdentifier;

use super::certificate_use::CertificateUse;

/// What an authority's certificate says of those that it issues.
#[derive(Clone, Debug)]
pub(super) struct AuthorityLimits {
    /// In seconds since 1970.
    pub(super) begins: u64,
    pub(super) ends: u64,
    /// The most intermediates below it.
    pub(super) path_length: Option<u8>,
    /// `None` without extendedKeyUsage: any.
    pub(super) purposes: Option<Vec<ObjectIdentifier>>,
}

/// The limit of an authority that a chain breaks. The texts are names, as those of webpki's errors.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum BrokenLimit {
    #[error("AuthorityNotValidYet")]
    NotValidYet,
    #[error("AuthorityExpired")]
    Expired,
    #[error("AuthorityPathLength")]
    PathLength,
    #[error("AuthorityPurpose")]
    Purpose,
}

impl AuthorityLimits {
    pub(super) fn check(
        &self,
        used: CertificateUse,
        below: usize,
        now: UnixTime,
    ) -> Result<(), BrokenLimit> {
        if now.as_secs() < self.begins {
            return Err(BrokenLimit::NotValidYet);
        }
        if now.as_secs() > self.ends {
            return Err(BrokenLimit::Expired);
        }
        if self
            .path_length
            .is_some_and(|most| below > usize::from(most))
        {
            return Err(BrokenLimit::PathLength);
        }
        match &self.purposes {
            Some(purposes) if !used.is_among(purposes) => Err(BrokenLimit::Purpose),
            _ => Ok(()),
        }
    }
}
