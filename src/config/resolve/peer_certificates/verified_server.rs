//! Verifies the certificates of servers.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::certificate_use::CertificateUse;
use super::limited_path::check_authority;
use super::named_certificate::check_server;
use super::possession;
use super::trusted::Trusted;

/// Accepts servers whose certificate is from one of the authorities, or is named itself.
#[derive(Debug)]
pub(in crate::config::resolve) struct VerifiedServer {
    trusted: Trusted,
    /// `None` without authorities, with which webpki does nothing.
    webpki: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl VerifiedServer {
    pub(in crate::config::resolve) fn new(
        trusted: Trusted,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let webpki = match trusted.authorities.is_empty() {
            true => None,
            false => {
                let authorities = Arc::clone(&trusted.authorities);
                let provider = Arc::clone(&provider);
                Some(WebPkiServerVerifier::builder_with_provider(authorities, provider).build()?)
            }
        };
        Ok(Self {
            trusted,
            webpki,
            provider,
        })
    }
}

impl ServerCertVerifier for VerifiedServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.trusted.has(end_entity) {
            check_server(end_entity, server_name, now)?;
            return Ok(ServerCertVerified::assertion());
        }
        let Some(webpki) = &self.webpki else {
            return Err(CertificateError::UnknownIssuer.into());
        };
        let verified = webpki.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let used = CertificateUse::Server;
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
