//! Whether a peer has the key of its certificate.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError};
use x509_cert::Certificate;
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode as _, Encode as _};

use crate::verify::{Key, KeyError};

/// The key is too small for its signatures to be accepted.
#[derive(Debug, thiserror::Error)]
#[error("KeySize")]
struct KeySize;

/// Checks the signature of a TLS 1.2 handshake: by webpki, or for a named certificate of any kind.
pub(super) fn check_tls12(
    is_named: bool,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    provider: &CryptoProvider,
) -> Result<HandshakeSignatureValid, Error> {
    let check = match is_named {
        true => check_named_tls12,
        false => verify_tls12_signature,
    };
    let supported = &provider.signature_verification_algorithms;
    let checked = check(message, certificate, signed, supported);
    checked.map_err(|error| explain(error, certificate))
}

/// The same for TLS 1.3.
pub(super) fn check_tls13(
    is_named: bool,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    provider: &CryptoProvider,
) -> Result<HandshakeSignatureValid, Error> {
    let check = match is_named {
        true => check_named_tls13,
        false => verify_tls13_signature,
    };
    let supported = &provider.signature_verification_algorithms;
    let checked = check(message, certificate, signed, supported);
    checked.map_err(|error| explain(error, certificate))
}

/// The same as webpki's check for TLS 1.2, for a certificate of any version.
fn check_named_tls12(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    supported: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let (algorithm, key) = public_key(certificate).ok_or(CertificateError::BadEncoding)?;
    let mut algorithms = supported
        .mapping
        .iter()
        .filter(|(scheme, _)| *scheme == signed.scheme)
        .flat_map(|(_, algorithms)| *algorithms)
        .filter(|known| known.public_key_alg_id().as_ref() == algorithm);
    let is_valid = algorithms.any(|known| {
        let checked = known.verify_signature(&key, message, signed.signature());
        checked.is_ok()
    });
    match is_valid {
        true => Ok(HandshakeSignatureValid::assertion()),
        false => Err(CertificateError::BadSignature.into()),
    }
}

/// The same for TLS 1.3.
fn check_named_tls13(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    supported: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let parsed = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let key = parsed.tbs_certificate().subject_public_key_info().to_der();
    let key = SubjectPublicKeyInfoDer::from(key.map_err(|_| CertificateError::BadEncoding)?);
    verify_tls13_signature_with_raw_key(message, &key, signed, supported)
}

/// The key's algorithm, as a certificate encodes it without the outer SEQUENCE, and its bits.
fn public_key(certificate: &CertificateDer<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let key = parsed.tbs_certificate().subject_public_key_info();
    let algorithm = key.algorithm.to_der().ok()?;
    let algorithm = AnyRef::from_der(&algorithm).ok()?.value().to_vec();
    Some((algorithm, key.subject_public_key.as_bytes()?.to_vec()))
}

/// Says what is wrong with a signature that was refused for the size of its key: otherwise, it would
/// look forged.
fn explain(error: Error, certificate: &CertificateDer<'_>) -> Error {
    if error != Error::InvalidCertificate(CertificateError::BadSignature) {
        return error;
    }
    let is_size = match Key::decode("", certificate) {
        Ok(key) => key.is_legacy(),
        Err(error) => matches!(error, KeyError::Unusable(_)),
    };
    match is_size {
        true => CertificateError::Other(OtherError(Arc::new(KeySize))).into(),
        false => error,
    }
}
