//! Which certificates that a configuration names, or the system trusts, may issue others.

use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::version::{TLS12, TLS13};

use crate::openssl::OpenSsl;
use crate::support::tls::Authority;
use crate::support::{Origin, Proxy, Setup};
use crate::upstream_tls::{send, start_named, with_certificate, with_versions};

/// How `named.pem` is made from `named.key` and `named.csr`, and whether it is an authority.
const NAMED: &[(&str, bool)] = &[
    (
        "x509 -req -in named.csr -signkey named.key -days 2 -extfile leaf -out named.pem",
        false,
    ),
    (
        "x509 -req -in named.csr -CA ca.pem -CAkey ca.key -days 2 -extfile leaf -out named.pem",
        false,
    ),
    (
        "x509 -req -in named.csr -signkey named.key -days 2 -extfile bare -out named.pem",
        false,
    ),
    (
        "x509 -req -in named.csr -signkey named.key -days 2 -extfile unable -out named.pem",
        false,
    ),
    (
        "x509 -req -in named.csr -CA ca.pem -CAkey ca.key -days 2 -out named.pem",
        false,
    ),
    (
        "x509 -req -in named.csr -signkey named.key -days 2 -out named.pem",
        true,
    ),
    (
        "x509 -req -in named.csr -signkey named.key -days 2 -extfile root -out named.pem",
        true,
    ),
    (
        "x509 -req -in named.csr -CA ca.pem -CAkey ca.key -days 2 -extfile root -out named.pem",
        true,
    ),
];

/// `ca.pem`, and `named.pem`, made like this; `issued.pem` and `other.pem` that were issued by these
/// two, and the two in one file, `both.pem`.
fn named(made: &str) -> OpenSsl {
    let files = OpenSsl::new();
    let name = "subjectAltName=DNS:shop.test\n";
    files.write("leaf", &format!("{name}basicConstraints=CA:FALSE\n"));
    files.write("bare", name);
    files.write(
        "unable",
        &format!("{name}basicConstraints=CA:TRUE\nkeyUsage=digitalSignature\n"),
    );
    files.write(
        "root",
        &format!("{name}basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n"),
    );
    files.write(
        "visits",
        &format!("{name}basicConstraints=CA:TRUE\nextendedKeyUsage=clientAuth\n"),
    );
    files.write("names", name);
    for command in [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        "req -newkey rsa:2048 -nodes -keyout named.key -out named.csr -subj /CN=shop.test",
        made,
        "req -newkey rsa:2048 -nodes -keyout other.key -out other.csr -subj /CN=shop.test",
        "x509 -req -in other.csr -CA named.pem -CAkey named.key -days 2 -extfile names -out other.pem",
        "x509 -req -in other.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out issued.pem",
    ] {
        files.run(command, b"");
    }
    std::fs::copy(files.path("other.key"), files.path("issued.key")).unwrap();
    let both = [files.read("ca.pem"), files.read("named.pem")].concat();
    files.write("both.pem", std::str::from_utf8(&both).unwrap());
    files
}

/// Whoever runs one server could otherwise issue certificates for every other one.
#[test]
fn the_key_of_a_named_certificate_issues_no_other_unless_it_is_an_authority() {
    for (made, is_authority) in NAMED {
        let files = Arc::new(named(made));
        for versions in [&[&TLS12][..], &[&TLS13]] {
            let issued = with_versions(Arc::clone(&files), "other", versions);
            let proxy = start_named(&issued, &files.path("named.pem"), "shop.test");
            if *is_authority {
                assert_eq!(send(&proxy), 200, "{made:?}");
                continue;
            }
            assert_eq!(send(&proxy), 502, "{made:?}");
            let line = proxy.error_line("TLS handshake failed");
            assert!(line.contains("no trusted authority"), "{made:?}: {line}");
            issued.origin.requests(0);
            // Nor beside an authority.
            let proxy = start_named(&issued, &files.path("both.pem"), "shop.test");
            assert_eq!(send(&proxy), 502, "{made:?}");
            issued.origin.requests(0);
        }
        // It counts as itself in every case.
        let shop = with_certificate(Arc::clone(&files), "named");
        let proxy = start_named(&shop, &files.path("named.pem"), "shop.test");
        assert_eq!(send(&proxy), 200, "{made:?}");
    }
}

const EXPIRED: &str =
    "x509 -req -in named.csr -signkey named.key -days -1 -extfile root -out named.pem";
const FOR_CLIENTS: &str =
    "x509 -req -in named.csr -signkey named.key -days 2 -extfile visits -out named.pem";

