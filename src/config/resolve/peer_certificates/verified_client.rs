//! Verifies the certificates of clients.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::named_certificates::{NamedCertificates, check_client};
use super::possession;

/// Accepts clients whose certificate is from one of the authorities, or is named itself.
#[derive(Debug)]
pub(in crate::config::resolve) struct VerifiedClient {
    named: NamedCertificates,
    webpki: Arc<dyn ClientCertVerifier>,
    provider: Arc<CryptoProvider>,
}

impl VerifiedClient {
    pub(in crate::config::resolve) const fn new(
        webpki: Arc<dyn ClientCertVerifier>,
        named: NamedCertificates,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        Self {
            named,
            webpki,
            provider,
        }
    }
}

impl ClientCertVerifier for VerifiedClient {
    fn offer_client_auth(&self) -> bool {
        self.webpki.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.webpki.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.webpki.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.named.has(end_entity) {
            check_client(end_entity, now)?;
            return Ok(ClientCertVerified::assertion());
        }
        self.webpki
            .verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let named = self.named.has(cert);
        possession::check_tls12(named, message, cert, dss, &self.provider)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let named = self.named.has(cert);
        possession::check_tls13(named, message, cert, dss, &self.provider)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}
