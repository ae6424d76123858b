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
    let roots: Vec<CertificateDer<'_>> =
        roots.iter().map(|der| CertificateDer::from(*der)).collect();
    let anchors: Option<Vec<TrustAnchor<'_>>> = roots
        .iter()
        .map(|root| anchor_from_trusted_cert(root).ok())
        .collect();
    let anchors = anchors?;
    let others: Vec<CertificateDer<'_>> = others
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let leaf = CertificateDer::from(leaf.as_slice());
    let leaf = EndEntityCert::try_from(&leaf).ok()?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at).ok()?));
    let path = leaf
        .verify_for_usage(
            chain_algorithm::ALL,
            &anchors,
            &others,
            at,
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
    Some(CertifiedKey {
        key: Key::decode("", &leaf.subject_public_key_info()).ok()?,
        root: anchors.iter().position(|anchor| anchor == path.anchor())?,
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
