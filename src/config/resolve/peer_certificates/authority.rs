//! Which certificates are authorities.

use rustls::DistinguishedName;
use rustls::pki_types::CertificateDer;
use x509_cert::Version;
use x509_cert::certificate::{CertificateInner, Profile};
use x509_cert::der::{Decode as _, Encode as _, Error};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::serial_number::SerialNumber;

/// What a trusted certificate counts as.
#[derive(Debug)]
pub(super) enum CountsAs {
    /// It may issue others.
    Authority,
    /// It counts for its owner alone; it was issued in this name.
    Itself { issuer: DistinguishedName },
}

/// Decides as OpenSSL does, except where a version 3 certificate has no basicConstraints: OpenSSL lets
/// its key usage make it an authority, RFC 5280 (section 4.2.1.9) does not.
///
/// webpki does not ask. To it, whatever is trusted is an authority, so the key of a server or client
/// whose certificate is trusted could issue certificates for everybody else.
pub(super) fn counts_as(certificate: &CertificateDer<'_>) -> Result<CountsAs, Error> {
    let parsed = CertificateInner::<AnySerialNumber>::from_der(certificate)?;
    let tbs = parsed.tbs_certificate();
    let usage = tbs.get_extension::<KeyUsage>()?;
    let may_sign = usage.is_none_or(|(_, usage)| usage.key_cert_sign());
    let is_authority = match tbs.get_extension::<BasicConstraints>()? {
        Some((_, constraints)) => constraints.ca,
        // Version 1 cannot say it. Roots are still made in it, and those issue for themselves.
        None => tbs.version() == Version::V1 && tbs.subject() == tbs.issuer(),
    };
    if is_authority && may_sign {
        return Ok(CountsAs::Authority);
    }
    let issuer = DistinguishedName::from(tbs.issuer().to_der()?);
    Ok(CountsAs::Itself { issuer })
}

/// Serial numbers of any length: private authorities have them, and webpki takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct AnySerialNumber;

impl Profile for AnySerialNumber {
    fn check_serial_number(_: &SerialNumber<Self>) -> Result<(), Error> {
        Ok(())
    }
}
