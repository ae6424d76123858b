//! Whether a path ends in an authority that may have it below. OpenSSL asks. webpki takes name, key and name
//! constraints of an authority alone.

use std::cell::Cell;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use rustls::{CertificateError, Error, OtherError};
use webpki::{EndEntityCert, KeyUsage, VerifiedPath};

use super::certificate_use::CertificateUse;
use super::trusted::Trusted;

/// Checks that webpki finds a path to an authority that may have it below. webpki alone has found one.
pub(super) fn check_authority(
    trusted: &Trusted,
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    used: CertificateUse,
    now: UnixTime,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Result<(), Error> {
    let broken = Cell::new(None);
    let is_within = |path: &VerifiedPath<'_>| {
        // RFC 5280 (section 6.1.4) does not count those that an authority issues for itself.
        let others = |issuer: &&webpki::Cert<'_>| issuer.subject() != issuer.issuer();
        let below = path.intermediate_certificates().filter(others).count();
        // An authority can have several certificates with one key, such as a renewed one.
        for limits in trusted.limits_of(path.anchor()) {
            match limits.check(used, below, now) {
                Ok(()) => return Ok(()),
                Err(limit) => broken.set(Some(limit)),
            }
        }
        Err(webpki::Error::UnknownIssuer)
    };
    let usage = match used {
        CertificateUse::Server => KeyUsage::server_auth(),
        CertificateUse::Client => KeyUsage::client_auth(),
    };
    let malformed = |_| Error::from(CertificateError::BadEncoding);
    let certificate = EndEntityCert::try_from(end_entity).map_err(malformed)?;
    let found = certificate.verify_for_usage(
        algorithms,
        &trusted.authorities.roots,
        intermediates,
        now,
        usage,
        None,
        Some(&is_within),
    );
    match (found, broken.get()) {
        (Ok(_), _) => Ok(()),
        (Err(_), Some(broken)) => Err(CertificateError::Other(OtherError(Arc::new(broken))).into()),
        (Err(_), None) => Err(CertificateError::UnknownIssuer.into()),
    }
}
