//! Verifies the certificates of clients.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::certificate_use::CertificateUse;
use super::limited_path::check_authority;
use super::named_certificate::check_client;
use super::possession;
use super::trusted::Trusted;
use crate::config::listener_tls::ClientAuth;

/// Accepts clients whose certificate is from one of the authorities, or is named itself.
#[derive(Debug)]
pub(in crate::config::resolve) struct VerifiedClient {
    trusted: Trusted,
    /// `None` without authorities, with which webpki does nothing.
    webpki: Option<Arc<dyn ClientCertVerifier>>,
    mode: ClientAuth,
    provider: Arc<CryptoProvider>,
}

impl VerifiedClient {
    pub(in crate::config::resolve) fn new(
        trusted: Trusted,
        mode: ClientAuth,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let webpki = match trusted.authorities.is_empty() {
            true => None,
            false => {
                let authorities = Arc::clone(&trusted.authorities);
                let provider = Arc::clone(&provider);
                Some(WebPkiClientVerifier::builder_with_provider(authorities, provider).build()?)
            }
        };
        Ok(Self {
            trusted,
            webpki,
            mode,
            provider,
        })
    }
}

impl ClientCertVerifier for VerifiedClient {
    fn client_auth_mandatory(&self) -> bool {
        self.mode != ClientAuth::Optional
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.trusted.issuers
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.trusted.has(end_entity) {
            check_client(end_entity, now)?;
            return Ok(ClientCertVerified::assertion());
        }
        let Some(webpki) = &self.webpki else {
            return Err(CertificateError::UnknownIssuer.into());
        };
        let verified = webpki.verify_client_cert(end_entity, intermediates, now)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let used = CertificateUse::Client;
        check_authority(
            &self.trusted,
            end_entity,
            intermediates,
            used,
            now,
            algorithms,
        )?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let named = self.trusted.has(cert);
        possession::check_tls12(named, message, cert, dss, &self.provider)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let named = self.trusted.has(cert);
        possession::check_tls13(named, message, cert, dss, &self.provider)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let supported = &self.provider.signature_verification_algorithms;
        supported.supported_schemes()
    }
}
