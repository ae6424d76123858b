//! The files with keys and bodies that a command line names.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::signer_error::SignerError;
use crate::signing::signing_key::PrivateSigningKey;
use crate::verify::Secret;

/// A private key.
pub(super) fn private_key(path: &Path) -> Result<PrivateSigningKey, SignerError> {
    let bytes = fs::read(path).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| SignerError::read(path, error))?;
    PrivateSigningKey::read(&bytes).map_err(|error| SignerError::PrivateKey {
        path: path.to_owned(),
        error,
    })
}

/// A secret: the file's bytes without one line end, as in a configuration.
pub(super) fn secret(path: &Path) -> Result<Secret, SignerError> {
    let bytes = fs::read(path).map(Zeroizing::new);
    let mut bytes = bytes.map_err(|error| SignerError::read(path, error))?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    Secret::new(bytes).map_err(|error| SignerError::Secret {
        path: path.to_owned(),
        error,
    })
}

/// Certificates in PEM, as DER.
pub(super) fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, SignerError> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let none = || SignerError::NoCertificate(path.to_owned());
    let found = CertificateDer::pem_file_iter(path).map_err(|_| none())?;
    let found: Result<Vec<_>, _> = found.collect();
    let found = found.map_err(|_| none())?;
    if found.is_empty() {
        return Err(none());
    }
    Ok(found.iter().map(|der| der.to_vec()).collect())
}

/// The bytes of a file, or of standard input.
pub(super) fn contents(path: &Path) -> Result<Vec<u8>, SignerError> {
    let read = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    read.map_err(|error| SignerError::read(path, error))
}
