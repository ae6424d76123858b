//! TLS errors in plain words. The library identifies most of them only by the names of its types.

use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

/// A failed handshake with a client.
pub(super) fn of_client(error: &Error) -> impl fmt::Display + '_ {
    TlsErrorText {
        error,
        words: words_of_client(error),
    }
}

/// A failed handshake with a server, which may have failed for another reason than TLS.
pub(super) fn of_server(error: &io::Error) -> impl fmt::Display + '_ {
    ServerWords(error)
}

struct ServerWords<'a>(&'a io::Error);

impl fmt::Display for ServerWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.0.get_ref().and_then(|inner| inner.downcast_ref());
        match (inner, self.0.kind()) {
            (Some(error), _) => TlsErrorText {
                error,
                words: words_of_server(error),
            }
            .fmt(f),
            (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => f.write_str(
                "it closed the connection during the handshake: perhaps this port does not speak TLS",
            ),
            (None, _) => self.0.fmt(f),
        }
    }
}

struct TlsErrorText<'a> {
    error: &'a Error,
    words: Option<&'static str>,
}

impl fmt::Display for TlsErrorText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.words, self.error) {
            (Some(words), Error::AlertReceived(alert)) => {
                write!(f, "{words} (alert {})", AlertName(*alert))
            }
            (Some(words), Error::PeerIncompatible(why)) => write!(f, "{words} ({why:?})"),
            (Some(words), _) => f.write_str(words),
            (None, Error::AlertReceived(alert)) => {
                write!(f, "the other side ended it (alert {})", AlertName(*alert))
            }
            (None, Error::InvalidCertificate(fault)) => match of_certificate(fault) {
                Some(words) => write!(f, "invalid peer certificate: {words}"),
                None => self.error.fmt(f),
            },
            (None, _) => self.error.fmt(f),
        }
    }
}

/// The name in the standard: `handshake_failure`.
struct AlertName(AlertDescription);

impl fmt::Display for AlertName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{:?}", self.0);
        let mut was_lower = false;
        for character in name.chars() {
            if was_lower && character.is_ascii_uppercase() {
                f.write_str("_")?;
            }
            was_lower = character.is_ascii_lowercase();
            write!(f, "{}", character.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

/// Whether what arrived is not TLS at all.
pub(super) const fn is_clear_text(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion
        )
    )
}

/// `None` if the general words do.
fn words_of_server(error: &Error) -> Option<&'static str> {
    Some(match error {
        error if is_clear_text(error) => {
            "the server answered in clear text: use its TLS port, or remove `tls` and `https://` \
             from the upstream"
        }
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        )
        | Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            "the server supports neither TLS 1.2 nor TLS 1.3"
        }
        Error::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity,
        ) => {
            "the server refused the handshake: it may have no cipher suite in common with the \
             proxy, no certificate for this name, or demand a client certificate"
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            "the server has no certificate for the name that it was asked for: set `server_name` in \
             the upstream's `tls`"
        }
        Error::NoApplicationProtocol
        | Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
            "the server does not offer HTTP/1.1 (ALPN)"
        }
        Error::AlertReceived(AlertDescription::InternalError) => {
            "the server has an error of its own; its log may say which"
        }
        _ => return None,
    })
}

/// The same for a client.
fn words_of_client(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::SignatureAlgorithmsExtensionRequired,
        ) => "the client offers no TLS version that the listener accepts (`min_version`)",
        Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            "the client does not accept the TLS version"
        }
        Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => {
            "the client offers no cipher suite that fits the listener and its certificate"
        }
        Error::PeerIncompatible(
            PeerIncompatible::NoKxGroupsInCommon
            | PeerIncompatible::NamedGroupsExtensionRequired
            | PeerIncompatible::KeyShareExtensionRequired,
        ) => "the client offers no key exchange that the listener supports",
        Error::PeerIncompatible(PeerIncompatible::NoSignatureSchemesInCommon) => {
            "the client does not support this kind of certificate"
        }
        Error::NoApplicationProtocol => {
            "the client offers neither HTTP/1.1 nor what else the listener speaks (ALPN)"
        }
        Error::NoCertificatesPresented => "the client presented no certificate",
        Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown,
        ) => "the client rejects the listener's certificate",
        _ => return None,
    })
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
            "AuthorityExpired" => "the authority that issued it has expired",
            "AuthorityNotValidYet" => "the authority that issued it is not valid yet",
            "AuthorityPathLength" => {
                "its chain is longer than its authority allows (pathLen of basicConstraints)"
            }
            "AuthorityPurpose" => {
                "the authority that issued it is not for this use (extended key usage)"
            }
            "KeySize" => "its RSA key has less than 2048 bits, or more than 8192",
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_server(error: Error) -> String {
        super::of_server(&io::Error::other(error)).to_string()
    }

    #[test]
    fn common_tls_failures_are_explained() {
        for (error, words) in [
            (
                CertificateError::UnknownIssuer,
                "no trusted authority issued it",
            ),
            (CertificateError::Expired, "it has expired"),
        ] {
            let error = Error::InvalidCertificate(error);
            let texts = [of_client(&error).to_string(), of_server(error.clone())];
            for text in texts {
                assert!(text.starts_with("invalid peer certificate: "), "{text}");
                assert!(text.contains(words), "{text}");
            }
        }
        assert_eq!(
            of_client(&Error::HandshakeNotComplete).to_string(),
            "handshake not complete"
        );
    }

    /// The names of the library's types are no words.
    #[test]
    fn alerts_are_named_as_in_the_standard() {
        for (alert, name) in [
            (AlertDescription::HandshakeFailure, "handshake_failure"),
            (AlertDescription::UnknownCA, "unknown_ca"),
            (AlertDescription::AccessDenied, "access_denied"),
        ] {
            let text = of_server(Error::AlertReceived(alert));
            assert!(text.ends_with(&format!(" (alert {name})")), "{text}");
        }
    }
}
