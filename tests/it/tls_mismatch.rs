//! TLS on one side of a connection and something else on the other: what the error log says.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::support::faulty::{Faulty, Step};
use crate::support::signer::Signer;
use crate::support::tls::Authority;
use crate::support::{Origin, PATIENCE, Proxy, Setup, address};

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

const BAD: &str = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

/// Reads a whole TLS hello, which fits into one read.
const HELLO: Step = Step::ReadSome(1 << 16);

#[test]
fn a_server_that_does_not_speak_our_tls_is_told_by_what_it_does() {
    let server = Faulty::start();
    let clear =
        "the server answered in clear text: use its TLS port, or remove `tls` and `https://`";
    let closed =
        "it closed the connection during the handshake: perhaps this port does not speak TLS";
    let cases: [(&'static [Step], &str, u16); 8] = [
        (&[HELLO, Step::Write(BAD)], clear, 502),
        (
            &[Step::Write("SSH-2.0-OpenSSH_9.2\r\n"), Step::Wait],
            clear,
            502,
        ),
        (&[HELLO], closed, 502),
        (&[HELLO, Step::Reset], closed, 502),
        (
            &[Step::Wait],
            "no complete TLS handshake within 300ms (connect_timeout)",
            504,
        ),
        (
            &[HELLO, Step::Write("\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{46}")],
            "the server supports neither TLS 1.2 nor TLS 1.3 (alert protocol_version)",
            502,
        ),
        (
            &[HELLO, Step::Write("\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{70}")],
            "no certificate for the name that it was asked for: set `server_name`",
            502,
        ),
        (
            &[HELLO, Step::Write("\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{31}")],
            "the other side ended it (alert access_denied)",
            502,
        ),
    ];
    for (steps, words, status) in cases {
        server.does(steps);
        // Only the one that says nothing must be waited for.
        let limit = if status == 504 { "300ms" } else { "60s" };
        let proxy = start(
            &format!("https://{}", server.address),
            &format!("tls = {{ verify = false }}\nconnect_timeout = \"{limit}\""),
        );
        assert_eq!(send(&proxy), status, "{steps:?}");
        let reason = if status == 502 {
            "upstream_tls"
        } else {
            "upstream_timeout"
        };
        assert_eq!(proxy.access()["reason"], reason, "{steps:?}");
        let line = proxy.error_line(&format!(": {reason}: "));
        assert!(line.contains(words), "{steps:?}: {line}");
        drop(proxy);
        server.reached();
    }
}

/// A certificate for 127.0.0.1.
fn authority() -> Authority {
    let authority = Authority::new();
    authority.issue("shop", "IP:127.0.0.1");
    authority
}

#[test]
fn a_tls_server_that_answers_clear_text_with_an_alert_is_told_as_such() {
    let authority = authority();
    let key = PrivateKeyDer::from_pem_file(authority.path("shop.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![authority.certificate("shop")], key)
        .unwrap();
    let origin = Origin::tls(Arc::new(config));
    let proxy = start(&origin.address.to_string(), "");
    assert_eq!(send(&proxy), 502);
    let line = proxy.error_line(": upstream_invalid: ");
    assert!(
        line.contains("a TLS alert, so the server expects TLS: add `tls`"),
        "{line}"
    );
    origin.requests(0);
}

/// nginx with TLS.
struct Nginx {
    address: SocketAddr,
    child: Child,
    _directory: tempfile::TempDir,
}

impl Nginx {
    fn start(authority: &Authority) -> Self {
        let address = address::unused();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("nginx.conf");
        let (folder, certificates) = (directory.path().display(), authority.folder().display());
        let conf = format!(
            "daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr error;\n\
             events {{}}\n\
             http {{ access_log off;\n\
             client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n\
             fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n\
             server {{ listen {address} ssl; location / {{ return 200 ok; }}\n\
             ssl_certificate {certificates}/shop.pem;\n\
             ssl_certificate_key {certificates}/shop.key; }} }}\n"
        );
        fs::write(&file, conf).unwrap();
        let mut child = Command::new("/usr/sbin/nginx")
            .args(["-p", directory.path().to_str().unwrap(), "-c"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .expect("nginx (scripts/setup --test)");
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if child.try_wait().unwrap().is_some() || Instant::now() > deadline {
                let lines = BufReader::new(child.stderr.take().unwrap()).lines();
                panic!("nginx: {:?}", lines.collect::<Vec<_>>());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Self {
            address,
            child,
            _directory: directory,
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_400_of_nginx_for_clear_text_on_its_tls_port_is_told_once() {
    let authority = authority();
    let nginx = Nginx::start(&authority);
    let told = "the server expects TLS: add `tls` to the upstream";
    for once in ["", "[once]"] {
        let proxy = Setup::new()
            .tables(once)
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .servers(&[nginx.address], "")
            .start();
        // The backend's answer goes on like any other.
        assert_eq!(send(&proxy), 400);
        let line = proxy.error_line(told);
        assert!(
            line.contains(&format!("upstream origin: {}: ", nginx.address)),
            "{line}"
        );
        proxy.signal("TERM");
        let (_, _, errors) = proxy.ended();
        assert!(!errors.iter().any(|line| line.contains(told)), "{errors:?}");
    }
    let tls = format!(
        "tls = {{ ca = \"{}\", server_name = \"127.0.0.1\" }}",
        authority.path("ca.pem")
    );
    let proxy = start(&nginx.address.to_string(), &tls);
    assert_eq!(send(&proxy), 200);
}
