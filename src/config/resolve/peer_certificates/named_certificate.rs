//! What is checked of a certificate that is trusted as it is.

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectAltName};
use x509_cert::{Certificate, TbsCertificate, Version};

use super::certificate_use::CertificateUse;

/// Checks a named certificate that a server presents: for now, for this use, and for this name.
pub(super) fn check_server(
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<(), Error> {
    let parsed = check(certificate, CertificateUse::Server, now)?;
    let tbs = parsed.tbs_certificate();
    let alternative = tbs.get_extension::<SubjectAltName>();
    if alternative.map_err(|_| malformed())?.is_some() {
        return verify_server_name(&ParsedCertificate::try_from(certificate)?, name);
    }
    // What `openssl req -x509` makes without further options has no other name.
    match is_common_name(tbs, name) {
        true => Ok(()),
        false => Err(CertificateError::NotValidForName.into()),
    }
}

/// Checks a named certificate that a client presents.
pub(super) fn check_client(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    check(certificate, CertificateUse::Client, now).map(drop)
}

fn check(
    certificate: &CertificateDer<'_>,
    used: CertificateUse,
    now: UnixTime,
) -> Result<Certificate, Error> {
    let parsed = Certificate::from_der(certificate).map_err(|_| malformed())?;
    let tbs = parsed.tbs_certificate();
    if tbs.version() == Version::V3 {
        // Finds critical extensions that nobody here understands. Earlier versions have none.
        ParsedCertificate::try_from(certificate)?;
    }
    let validity = tbs.validity();
    if validity.not_before.to_unix_duration().as_secs() > now.as_secs() {
        return Err(CertificateError::NotValidYet.into());
    }
    if validity.not_after.to_unix_duration().as_secs() < now.as_secs() {
        return Err(CertificateError::Expired.into());
    }
    let usage = tbs.get_extension::<ExtendedKeyUsage>();
    match usage.map_err(|_| malformed())? {
        Some((_, ExtendedKeyUsage(purposes))) if !used.is_among(&purposes) => {
            Err(CertificateError::InvalidPurpose.into())
        }
        _ => Ok(parsed),
    }
}

fn is_common_name(tbs: &TbsCertificate, name: &ServerName<'_>) -> bool {
    let common = tbs.subject().common_name().ok().flatten();
    common.is_some_and(|common| common.value().eq_ignore_ascii_case(&name.to_str()))
}

fn malformed() -> Error {
    CertificateError::BadEncoding.into()
}
