//! TLS to servers.

use std::cell::OnceCell;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};

use super::unverified::Unverified;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::model::{Endpoint, ServerTls, TlsConfig};
use crate::config::no_certificate::NoCertificate;
use crate::config::reader::{Draft, Table, Text, Value, quote};
use crate::config::resolve::files::{Contents, FilesRead};
use crate::config::resolve::peer_certificates::{Trusted, VerifiedServer, warn_of_dates};

/// What TLS needs from the machine, read at most once.
#[derive(Default)]
pub(super) struct Machine {
    roots: OnceCell<Result<Trusted, String>>,
    /// The files that were read.
    pub(super) files: FilesRead,
}

/// How an upstream uses TLS, if it does.
pub(super) struct Tls {
    config: TlsConfig,
    name: Option<ServerName<'static>>,
    for_all: bool,
}

/// `Some(None)` if no server uses TLS. `needed` is a server that asks for TLS without the table.
pub(super) fn tls(
    table: &Table<'_>,
    needed: Option<Text<'_>>,
    machine: &mut Machine,
) -> Option<Option<Tls>> {
    if !table.has("tls") {
        let Some(text) = needed else {
            return Some(None);
        };
        let roots = system_roots(machine, text.error(NO_ROOTS, WHY_NO_ROOTS))?;
        let config = client_config(Some(roots), table)?;
        return Some(Some(Tls {
            config,
            name: None,
            for_all: false,
        }));
    }
    let value = table.get("tls")?;
    let tls = value.table()?;
    let verify = tls.read("verify", Value::boolean);
    let ca = tls.optional("ca", |value| ca(value, machine));
    let name = tls.optional("server_name", |value| {
        let text = value.text()?;
        server_name(text, text.text)
    });
    let (verify, ca) = (verify?, ca?);
    let trusted = match (verify, ca) {
        (true, Some(trusted)) => Some(trusted),
        (true, None) => Some(system_roots(machine, value.error(NO_ROOTS, WHY_NO_ROOTS))?),
        (false, Some(_)) => {
            tls.problems().report(
                Diagnostic::error(
                    "conflicting keys",
                    tls.key_place("ca"),
                    "without verification, it is not compared with anything",
                )
                .and(tls.key_place("verify"), "verification is disabled here")
                .help("remove one of the two"),
            );
            return None;
        }
        (false, None) => {
            tls.problems().report(
                Diagnostic::warning(
                    WarningName::UnverifiedServer,
                    tls.key_place("verify"),
                    "whoever is between the proxy and the server can read and answer callbacks",
                )
                .help("use `ca` to name the certificate of the server's issuer instead"),
            );
            None
        }
    };
    let config = client_config(trusted, table)?;
    Some(Some(Tls {
        config,
        name: name?,
        for_all: true,
    }))
}

impl Tls {
    /// Whether all servers use TLS, or only those that ask for it.
    pub(super) const fn is_for_all(&self) -> bool {
        self.for_all
    }

    /// The TLS settings for one server; `host` is its name or IP address.
    pub(super) fn of(&self, text: Text<'_>, host: &str, endpoint: &Endpoint) -> Option<ServerTls> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None if matches!(endpoint, Endpoint::Unix(_)) => {
                return text
                    .error(
                        "missing server name",
                        "a Unix socket has no name that a certificate could be for",
                    )
                    .help("add `server_name = \"...\"` to the upstream's `tls`")
                    .report();
            }
            None => server_name(text, host)?,
        };
        Some(ServerTls {
            config: self.config.clone(),
            name,
        })
    }
}

fn server_name(text: Text<'_>, name: &str) -> Option<ServerName<'static>> {
    let name = name.trim_start_matches('[').trim_end_matches(']');
    if let Ok(name) = ServerName::try_from(name.to_owned()) {
        return Some(name);
    }
    text.error(
        "invalid server name",
        format!("{} is neither a host name nor an IP address", quote(name)),
    )
    .help("write the name that the server's certificate is for")
    .report()
}

fn ca(value: Value<'_>, machine: &mut Machine) -> Option<Trusted> {
    let text = value.text()?;
    let refuse = |why: String| {
        text.error("cannot read the certificates", why)
            .help(
                "name a PEM file with the certificates of the authorities that may issue the \
                 server's, or with the server's own",
            )
            .report()
    };
    let bytes = machine.files.file(text, Contents::Certificates)?;
    let named: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    // The decoder's error is not shown, because it could quote what is no certificate.
    let trusted = named
        .map_err(|_| "a PEM block in it is damaged".to_owned())
        .and_then(|named| {
            warn_of_dates(text, &named);
            Trusted::named(named)
        });
    match trusted {
        Ok(trusted) if trusted.is_empty() => refuse("it contains no certificate".to_owned()),
        Ok(trusted) => Some(trusted),
        Err(error) => refuse(error),
    }
}

const NO_ROOTS: &str = "no certificates";
const WHY_NO_ROOTS: &str = "the system trusts no certificates";

/// The certificates that the machine trusts. Reports `draft` if there are none.
fn system_roots(machine: &Machine, draft: Draft<'_>) -> Option<Trusted> {
    let roots = machine.roots.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs();
        let trusted = Trusted::by_machine(found.certs);
        if trusted.is_empty() {
            let errors: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
            Err(errors.join("; "))
        } else {
            Ok(trusted)
        }
    });
    match roots {
        Ok(roots) => Some(roots.clone()),
        Err(error) => draft
            .note(error.as_str())
            .help("install `ca-certificates`, or name the issuer's certificate: `tls = { ca = \"ca.pem\" }`")
            .report(),
    }
}

/// A configuration that verifies servers against these certificates; without any, it accepts every
/// certificate.
fn client_config(trusted: Option<Trusted>, table: &Table<'_>) -> Option<TlsConfig> {
    let provider = Arc::new(default_provider());
    let failed = |error: String| {
        table.problems().report(
            Diagnostic::error("no TLS", table.place(), error)
                .help("this is a bug in the program: please report it"),
        );
    };
    let verifier: Arc<dyn ServerCertVerifier> = match trusted {
        Some(trusted) => {
            let verifier = VerifiedServer::new(trusted, Arc::clone(&provider));
            Arc::new(verifier.map_err(|error| failed(error.to_string())).ok()?)
        }
        None => Arc::new(Unverified::new(Arc::clone(&provider))),
    };
    let certificate = Arc::new(NoCertificate::default());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions();
    let mut config = builder
        .map_err(|error| failed(error.to_string()))
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::clone(&certificate) as _);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(TlsConfig {
        handshakes: Arc::new(config),
        certificate,
    })
}
