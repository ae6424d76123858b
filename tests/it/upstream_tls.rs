//! TLS to backends, with certificates made by OpenSSL, and what happens to callbacks if these are
//! invalid.

use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::openssl::OpenSsl;
use crate::support::signer::Signer;
use crate::support::{Origin, Proxy, Setup};

/// An authority and a backend with a certificate from it.
struct Shop {
    ca: String,
    _files: OpenSsl,
    origin: Origin,
    asked: Arc<Mutex<Vec<Option<String>>>>,
}

/// Serves one certificate and records the names that clients ask for.
#[derive(Debug)]
struct Certificate {
    key: Arc<CertifiedKey>,
    asked: Arc<Mutex<Vec<Option<String>>>>,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_owned);
        self.asked.lock().unwrap().push(name);
        Some(Arc::clone(&self.key))
    }
}

/// A backend whose certificate names these hosts and is valid for `days`.
fn shop(names: &str, days: i32) -> Shop {
    let files = OpenSsl::new();
    files.run(
        &format!(
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN={names}"
        ),
        b"",
    );
    files.run(
        "req -newkey rsa:2048 -nodes -keyout shop.key -out shop.csr -subj /CN=shop",
        b"",
    );
    files.write("names", &format!("subjectAltName={names}\n"));
    files.run(
        &format!(
            "x509 -req -in shop.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out shop.pem \
             -days {days} -extfile names"
        ),
        b"",
    );
    with_certificate(files, "shop")
}

/// A backend with this certificate and key; clients should trust `ca.pem`.
fn with_certificate(files: OpenSsl, name: &str) -> Shop {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let certificate = files.read(&format!("{name}.pem"));
    let certificate = CertificateDer::from_pem_slice(&certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&files.read(&format!("{name}.key"))).unwrap();
    let asked = Arc::default();
    let certificate = Certificate {
        key: Arc::new(CertifiedKey::from_der(vec![certificate], key, &provider).unwrap()),
        asked: Arc::clone(&asked),
    };
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificate));
    Shop {
        ca: files.path("ca.pem"),
        _files: files,
        origin: Origin::tls(Arc::new(config)),
        asked,
    }
}

fn start(server: &str, lines: &str) -> Proxy {
    Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .tables(&format!(
            "[[upstream]]\nname = \"origin\"\nservers = [\"{server}\"]\n{lines}"
        ))
        .start()
}

fn send(proxy: &Proxy) -> u16 {
    Signer::get().sgate("/cb", "{}").send(proxy).status
}

#[test]
fn callbacks_go_to_a_server_with_a_valid_certificate() {
    let shop = shop("DNS:localhost,IP:127.0.0.1", 1);
    let port = shop.origin.address.port();
    let tls = format!("tls = {{ ca = \"{}\" }}\nkeepalive = \"1h\"", shop.ca);
    let mut all = 0;
    for (server, name) in [
        (format!("https://localhost:{port}"), Some("localhost")),
        (format!("127.0.0.1:{port}"), None),
    ] {
        let proxy = start(&server, &tls);
        // Reused connections show as fewer handshakes than callbacks. Addresses of a name on which
        // nobody listens do not count.
        let mut sent = 0;
        while sent == shop.asked.lock().unwrap().len() {
            assert_eq!(send(&proxy), 200);
            sent += 1;
        }
        assert_eq!(proxy.access()["upstream"], server);
        let asked: Vec<_> = shop.asked.lock().unwrap().drain(..).collect();
        assert!(
            asked.iter().all(|asked| asked.as_deref() == name),
            "{asked:?}"
        );
        all += sent;
    }
    shop.origin.requests(all);
}

#[test]
fn a_server_with_an_invalid_certificate_gets_no_callback() {
    let [good, other, late] = [
        shop("IP:127.0.0.1", 1),
        shop("DNS:other.example", 1),
        shop("IP:127.0.0.1", -1),
    ];
    for (shop, ca, cause) in [
        // An untrusted authority, another name, and an expired certificate.
        (&good, &other.ca, "no trusted authority"),
        (&other, &other.ca, "not valid for name"),
        (&late, &late.ca, "expired"),
    ] {
        let proxy = start(
            &format!("https://{}", shop.origin.address),
            &format!("tls = {{ ca = \"{ca}\" }}"),
        );
        assert_eq!(send(&proxy), 502);
        assert_eq!(proxy.access()["reason"], "upstream_tls");
        let line = proxy.error_line("TLS handshake failed");
        assert!(line.contains(cause), "{cause}: {line}");
        shop.origin.requests(0);
    }
}

#[test]
fn the_next_server_is_tried_after_a_failed_handshake() {
    let (plain, shop) = (Origin::start(), shop("IP:127.0.0.1", 1));
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(
            &[plain.address, shop.origin.address],
            &format!("tls = {{ ca = \"{}\" }}\nconnect_timeout = \"3s\"", shop.ca),
        )
        .start();
    assert_eq!(send(&proxy), 200);
    plain.requests(0);
    shop.origin.requests(1);
}

#[test]
fn the_certificates_name_can_differ_from_the_host() {
    let shop = shop("DNS:shop.example", 1);
    let proxy = start(
        &shop.origin.address.to_string(),
        &format!(
            "tls = {{ ca = \"{}\", server_name = \"shop.example\" }}",
            shop.ca
        ),
    );
    assert_eq!(send(&proxy), 200);
    assert_eq!(
        *shop.asked.lock().unwrap(),
        [Some("shop.example".to_owned())]
    );
}

#[test]
fn unknown_authorities_are_refused_unless_verification_is_off() {
    let shop = shop("DNS:other.example", -1);
    let server = format!("https://{}", shop.origin.address);
    let proxy = start(&server, "");
    assert_eq!(send(&proxy), 502);
    proxy.error_line("invalid peer certificate");
    let proxy = start(&server, "tls = { verify = false }");
    assert_eq!(send(&proxy), 200);
}

/// `openssl req -x509` makes such a certificate by default.
#[test]
fn a_ca_certificate_used_by_a_server_is_reported_as_such() {
    let files = OpenSsl::new();
    files.run(
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=shop \
         -addext subjectAltName=IP:127.0.0.1",
        b"",
    );
    let shop = with_certificate(files, "ca");
    let proxy = start(
        &format!("https://{}", shop.origin.address),
        &format!("tls = {{ ca = \"{}\" }}", shop.ca),
    );
    assert_eq!(send(&proxy), 502);
    let line = proxy.error_line("invalid peer certificate");
    assert!(line.contains("(CA:TRUE)"), "{line}");
}

#[test]
fn health_checks_use_tls() {
    let shop = shop("IP:127.0.0.1", 1);
    let proxy = start(
        &format!("https://{}", shop.origin.address),
        &format!(
            "tls = {{ ca = \"{}\" }}\nhealth_check = {{ path = \"/health\", interval = \"50ms\" }}",
            shop.ca
        ),
    );
    let check = shop.origin.first();
    assert_eq!(
        (check.method.as_str(), check.target.as_str()),
        ("GET", "/health")
    );
    assert_eq!(send(&proxy), 200);
}
