//! A certificate with its chain and key.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::listener_tls::Certificate;
use crate::config::reader::{Table, Text};
use crate::config::resolve::files::{Contents, FilesRead, are_swapped};
use crate::config::resolve::own_certificate::{self, invalid};

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
    let chain = cert.and_then(|cert| {
        let bytes = read.file(cert, Contents::Certificates)?;
        own_certificate::chain(cert, &bytes)
    });
    let signing = key.and_then(|key| {
        let bytes = read.file(key, Contents::SecretKey)?;
        own_certificate::private_key(key, &bytes, provider)
    });
    let (cert, chain) = (cert?, chain?);
    let names = check(table, cert, &chain, is_first)?;
    let certified = own_certificate::with_key(cert, chain, key?, signing?)?;
    Some(Certificate {
        names,
        key: Arc::new(certified),
    })
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
