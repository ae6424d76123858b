//! From a certificate up to a root.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert,
};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::CertificateDemands;
use super::chain_algorithm;
use crate::keys::Key;

/// The key of a certificate that is under a root.
pub(crate) struct CertifiedKey {
    pub(crate) key: Key,
    /// The number of the root among those given.
    pub(crate) root: usize,
}

/// The key of the first certificate, if the others lead from it to one of the roots, all of them are
/// valid at that time (in Unix seconds), and it is what the scheme demands.
///
/// RFC 5280 (section 6.1) leaves the dates of a root to whoever trusts it. They count here, as in OpenSSL and Go, and
/// as for the authorities of TLS.
pub(crate) fn certified(
    chain: &[Vec<u8>],
    roots: &[&[u8]],
    at: i64,
    demands: &CertificateDemands,
) -> Option<CertifiedKey> {
    let (leaf, others) = chain.split_first()?;
    if !demands.are_met(&Certificate::from_der(leaf).ok()?) {
        return None;
    }
    let time = Duration::from_secs(u64::try_from(at).ok()?);
    let roots = roots.iter().enumerate();
    // A renewed root is the same anchor as the one before it.
    let roots: Vec<(usize, CertificateDer<'_>)> = roots
        .filter(|(_, der)| is_valid_at(der, time))
        .map(|(nth, der)| (nth, CertificateDer::from(*der)))
        .collect();
    let anchors: Option<Vec<TrustAnchor<'_>>> = roots
        .iter()
        .map(|(_, root)| anchor_from_trusted_cert(root).ok())
        .collect();
    let anchors = anchors?;
    let others: Vec<CertificateDer<'_>> = others
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let leaf = CertificateDer::from(leaf.as_slice());
    let leaf = EndEntityCert::try_from(&leaf).ok()?;
    let path = leaf
        .verify_for_usage(
            chain_algorithm::ALL,
            &anchors,
            &others,
            UnixTime::since_unix_epoch(time),
            AnyPurpose,
            None,
            None,
        )
        .ok()?;
    let issuer = match path.intermediate_certificates().next() {
        None => None,
        Some(issuer) => Some(Certificate::from_der(&issuer.der()).ok()?),
    };
    if !demands.are_met_by_issuer(issuer.as_ref()) {
        return None;
    }
    let key = Key::decode("", &leaf.subject_public_key_info()).ok()?;
    // Whoever breaks it signs callbacks. The keys of issuers are looked at where they verify.
    if key.is_legacy() {
        return None;
    }
    let root = anchors.iter().position(|anchor| anchor == path.anchor())?;
    Some(CertifiedKey {
        key,
        root: roots.get(root).map(|(nth, _)| *nth)?,
    })
}

fn is_valid_at(certificate: &[u8], time: Duration) -> bool {
    Certificate::from_der(certificate).is_ok_and(|certificate| {
        let validity = certificate.tbs_certificate().validity();
        let begins = validity.not_before.to_unix_duration();
        (begins..=validity.not_after.to_unix_duration()).contains(&time)
    })
}

/// There is no extended usage for callbacks.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        purposes
            .into_iter()
            .try_for_each(|purpose| purpose.map(|_| ()))
    }
}