/// webpki asks neither of an authority.
#[test]
fn an_authority_counts_in_its_time_and_for_its_use_only() {
    let server = Authority::new();
    server.issue("first", "DNS:first.example");
    for (made, why, issues_for_clients) in [
        (EXPIRED, "the authority that issued it has expired", false),
        (
            FOR_CLIENTS,
            "the authority that issued it is not for this use",
            true,
        ),
    ] {
        let files = Arc::new(named(made));
        let [alone, both] = ["named.pem", "both.pem"].map(|file| files.path(file));
        for versions in [&[&TLS12][..], &[&TLS13]] {
            let issued = with_versions(Arc::clone(&files), "other", versions);
            for ca in [&alone, &both] {
                let proxy = start_named(&issued, ca, "shop.test");
                assert_eq!(send(&proxy), 502, "{made:?}");
                let line = proxy.error_line("TLS handshake failed");
                assert!(line.contains(why), "{made:?}: {line}");
            }
            issued.origin.requests(0);
            // Beside it, another one issues as ever.
            let issued = with_versions(Arc::clone(&files), "issued", versions);
            assert_eq!(send(&start_named(&issued, &both, "shop.test")), 200);
        }
        for ca in [&alone, &both] {
            let proxy = listener(&server, ca, "");
            for version in ["-tls1_2", "-tls1_3"] {
                let (is_served, _) = client(&proxy, &files, "other", version);
                assert_eq!(is_served, issues_for_clients, "{made} {version}");
            }
        }
    }
}

/// The system's certificates may hold that of a single server, too.
#[test]
fn what_the_system_trusts_issues_others_only_if_it_is_an_authority() {
    let (made, _) = NAMED[0];
    let files = Arc::new(named(made));
    for (file, trusted, status) in [
        ("other", "named", 502),
        ("other", "both", 502),
        ("named", "named", 200),
        ("named", "both", 200),
        ("issued", "both", 200),
        ("issued", "named", 502),
    ] {
        let shop = with_certificate(Arc::clone(&files), file);
        let proxy = Setup::new()
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .tables(&format!(
                "[[upstream]]\nname = \"origin\"\nservers = [\"https://{}\"]\n\
                 tls = {{ server_name = \"shop.test\" }}",
                shop.origin.address
            ))
            .environment("SSL_CERT_FILE", &files.path(&format!("{trusted}.pem")))
            .start();
        assert_eq!(send(&proxy), status, "{file} {trusted}");
        shop.origin.requests(usize::from(status == 200));
    }
}

/// What OpenSSL, as a client with this certificate, prints; the proxy answers it.
fn client(proxy: &Proxy, files: &OpenSsl, certificate: &str, version: &str) -> (bool, String) {
    let [certificate, key] = ["pem", "key"].map(|end| files.path(&format!("{certificate}.{end}")));
    let mut child = Command::new("openssl")
        .args(["s_client", "-connect", &proxy.address.to_string(), version])
        .args(["-cert", &certificate, "-key", &key, "-ign_eof"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let request = b"GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    // It may have ended already.
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), request);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (text.contains("HTTP/1.1 404"), text)
}

fn listener(server: &Authority, client_ca: &str, mode: &str) -> Proxy {
    let origin = Origin::start();
    Setup::new()
        .listener(&server.tls(&["first"], &format!("client_ca = \"{client_ca}\"\n{mode}")))
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start()
}

/// Whoever runs one client could otherwise issue certificates for every other one.
#[test]
fn the_key_of_a_named_client_issues_no_other_unless_it_is_an_authority() {
    let server = Authority::new();
    server.issue("first", "DNS:first.example");
    for (made, is_authority) in NAMED {
        let files = named(made);
        let alone = listener(&server, &files.path("named.pem"), "");
        let beside = listener(
            &server,
            &files.path("both.pem"),
            "client_auth = \"optional\"",
        );
        for version in ["-tls1_2", "-tls1_3"] {
            let is_served = |proxy, certificate| client(proxy, &files, certificate, version).0;
            assert!(is_served(&alone, "named"), "{made} {version}");
            assert!(is_served(&beside, "named"), "{made} {version}");
            assert!(is_served(&beside, "issued"), "{made} {version}");
            assert_eq!(
                is_served(&alone, "other"),
                *is_authority,
                "{made} {version}"
            );
            assert_eq!(
                is_served(&beside, "other"),
                *is_authority,
                "{made} {version}"
            );
        }
    }
}

/// Java's clients, for example, pick their certificate by these names.
#[test]
fn clients_are_told_the_issuers_of_the_certificates_that_count() {
    let server = Authority::new();
    server.issue("first", "DNS:first.example");
    let issued_by_ca = NAMED[1].0;
    let files = named(issued_by_ca);
    for file in ["named.pem", "both.pem", "ca.pem"] {
        let proxy = listener(&server, &files.path(file), "");
        let (is_served, text) = client(&proxy, &files, "named", "-tls1_3");
        assert!(is_served, "{file}: {text}");
        let names = text.split("Acceptable client certificate CA names").nth(1);
        assert!(
            names.unwrap().trim_start().starts_with("CN = authority"),
            "{file}: {text}"
        );
    }
}
