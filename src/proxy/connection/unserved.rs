//! Connections that end before a request arrives: counted by cause, with an occasional line in the
//! error log.

use std::fmt::Display;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use log::{Level, log};
use rustls::{AlertDescription, Error, PeerIncompatible};

use crate::judge::Peer;
use crate::proxy::limits::Throttle;
use crate::proxy::tls_words;

// Port scanners cause some of these; nobody should be woken for those: `Info`.
crate::verify::closed_list! {
    /// Why a connection ended before a request arrived.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum UnservedCause {
        /// The level of its line in the error log.
        level: Level
    }

    Limit = "limit" [Level::Warn], "The limit on connections is reached, and none could be closed to make room.";
    ClientLimit = "client_limit" [Level::Warn], "The client has as many connections as one client may have: raise `connections_per_client` or, if the client is a proxy, list it in `trusted_proxies`.";
    ProxyUntrusted = "proxy_untrusted" [Level::Warn], "The listener expects the PROXY protocol, but the peer is not in `trusted_proxies`.";
    ProxyHeaderMissing = "proxy_header_missing" [Level::Warn], "A trusted proxy connected without a PROXY header: configure the proxy to send one, or the listener not to expect it.";
    ProxyHeaderInvalid = "proxy_header_invalid" [Level::Warn], "A trusted proxy sent a PROXY header that is malformed, too long or truncated.";
    TlsClearText = "tls_clear_text" [Level::Info], "The client does not speak TLS on a TLS listener: usually it uses `http://` instead of `https://`.";
    TlsVersion = "tls_version" [Level::Info], "The client and the listener have no TLS version in common: the client is old, or `min_version` is too high for it.";
    TlsParameters = "tls_parameters" [Level::Info], "The client and the listener have no cipher suite, key exchange or signature algorithm in common: the client is old, or does not support this kind of certificate.";
    TlsProtocol = "tls_protocol" [Level::Info], "The client and the listener have no protocol in common (ALPN), or the client speaks a different one from the one they agreed on.";
    TlsClientCertificate = "tls_client_certificate" [Level::Warn], "The listener requires a client certificate, and the client has none, or one that is expired or not issued by `client_ca`.";
    TlsServerCertificate = "tls_server_certificate" [Level::Warn], "The client rejects the listener's certificate: its chain is incomplete, it has expired, or it is for another host.";
    TlsFailed = "tls_failed" [Level::Info], "The TLS handshake failed for another reason, or the client aborted it.";
    HandshakeTimeout = "handshake_timeout" [Level::Info], "On a listener with TLS or the PROXY protocol, the client did not get as far as a request within `timeouts.header`.";
}

/// The counts.
#[derive(Debug)]
pub(in crate::proxy) struct Unserved {
    of_cause: [CauseCount; UnservedCause::ALL.len()],
}

#[derive(Debug, Default)]
struct CauseCount {
    all: AtomicU64,
    /// The count when the last line was written.
    said: AtomicU64,
    throttle: Throttle,
}

impl Default for Unserved {
    fn default() -> Self {
        Self {
            of_cause: std::array::from_fn(|_| CauseCount::default()),
        }
    }
}

impl Unserved {
    /// Counts a connection, and logs it now and then.
    pub(in crate::proxy) fn note(&self, cause: UnservedCause, peer: &Peer, why: impl Display) {
        let Some(count) = self.of_cause.get(cause as usize) else {
            return;
        };
        let all = count.all.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if !count.throttle.passes() {
            return;
        }
        let said = count.said.swap(all, Ordering::Relaxed);
        let unsaid = all.saturating_sub(said).saturating_sub(1);
        let (level, code) = (cause.level(), cause.code());
        if unsaid == 0 {
            log!(level, "{peer}: not served ({code}): {why}");
        } else {
            log!(
                level,
                "{peer}: not served ({code}): {why}; {unsaid} more since the last such line"
            );
        }
    }

    /// The count of each cause since the start.
    pub(in crate::proxy) fn so_far(&self) -> Vec<(UnservedCause, u64)> {
        let counts = self.of_cause.iter();
        let counts = counts.map(|count| count.all.load(Ordering::Relaxed));
        UnservedCause::ALL.iter().copied().zip(counts).collect()
    }
}

/// The cause of a failed TLS handshake, with details.
pub(super) fn of_handshake(error: &io::Error) -> (UnservedCause, String) {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let Some(tls) = inner else {
        let why = if error.kind() == io::ErrorKind::UnexpectedEof {
            "the client closed the connection during the TLS handshake".to_owned()
        } else {
            format!("during the TLS handshake: {error}")
        };
        return (UnservedCause::TlsFailed, why);
    };
    let cause = of_tls(tls);
    let why = match cause {
        UnservedCause::TlsClearText => {
            "it does not use TLS: `http://` instead of `https://`, or another protocol".to_owned()
        }
        _ => format!("TLS handshake: {}", tls_words::of_client(tls)),
    };
    (cause, why)
}

fn of_tls(error: &Error) -> UnservedCause {
    match error {
        error if tls_words::is_clear_text(error) => UnservedCause::TlsClearText,
        Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired
            // TLS 1.2 introduced this extension, and its absence is noticed before the version is
            // checked.
            | PeerIncompatible::SignatureAlgorithmsExtensionRequired,
        ) => UnservedCause::TlsVersion,
        Error::PeerIncompatible(_) => UnservedCause::TlsParameters,
        Error::NoApplicationProtocol => UnservedCause::TlsProtocol,
        Error::NoCertificatesPresented
        | Error::InvalidCertificate(_)
        | Error::InvalidCertRevocationList(_) => UnservedCause::TlsClientCertificate,
        Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA,
        ) => UnservedCause::TlsServerCertificate,
        Error::AlertReceived(AlertDescription::ProtocolVersion) => UnservedCause::TlsVersion,
        _ => UnservedCause::TlsFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_a_count_of_its_own() {
        let unserved = Unserved::default();
        let peer = Peer::new(None);
        for (times, cause) in UnservedCause::ALL.iter().enumerate() {
            for _ in 0..times {
                unserved.note(*cause, &peer, "");
            }
        }
        let counts = unserved.so_far();
        assert_eq!(counts.len(), UnservedCause::ALL.len());
        for ((cause, count), expected) in counts.into_iter().zip(0..) {
            assert_eq!(count, expected, "{}", cause.code());
        }
    }

    #[test]
    fn codes_are_distinct() {
        let mut codes: Vec<_> = UnservedCause::ALL
            .iter()
            .map(|cause| cause.code())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), UnservedCause::ALL.len());
    }
}
