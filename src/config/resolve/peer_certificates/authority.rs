//! Which certificates are authorities.

use rustls::DistinguishedName;
use rustls::pki_types::CertificateDer;
use x509_cert::Version;
use x509_cert::certificate::{CertificateInner, Profile};
use x509_cert::der::{Decode as _, Encode as _, Error};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

use super::authority_limits::AuthorityLimits;

/// What a trusted certificate counts as.
#[derive(Debug)]
pub(super) enum CountsAs {
    /// It may issue others, within these limits.
    Authority(AuthorityLimits),
    /// It counts for its owner alone; it was issued in this name.
    Itself { issuer: DistinguishedName },
}

/// Decides by basicConstraints and keyUsage, as OpenSSL does, except where a version 3 certificate has no
/// basicConstraints: OpenSSL lets its key usage make it an authority, RFC 5280 (section 4.2.1.9) does not.
/// When, for what and how far below it an authority counts is decided in each handshake.
///
/// webpki does not ask. To it, whatever is trusted is an authority, so the key of a server or client
/// whose certificate is trusted could issue certificates for everybody else.
pub(super) fn counts_as(certificate: &CertificateDer<'_>) -> Result<CountsAs, Error> {
    let parsed = CertificateInner::<AnySerialNumber>::from_der(certificate)?;
    let tbs = parsed.tbs_certificate();
    let usage = tbs.get_extension::<KeyUsage>()?;
    let may_sign = usage.is_none_or(|(_, usage)| usage.key_cert_sign());
    let constraints = tbs.get_extension::<BasicConstraints>()?;
    let is_authority = match &constraints {
        Some((_, constraints)) => constraints.ca,
        // Version 1 cannot say it. Roots are still made in it, and those issue for themselves.
        None => tbs.version() == Version::V1 && tbs.subject() == tbs.issuer(),
    };
    if is_authority && may_sign {
        let purposes = tbs.get_extension::<ExtendedKeyUsage>()?;
        return Ok(CountsAs::Authority(AuthorityLimits {
            begins: tbs.validity().not_before.to_unix_duration().as_secs(),
            ends: tbs.validity().not_after.to_unix_duration().as_secs(),
            path_length: constraints.and_then(|(_, constraints)| constraints.path_len_constraint),
            purposes: purposes.map(|(_, ExtendedKeyUsage(purposes))| purposes),
        }));
    }
    let issuer = DistinguishedName::from(tbs.issuer().to_der()?);
    Ok(CountsAs::Itself { issuer })
}

/// The subject of a certificate, and when it begins and ceases to be valid, if it can be read.
pub(super) fn validity(certificate: &CertificateDer<'_>) -> Option<(String, Time, Time)> {
    let parsed = CertificateInner::<AnySerialNumber>::from_der(certificate).ok()?;
    let tbs = parsed.tbs_certificate();
    let validity = tbs.validity();
    let subject = tbs.subject().to_string();
    Some((subject, validity.not_before, validity.not_after))
}

/// Serial numbers of any length: private authorities have them, and webpki takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct AnySerialNumber;

impl Profile for AnySerialNumber {
    fn check_serial_number(_: &SerialNumber<Self>) -> Result<(), Error> {
        Ok(())
    }
}
