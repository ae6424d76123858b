//! The server that callbacks are sent to.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::http_answer::HttpAnswer;
use crate::cli::signer::{CallbackUrl, SignerError};

/// Where callbacks go.
#[derive(Clone)]
pub(in crate::cli) struct TargetServer {
    host: String,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
}

impl TargetServer {
    /// The server of a URL. Of `https`, its certificate must be under an authority of this file, or of the
    /// system.
    pub(in crate::cli) fn new(
        url: &CallbackUrl,
        authorities: Option<&Path>,
    ) -> Result<Self, SignerError> {
        let (host, port) = url.host_and_port();
        let tls = url.is_https.then(|| tls(authorities)).transpose()?;
        Ok(Self {
            host: host.to_owned(),
            port,
            tls,
        })
    }

    /// Sends a request on a connection of its own, and reads the answer.
    pub(super) async fn exchange(&self, request: &[u8]) -> io::Result<HttpAnswer> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => exchange(stream, request).await,
            Some(tls) => {
                let name = ServerName::try_from(self.host.clone());
                let name =
                    name.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
                let stream = TlsConnector::from(Arc::clone(tls))
                    .connect(name, stream)
                    .await?;
                exchange(stream, request).await
            }
        }
    }
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &[u8],
) -> io::Result<HttpAnswer> {
    // A server may answer before it has read everything, and close.
    let written = stream.write_all(request).await;
    let answer = HttpAnswer::read(&mut stream).await;
    match (answer, written) {
        (Err(_), Err(error)) => Err(error),
        (answer, _) => answer,
    }
}

fn tls(authorities: Option<&Path>) -> Result<Arc<ClientConfig>, SignerError> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(file) => {
            let wrong = || SignerError::Authorities(file.to_owned());
            let found = CertificateDer::pem_file_iter(file).map_err(|_| wrong())?;
            for certificate in found {
                let certificate = certificate.map_err(|_| wrong())?;
                roots.add(certificate).map_err(|_| wrong())?;
            }
            if roots.is_empty() {
                return Err(wrong());
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                return Err(SignerError::NoAuthorities);
            }
        }
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions();
    let config = config.map_err(SignerError::Tls)?;
    Ok(Arc::new(
        config.with_root_certificates(roots).with_no_client_auth(),
    ))
}
