//! TLS settings of a listener.

mod certificate;

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::server::danger::ClientCertVerifier;
use rustls::version::{TLS12, TLS13};

use crate::config::listener_tls::{Certificates, ClientAuth, ListenerTls, TlsVersion};
use crate::config::reader::{Table, Text, Value};
use crate::config::resolve::files::{Contents, FilesRead};
use crate::config::resolve::own_certificate;
use crate::config::resolve::peer_certificates::{Trusted, VerifiedClient, warn_of_dates};

/// Reads a listener's `tls`. Adds the files to `read`.
pub(super) fn tls(value: Value<'_>, http2: bool, read: &mut FilesRead) -> Option<ListenerTls> {
    let table = value.table()?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let certificates = certificates(&table, &provider, read);
    let min_version = table.read("min_version", Value::word);
    let authority = table.optional("client_ca", |value| {
        let name = value.text()?;
        let bytes = read.file(name, Contents::Certificates)?;
        Some((name, own_certificate::chain(name, &bytes)?))
    });
    let mode = table.read("client_auth", Value::word);
    if table.has("client_auth") && !table.may_have("client_ca") {
        table.missing(
            "`client_auth` requires the authority that issues the clients' certificates",
            "add `client_ca = \"ca.pem\"`, or remove `client_auth`",
        );
        return None;
    }
    let (authority, mode) = (authority?, mode?);
    let client_auth = authority.as_ref().map(|_| mode);
    let verifier = match authority {
        Some((name, named)) => Some(verifier(name, named, mode, &provider)?),
        None => None,
    };
    let certificates = Arc::new(Certificates(certificates?));
    let min_version = min_version?;
    let handshakes = handshakes(
        provider,
        min_version,
        verifier,
        Arc::clone(&certificates),
        http2,
    );
    match handshakes {
        Ok(handshakes) => Some(ListenerTls {
            certificates,
            min_version,
            client_auth,
            handshakes: Arc::new(handshakes),
        }),
        Err(error) => value
            .error("invalid TLS settings", error.to_string())
            .help("see docs/configuration.md")
            .report(),
    }
}

fn certificates(
    table: &Table<'_>,
    provider: &CryptoProvider,
    read: &mut FilesRead,
) -> Option<Vec<crate::config::listener_tls::Certificate>> {
    let value = table.require(
        "certificates",
        "add `certificates = [{ cert = \"fullchain.pem\", key = \"key.pem\" }]`",
    )?;
    let mut is_first = true;
    let certificates = value.list_of(|value| {
        let table = value.table()?;
        let is_first = std::mem::take(&mut is_first);
        certificate::certificate(&table, is_first, provider, read)
    })?;
    if certificates.is_empty() {
        return value
            .error("missing certificate", "TLS needs at least one certificate")
            .help("write `[{ cert = \"fullchain.pem\", key = \"key.pem\" }]`")
            .report();
    }
    Some(certificates)
}

/// Accepts clients that one of these authorities issued a certificate for, or that present one of
/// these certificates.
fn verifier(
    name: Text<'_>,
    named: Vec<CertificateDer<'static>>,
    mode: ClientAuth,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<dyn ClientCertVerifier>> {
    warn_of_dates(name, &named);
    let verifier = Trusted::named(named).and_then(|trusted| {
        let verifier = VerifiedClient::new(trusted, mode, Arc::clone(provider));
        verifier.map_err(|error| error.to_string())
    });
    match verifier {
        Ok(verifier) => Some(Arc::new(verifier)),
        Err(why) => name
            .error("invalid certificate", why)
            .help("name a file with the certificates of the authorities, or of the clients")
            .report(),
    }
}

fn handshakes(
    provider: Arc<CryptoProvider>,
    min_version: TlsVersion,
    verifier: Option<Arc<dyn ClientCertVerifier>>,
    certificates: Arc<Certificates>,
    http2: bool,
) -> Result<ServerConfig, rustls::Error> {
    let versions = match min_version {
        TlsVersion::Tls12 => &[&TLS13, &TLS12][..],
        TlsVersion::Tls13 => &[&TLS13][..],
    };
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions)?;
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_cert_resolver(certificates);
    // Each reload creates a new ticketer, so no ticket outlives the settings it was issued under.
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    // Old clients offer HTTP/1.0 and nothing else. In the order of preference.
    let http1 = [b"http/1.1".to_vec(), b"http/1.0".to_vec()];
    let http2 = http2.then(|| b"h2".to_vec());
    config.alpn_protocols = http2.into_iter().chain(http1).collect();
    Ok(config)
}
