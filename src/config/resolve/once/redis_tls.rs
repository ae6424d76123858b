//! TLS to the Redis servers.

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, Text, Value};
use crate::config::resolve::files::{Contents, FilesRead, are_swapped};
use crate::config::resolve::own_certificate::{chain, private_key, with_key};
use crate::config::resolve::peer_certificates::warn_of_dates;
use crate::once::{Password, TlsFiles};

pub(super) fn tls(table: &Table<'_>, read: &mut FilesRead) -> Option<TlsFiles> {
    let [named_cert, named_key] =
        ["cert", "key"].map(|key| table.get(key).filter(Value::is_text)?.text());
    if let (Some(cert), Some(key)) = (named_cert, named_key)
        && are_swapped(cert, key)
    {
        return None;
    }
    let ca = table.optional("ca", |value| authorities(value.text()?, read));
    let cert = table.optional("cert", |value| {
        let name = value.text()?;
        Some((name, read.file(name, Contents::Certificates)?))
    });
    let key = table.optional("key", |value| {
        let name = value.text()?;
        Some((name, read.file(name, Contents::SecretKey)?))
    });
    let client = match (cert?, key?) {
        (Some((cert, chain)), Some((key, secret))) => {
            check_pair(cert, &chain, key, &secret)?;
            let secret = String::from_utf8_lossy(&secret).into_owned();
            Some((chain.to_vec(), Password(secret)))
        }
        (None, None) => None,
        (cert, _) => {
            let (there, missing) = match cert {
                Some(_) => ("cert", "key"),
                None => ("key", "cert"),
            };
            table.problems().report(
                Diagnostic::error(
                    "missing key",
                    table.key_place(there),
                    format!("`{there}` has no effect without `{missing}`"),
                )
                .help(format!("add `{missing} = \"...\"`")),
            );
            return None;
        }
    };
    Some(TlsFiles { ca: ca?, client })
}

/// The certificates of the servers' authorities: at least one, and each one that TLS can use.
fn authorities(name: Text<'_>, read: &mut FilesRead) -> Option<Vec<u8>> {
    let bytes = read.file(name, Contents::Certificates)?;
    let mut roots = RootCertStore::empty();
    let certificates = chain(name, &bytes)?;
    warn_of_dates(name, &certificates);
    for certificate in certificates {
        if let Err(error) = roots.add(certificate) {
            return name
                .error("invalid certificate", error.to_string())
                .help(
                    "name a file with the certificates of the authorities that issue the servers'",
                )
                .report();
        }
    }
    Some(bytes.to_vec())
}

/// Checks that this is a certificate and its key, as the store takes them: by the key's label, not by
/// its content.
fn check_pair(cert: Text<'_>, certificates: &[u8], key: Text<'_>, secret: &[u8]) -> Option<()> {
    let provider = default_provider();
    let certificates = chain(cert, certificates);
    let signing = private_key(key, secret, &provider)?;
    with_key(cert, certificates?, key, signing)?;
    let labelled = PrivateKeyDer::from_pem_slice(secret).ok();
    let by_label = labelled.map(|key| provider.key_provider.load_private_key(key));
    if !matches!(by_label, Some(Ok(_))) {
        return key
            .error(
                "no private key",
                "the label of the PEM names another kind of key than the one in it",
            )
            .help("let `openssl pkey -in key.pem -out labelled.pem` write it anew")
            .report();
    }
    Some(())
}
