//! A certificate with its chain and key, by which the proxy says who it is.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{Error, InconsistentKeys};

use super::files::is_private_key;
use crate::config::reader::Text;

/// The certificates in a file with this name and these bytes: at least one.
pub(super) fn chain(name: Text<'_>, bytes: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Some(chain),
        _ => name
            .error(
                "no certificate",
                if is_private_key(bytes) {
                    "this file contains a private key, but no certificate"
                } else {
                    "this file contains no certificate in PEM"
                },
            )
            .help("name a file that contains `-----BEGIN CERTIFICATE-----`")
            .report(),
    }
}

/// The private key in a file with this name and these bytes.
pub(super) fn private_key(
    name: Text<'_>,
    bytes: &[u8],
    provider: &CryptoProvider,
) -> Option<Arc<dyn SigningKey>> {
    // The decoder's error is not shown, because it could quote the key.
    if let Ok(key) = PrivateKeyDer::from_pem_slice(bytes) {
        // If its label is wrong, its content says what it is.
        let again = PrivateKeyDer::try_from(key.secret_der()).map(|key| key.clone_key());
        for key in [Some(key), again.ok()].into_iter().flatten() {
            if let Ok(key) = provider.key_provider.load_private_key(key) {
                return Some(key);
            }
        }
    }
    let is_encrypted = bytes.windows(9).any(|word| word == b"ENCRYPTED");
    let (why, help) = if is_encrypted {
        (
            "the key is protected by a pass phrase",
            "remove it: `openssl pkey -in key.pem -out plain.pem`",
        )
    } else {
        (
            "this file contains no private key in PEM of a supported kind",
            "name a file that contains `-----BEGIN PRIVATE KEY-----`: RSA of 2048 to 8192 bits, \
             P-256, P-384, P-521 or Ed25519",
        )
    };
    name.error("no private key", why).help(help).report()
}

/// A certificate with its key. Reports a key that is another one's.
pub(super) fn with_key(
    cert: Text<'_>,
    chain: Vec<CertificateDer<'static>>,
    key: Text<'_>,
    signing: Arc<dyn SigningKey>,
) -> Option<CertifiedKey> {
    let certified = CertifiedKey::new(chain, signing);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Some(certified),
        Err(Error::InconsistentKeys(_)) => key
            .error(
                "wrong private key",
                "this is not the key of the certificate",
            )
            .and(cert.place, "the certificate is here")
            .help(
                "name the key that the certificate was requested with; the certificate itself \
                 must be the first one in its file",
            )
            .report(),
        Err(error) => invalid(cert, &error.to_string()),
    }
}

/// Reports a certificate that cannot be used.
pub(super) fn invalid<T>(cert: Text<'_>, why: &str) -> Option<T> {
    cert.error("invalid certificate", why)
        .help("name the file that the authority issued: the certificate first, then its chain")
        .report()
}
