//! A certificate with its chain and key.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{Error, InconsistentKeys};
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::listener_tls::Certificate;
use crate::config::reader::{Table, Text};
use crate::config::resolve::files::{Contents, FilesRead, are_swapped, is_private_key};

pub(super) fn certificate(
    table: &Table<'_>,
    is_first: bool,
    provider: &CryptoProvider,
    read: &mut FilesRead,
) -> Option<Certificate> {
    let cert = table
        .require(
            "cert",
            "add `cert = \"fullchain.pem\"`: the certificate, followed by its chain",
        )
        .and_then(|value| value.text());
    let key = table
        .require(
            "key",
            "add `key = \"key.pem\"`: the certificate's private key",
        )
        .and_then(|value| value.text());
    if let (Some(cert), Some(key)) = (cert, key)
        && are_swapped(cert, key)
    {
        return None;
    }
    let chain = cert.and_then(|cert| chain(cert, read));
    let signing = key.and_then(|key| private_key(key, provider, read));
    let (cert, chain) = (cert?, chain?);
    let names = check(table, cert, &chain, is_first)?;
    let certified = CertifiedKey::new(chain, signing?);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Some(Certificate {
            names,
            key: Arc::new(certified),
        }),
        Err(Error::InconsistentKeys(_)) => key?
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

/// The certificates in a file, at least one.
pub(super) fn chain(name: Text<'_>, read: &mut FilesRead) -> Option<Vec<CertificateDer<'static>>> {
    let bytes = read.file(name, Contents::Certificates)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Some(chain),
        _ => name
            .error(
                "no certificate",
                if is_private_key(&bytes) {
                    "this file contains a private key, but no certificate"
                } else {
                    "this file contains no certificate in PEM"
                },
            )
            .help("name a file that contains `-----BEGIN CERTIFICATE-----`")
            .report(),
    }
}

fn private_key(
    name: Text<'_>,
    provider: &CryptoProvider,
    read: &mut FilesRead,
) -> Option<Arc<dyn SigningKey>> {
    let bytes = read.file(name, Contents::SecretKey)?;
    // The decoder's error is not shown, because it could quote the key.
    if let Ok(key) = PrivateKeyDer::from_pem_slice(&bytes) {
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

/// Checks the certificate itself. Returns the host names in it.
fn check(
    table: &Table<'_>,
    cert: Text<'_>,
    chain: &[CertificateDer<'_>],
    is_first: bool,
) -> Option<Vec<String>> {
    let parsed = match x509_cert::Certificate::from_der(chain.first()?) {
        Ok(parsed) => parsed,
        Err(error) => return invalid(cert, &error.to_string()),
    };
    let tbs = parsed.tbs_certificate();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let validity = tbs.validity();
    let warn = |why: String, help: &str| {
        let warning = Diagnostic::warning(WarningName::CertificateOutOfDate, cert.place, why);
        table.problems().report(warning.help(help));
    };
    if validity.not_after.to_unix_duration() < now {
        warn(
            format!(
                "it expired at {}, so clients will reject it",
                validity.not_after
            ),
            "renew it, then reload",
        );
    } else if validity.not_before.to_unix_duration() > now {
        warn(
            format!("it is not valid before {}", validity.not_before),
            "check this machine's clock",
        );
    }
    let names: Vec<String> = match tbs.get_extension::<SubjectAltName>() {
        Ok(Some((_, names))) => names.0.iter().filter_map(host_name).collect(),
        Ok(None) => Vec::new(),
        Err(error) => return invalid(cert, &error.to_string()),
    };
    if names.is_empty() && !is_first {
        let warning = Diagnostic::warning(
            WarningName::CertificateWithoutNames,
            cert.place,
            "no client will ever get it: it names no host, and is not the first one",
        );
        table
            .problems()
            .report(warning.help("get one with the host in its subjectAltName, or put it first"));
    }
    Some(names)
}

/// A host name in lower case. Of a wildcard name, the part after the `*`.
fn host_name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => {
            let name = name.as_str().to_ascii_lowercase();
            Some(name.strip_prefix('*').map(str::to_owned).unwrap_or(name))
        }
        _ => None,
    }
}

fn invalid<T>(cert: Text<'_>, why: &str) -> Option<T> {
    cert.error("invalid certificate", why)
        .help("name the file that the authority issued: the certificate first, then its chain")
        .report()
}
