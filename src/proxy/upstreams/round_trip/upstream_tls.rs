//! TLS to servers, and when a refusal means that a server demands a client certificate.
//!
//! pingora's own connector would add a second crypto library, panic on a system certificate that it
//! cannot read, and rebuild its settings for each connection.

use std::io;
use std::sync::Arc;

use rustls::{AlertDescription, Error};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::ServerTls;

/// Performs the TLS handshake on a connection, which authenticates the server.
pub(super) async fn secure<S>(stream: S, tls: &ServerTls) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let connector = TlsConnector::from(Arc::clone(&tls.config.handshakes));
    connector.connect(tls.name.clone(), stream).await
}

/// Whether a server refused a handshake because it demands a client certificate. Up to TLS 1.2 it may
/// say only that the handshake failed; then it counts whether such a server has asked for one.
pub(super) fn demands_certificate(error: &io::Error, tls: &ServerTls) -> bool {
    match alert(error) {
        Some(AlertDescription::HandshakeFailure) => tls.config.certificate.was_asked_for(),
        Some(alert) => is_about_ours(alert),
        None => false,
    }
}

/// Whether a server refused, with TLS 1.3, a client that believed the handshake to be complete: the
/// server has then read nothing of what was sent.
pub(super) fn demanded_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let error_of_stream = error.downcast_ref::<io::Error>();
        if let Some(alert) = error_of_stream.and_then(alert) {
            return is_about_ours(alert);
        }
        next = error.source();
    }
    false
}

fn alert(error: &io::Error) -> Option<AlertDescription> {
    match error.get_ref()?.downcast_ref::<Error>()? {
        Error::AlertReceived(alert) => Some(*alert),
        _ => None,
    }
}

/// Whether an alert is about the client's certificate. As there is none, that is what is wrong.
const fn is_about_ours(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
    )
}
