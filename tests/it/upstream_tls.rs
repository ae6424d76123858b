//! TLS to backends, with certificates made by OpenSSL, and what happens to callbacks if these are
//! invalid.

use std::sync::{Arc, Mutex, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use crate::openssl::OpenSsl;
use crate::support::signer::Signer;
use crate::support::tls::Authority;
use crate::support::{Origin, Proxy, Setup};

/// An authority and a backend with a certificate from it.
pub(crate) struct Shop {
    ca: String,
    files: Arc<OpenSsl>,
    pub(crate) origin: Origin,
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
    with_certificate(Arc::new(files), "shop")
}

/// A backend with this certificate and key; clients should trust `ca.pem`.
pub(crate) fn with_certificate(files: Arc<OpenSsl>, name: &str) -> Shop {
    with_versions(files, name, rustls::DEFAULT_VERSIONS)
}

pub(crate) fn with_versions(
    files: Arc<OpenSsl>,
    name: &str,
    versions: &[&'static SupportedProtocolVersion],
) -> Shop {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let certificate = files.read(&format!("{name}.pem"));
    let certificate = CertificateDer::from_pem_slice(&certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&files.read(&format!("{name}.key"))).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let asked = Arc::default();
    let certificate = Certificate {
        // Whether the key fits is for the client to find out.
        key: Arc::new(CertifiedKey::new(vec![certificate], key)),
        asked: Arc::clone(&asked),
    };
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificate));
    Shop {
        ca: files.path("ca.pem"),
        files,
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

pub(crate) fn send(proxy: &Proxy) -> u16 {
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
fn a_ca_certificate_that_another_authority_issued_is_reported_as_such() {
    let files = OpenSsl::new();
    for command in [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        "req -newkey rsa:2048 -nodes -keyout shop.key -out shop.csr -subj /CN=shop \
         -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=CA:TRUE",
        "x509 -req -in shop.csr -CA ca.pem -CAkey ca.key -days 2 -copy_extensions copy -out shop.pem",
    ] {
        files.run(command, b"");
    }
    let shop = with_certificate(Arc::new(files), "shop");
    let proxy = start(
        &format!("https://{}", shop.origin.address),
        &format!("tls = {{ ca = \"{}\" }}", shop.ca),
    );
    assert_eq!(send(&proxy), 502);
    let line = proxy.error_line("invalid peer certificate");
    assert!(line.contains("(CA:TRUE)"), "{line}");
}

/// Certificates for `shop.test` that are their own authority, `NAME.pem` with `NAME.key`.
fn self_signed() -> Arc<OpenSsl> {
    static MADE: OnceLock<Arc<OpenSsl>> = OnceLock::new();
    Arc::clone(MADE.get_or_init(|| Arc::new(make_self_signed())))
}

fn make_self_signed() -> OpenSsl {
    let files = OpenSsl::new();
    let new = "req -x509 -newkey rsa:2048 -nodes -subj /CN=shop.test";
    for command in [
        format!("{new} -keyout true.key -out true.pem -days 2"),
        format!(
            "{new} -keyout named.key -out named.pem -days 2 -addext basicConstraints=CA:FALSE \
             -addext subjectAltName=DNS:shop.test"
        ),
        "req -newkey rsa:2048 -nodes -keyout late.key -out late.csr -subj /CN=shop.test \
         -addext keyUsage=digitalSignature"
            .to_owned(),
        "x509 -req -in late.csr -signkey late.key -days -1 -copy_extensions copy -out late.pem"
            .to_owned(),
        format!(
            "{new} -keyout client.key -out client.pem -days 2 -addext extendedKeyUsage=clientAuth"
        ),
        format!(
            "{new} -keyout odd.key -out odd.pem -days 2 -addext 1.2.3.4=critical,ASN1:UTF8String:a"
        ),
        "req -newkey rsa:2048 -nodes -keyout old.key -out old.csr -subj /CN=shop.test".to_owned(),
        "x509 -req -in old.csr -signkey old.key -days 2 -out old.pem".to_owned(),
        "ecparam -name prime256v1 -genkey -noout -out curve.key".to_owned(),
        "req -new -key curve.key -out curve.csr -subj /CN=shop.test".to_owned(),
        "x509 -req -in curve.csr -signkey curve.key -days 2 -out curve.pem".to_owned(),
        "genpkey -algorithm RSA -out true-other.key".to_owned(),
        "genpkey -algorithm RSA -out old-other.key".to_owned(),
    ] {
        files.run(&command, b"");
    }
    for name in ["true", "old"] {
        let from = files.path(&format!("{name}.pem"));
        std::fs::copy(from, files.path(&format!("{name}-other.pem"))).unwrap();
    }
    files
}

pub(crate) fn start_named(shop: &Shop, ca: &str, name: &str) -> Proxy {
    start(
        &format!("https://{}", shop.origin.address),
        &format!("tls = {{ ca = \"{ca}\", server_name = \"{name}\" }}\nkeepalive = \"off\""),
    )
}

#[test]
fn a_certificate_that_is_named_itself_counts_whatever_its_kind() {
    for versions in [&[&TLS12][..], &[&TLS13]] {
        for name in ["true", "named", "old", "curve"] {
            let shop = with_versions(self_signed(), name, versions);
            let ca = shop.files.path(&format!("{name}.pem"));
            let proxy = start_named(&shop, &ca, "shop.test");
            assert_eq!(send(&proxy), 200, "{name} {versions:?}");
            // Upper and lower case are the same in host names.
            assert_eq!(send(&start_named(&shop, &ca, "SHOP.test")), 200, "{name}");
        }
    }
}

#[test]
fn a_named_certificate_counts_for_its_name_time_and_use_only() {
    for (name, server_name, cause) in [
        ("true", "other.test", "it is for another name"),
        ("named", "other.test", "not valid for name"),
        ("old", "127.0.0.1", "it is for another name"),
        ("late", "shop.test", "expired"),
        ("client", "shop.test", "not for this use"),
        ("odd", "shop.test", "unknown critical extension"),
    ] {
        let shop = with_certificate(self_signed(), name);
        let ca = shop.files.path(&format!("{name}.pem"));
        let proxy = start_named(&shop, &ca, server_name);
        assert_eq!(send(&proxy), 502, "{name}");
        let line = proxy.error_line("TLS handshake failed");
        assert!(line.contains(cause), "{name}: {line}");
        shop.origin.requests(0);
    }
}

/// Certificates are public: anybody could present one.
#[test]
fn a_named_certificate_counts_only_with_its_key() {
    for versions in [&[&TLS12][..], &[&TLS13]] {
        for name in ["true", "old"] {
            let shop = with_versions(self_signed(), &format!("{name}-other"), versions);
            let ca = shop.files.path(&format!("{name}.pem"));
            let proxy = start_named(&shop, &ca, "shop.test");
            assert_eq!(send(&proxy), 502, "{name} {versions:?}");
            proxy.error_line("TLS handshake failed");
            shop.origin.requests(0);
        }
    }
    // Nor does one that only says that it is from a named one.
    let shop = with_certificate(self_signed(), "named");
    let proxy = start_named(&shop, &shop.files.path("true.pem"), "shop.test");
    assert_eq!(send(&proxy), 502);
    shop.origin.requests(0);
}

/// Also the input of tests/cases/04-verify-false-x509-v1; that of a small key is in
/// `certificate_kinds`.
#[test]
fn without_verification_certificates_of_every_kind_are_accepted() {
    for versions in [&[&TLS12][..], &[&TLS13]] {
        for name in ["true", "old", "curve", "late", "client", "odd"] {
            let shop = with_versions(self_signed(), name, versions);
            let server = format!("https://{}", shop.origin.address);
            let proxy = start(&server, "tls = { verify = false }");
            assert_eq!(send(&proxy), 200, "{name} {versions:?}");
        }
    }
}

/// Also the input of tests/cases/06-upstream-host.
#[test]
fn a_server_can_get_the_name_of_its_certificate_as_host() {
    let shop = shop("DNS:shop.example", 1);
    let port = shop.origin.address.port();
    let proxy = start(
        &shop.origin.address.to_string(),
        &format!(
            "host = \"server\"\ntls = {{ ca = \"{}\", server_name = \"shop.example\" }}",
            shop.ca
        ),
    );
    assert_eq!(send(&proxy), 200);
    let host = format!("shop.example:{port}");
    assert_eq!(shop.origin.request().header("Host"), Some(host.as_str()));
}

/// A backend that demands a client certificate.
fn demanding(versions: &[&'static SupportedProtocolVersion]) -> (Authority, Origin) {
    let authority = Authority::new();
    authority.issue("shop", "IP:127.0.0.1");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate("ca")).unwrap();
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let key = PrivateKeyDer::from_pem_file(authority.path("shop.key")).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(vec![authority.certificate("shop")], key)
        .unwrap();
    let origin = Origin::tls(Arc::new(config));
    (authority, origin)
}

#[test]
fn a_server_that_demands_a_client_certificate_is_reported_as_that() {
    for versions in [&[&TLS12][..], &[&TLS13]] {
        let (authority, origin) = demanding(versions);
        let tls = format!("tls = {{ ca = \"{}\" }}", authority.path("ca.pem"));
        let proxy = start(&origin.address.to_string(), &tls);
        assert_eq!(send(&proxy), 502, "{versions:?}");
        let line = proxy.error_line("upstream_");
        assert_eq!(proxy.access()["reason"], "upstream_tls", "{line}");
        assert!(line.contains("demands a client certificate"), "{line}");
        origin.requests(0);
    }
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
