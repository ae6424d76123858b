//! TLS errors in plain words. The library identifies most of them only by the names of its types.

use std::fmt;
use std::io;

use rustls::{CertificateError, Error};

/// A failed handshake, to be displayed.
pub(super) fn of(error: &Error) -> impl fmt::Display + '_ {
    TlsErrorText(error)
}

/// The same for a stream's error, which may not be about TLS at all.
pub(super) fn of_stream(error: &io::Error) -> impl fmt::Display + '_ {
    StreamWords(error)
}

struct StreamWords<'a>(&'a io::Error);

impl fmt::Display for StreamWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.0.get_ref().and_then(|inner| inner.downcast_ref());
        match inner {
            Some(tls) => TlsErrorText(tls).fmt(f),
            None => self.0.fmt(f),
        }
    }
}

struct TlsErrorText<'a>(&'a Error);

impl fmt::Display for TlsErrorText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Error::InvalidCertificate(fault) = self.0
            && let Some(words) = of_certificate(fault)
        {
            return write!(f, "invalid peer certificate: {words}");
        }
        self.0.fmt(f)
    }
}

/// `None` if the library has a text of its own.
fn of_certificate(error: &CertificateError) -> Option<&'static str> {
    Some(match error {
        CertificateError::BadEncoding => "it is malformed",
        CertificateError::Expired => "it has expired",
        CertificateError::NotValidYet => "it is not valid yet",
        CertificateError::Revoked => "it has been revoked",
        CertificateError::UnknownIssuer => {
            "no trusted authority issued it, or its chain is incomplete"
        }
        CertificateError::BadSignature => "it was not signed by the trusted authority of that name",
        CertificateError::NotValidForName => "it is for another name",
        CertificateError::InvalidPurpose => "it is not for this use (extended key usage)",
        CertificateError::UnhandledCriticalExtension => "it has an unknown critical extension",
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed with an algorithm that is not supported"
        }
        // What verifies certificates has no public type here; its errors print their names.
        CertificateError::Other(other) => match other.0.to_string().as_str() {
            "CaUsedAsEndEntity" => {
                "it is a CA certificate (CA:TRUE), which a server or client can only use if `ca` or \
                 `client_ca` names this very certificate: name it there, or issue one with CA:FALSE"
            }
            "EndEntityUsedAsCa" => "one of its issuers is not a CA (CA:FALSE)",
            "UnsupportedCertVersion" => "it is not an X.509 version 3 certificate",
            "UnsupportedCriticalExtension" => "it has an unknown critical extension",
            // Our own.
            "KeySize" => "its RSA key has less than 2048 bits, or more than 8192",
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_tls_failures_are_explained() {
        for (error, words) in [
            (
                CertificateError::UnknownIssuer,
                "no trusted authority issued it",
            ),
            (CertificateError::Expired, "it has expired"),
        ] {
            let text = of(&Error::InvalidCertificate(error)).to_string();
            assert!(text.starts_with("invalid peer certificate: "), "{text}");
            assert!(text.contains(words), "{text}");
        }
        assert_eq!(
            of(&Error::HandshakeNotComplete).to_string(),
            "handshake not complete"
        );
    }
}
