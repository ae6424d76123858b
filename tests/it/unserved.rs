//! Connections that end before their first request are logged and counted.

use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use crate::openssl::OpenSsl;
use crate::support::tls::{Authority, Hello};
use crate::support::{Admin, Client, Proxy, Setup, address};

const HOST: &str = "pay.example";

/// A proxy with further listeners, and its metrics.
struct Bench {
    proxy: Proxy,
    admin: Admin,
}

/// A listener besides the one from the setup.
fn listener(address: SocketAddr, lines: &str) -> String {
    format!("[[listener]]\naddress = \"{address}\"\n{lines}\n")
}

impl Bench {
    fn start(setup: Setup) -> Self {
        let admin = Admin::new();
        let proxy = setup
            .sgate("name = \"sgate\"\npath = \"/cb\"\nupstream = \"echo\"")
            .admin(&admin)
            .start();
        Self { proxy, admin }
    }

    /// Runs `act`, which must end one connection for this cause; returns the log line.
    fn refused(&self, cause: &str, act: impl FnOnce()) -> String {
        let all = "countersign_connections_refused_total";
        let series = format!("{all}{{cause=\"{cause}\"}}");
        let before = self.admin.metrics();
        act();
        let count = before.value(&series).unwrap();
        self.admin.until(&series, count + 1.0);
        assert_eq!(self.admin.metrics().sum(all), before.sum(all) + 1.0);
        self.proxy.error_line(&format!("({cause})"))
    }
}

/// Runs OpenSSL's client, which must fail.
fn openssl_fails(address: SocketAddr, arguments: &[&str]) {
    let status = Command::new("openssl")
        .args(["s_client", "-connect", &address.to_string()])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(!status.success(), "{arguments:?}");
}

/// Runs curl, which must get no response.
fn curl_fails(address: SocketAddr) {
    let status = Command::new("curl")
        .args(["--silent", "--output", "/dev/null", "--noproxy", "*"])
        .arg(format!("http://{address}/cb"))
        .status()
        .unwrap();
    assert!(!status.success());
}

/// Sends bytes and waits until the proxy closes the connection.
fn send(address: SocketAddr, bytes: &[u8]) {
    let mut client = Client::connect(address);
    client.send(bytes);
    let _ = client.try_rest();
}

/// The TLS settings with a new RSA certificate, the kind that most providers encounter.
fn rsa(openssl: &OpenSsl) -> String {
    openssl.run(
        "req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.pem -days 2 -subj /CN=pay.example",
        b"",
    );
    let (cert, key) = (openssl.path("rsa.pem"), openssl.path("rsa.key"));
    format!("[listener.tls]\ncertificates = [{{ cert = \"{cert}\", key = \"{key}\" }}]\n")
}

/// The three cases of `tests/cases/09-refused-connections-leave-no-trace`: an old client without a
/// common cipher suite, plaintext on a TLS port, and a load balancer without PROXY header.
#[test]
fn old_clients_clear_text_and_a_missing_proxy_header_are_reported() {
    let openssl = OpenSsl::new();
    let behind_balancer = address::unused();
    let bench = Bench::start(
        Setup::new()
            .top("trusted_proxies = [\"127.0.0.0/8\"]")
            .listener(&rsa(&openssl))
            .tables(&listener(behind_balancer, "proxy_protocol = true")),
    );
    let tls = bench.proxy.address;
    let cipher = ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"];
    let line = bench.refused("tls_parameters", || openssl_fails(tls, &cipher));
    for part in [
        "\"info\"",
        "127.0.0.1:",
        "offers no cipher suite",
        "NoCipherSuitesInCommon",
    ] {
        assert!(line.contains(part), "{line}");
    }
    let line = bench.refused("tls_clear_text", || curl_fails(tls));
    assert!(line.contains("it does not use TLS"), "{line}");
    let line = bench.refused("proxy_header_missing", || curl_fails(behind_balancer));
    assert!(line.contains("no PROXY header"), "{line}");
}

#[test]
fn each_kind_of_failed_handshake_has_its_cause() {
    let authority = Authority::new();
    authority.issue("a", "DNS:pay.example");
    let client_ca = format!("client_ca = \"{}\"", authority.path("ca.pem"));
    let (known, newer) = (address::unused(), address::unused());
    let bench = Bench::start(
        Setup::new()
            .listener(&authority.tls(&["a"], ""))
            .tables(&listener(known, &authority.tls(&["a"], &client_ca)))
            .tables(&listener(
                newer,
                &authority.tls(&["a"], "min_version = \"1.3\""),
            )),
    );
    let open = bench.proxy.address;
    // In TLS 1.3 a client learns only later that its certificate was rejected.
    let handshake = |to: SocketAddr, hello: &Hello<'_>| {
        if let Ok((mut client, ..)) = authority.connect(to, HOST, hello) {
            let _ = client.try_rest();
        }
    };
    let plain = Hello::default();

    let line = bench.refused("tls_version", || {
        let old = Hello {
            old: true,
            ..Hello::default()
        };
        handshake(newer, &old);
    });
    assert!(line.contains("offers no TLS version"), "{line}");
    bench.refused("tls_protocol", || {
        let alpn = Hello {
            alpn: &["h2"],
            ..Hello::default()
        };
        handshake(open, &alpn);
    });
    let line = bench.refused("tls_server_certificate", || {
        openssl_fails(open, &["-verify_return_error"]);
    });
    assert!(line.contains("\"warn\""), "{line}");
    let words = "the client rejects the listener's certificate (alert ";
    assert!(line.contains(words), "{line}");
    let line = bench.refused("tls_client_certificate", || {
        handshake(known, &plain);
    });
    assert!(line.contains("presented no certificate"), "{line}");
}

/// Such a client does not list signature algorithms either.
#[test]
fn a_client_older_than_tls_1_2_is_reported_as_such() {
    let authority = Authority::new();
    authority.issue("a", "DNS:pay.example");
    let bench = Bench::start(Setup::new().listener(&authority.tls(&["a"], "")));
    bench.refused("tls_version", || {
        let old = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];
        openssl_fails(bench.proxy.address, &old);
    });
}

#[test]
fn an_untrusted_client_certificate_is_reported() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for authority in [&authority, &stranger] {
        authority.issue("a", "DNS:pay.example");
    }
    let client_ca = format!("client_ca = \"{}\"", authority.path("ca.pem"));
    let bench = Bench::start(Setup::new().listener(&authority.tls(&["a"], &client_ca)));
    let line = bench.refused("tls_client_certificate", || {
        let hello = Hello {
            certificate: Some((&stranger, "a")),
            ..Hello::default()
        };
        if let Ok((mut client, ..)) = authority.connect(bench.proxy.address, HOST, &hello) {
            let _ = client.try_rest();
        }
    });
    for part in [
        "\"warn\"",
        "invalid peer certificate: it was not signed by the trusted authority",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn a_client_that_agrees_on_http2_and_speaks_something_else_is_reported() {
    let authority = Authority::new();
    authority.issue("a", "DNS:pay.example");
    let bench = Bench::start(Setup::new().listener(&authority.tls(&["a"], "")).http2());
    bench.refused("tls_protocol", || {
        let hello = Hello {
            alpn: &["h2"],
            ..Hello::default()
        };
        let (mut client, ..) = authority
            .connect(bench.proxy.address, HOST, &hello)
            .unwrap();
        client.send(b"GET / HTTP/1.1\r\nHost: pay.example\r\n\r\n");
        let _ = client.try_rest();
    });
}

#[test]
fn an_unfinished_handshake_or_header_is_reported() {
    let authority = Authority::new();
    authority.issue("a", "DNS:pay.example");
    let behind_balancer = address::unused();
    let bench = Bench::start(
        Setup::new()
            .top("trusted_proxies = [\"127.0.0.0/8\"]\n[timeouts]\nheader = \"300ms\"")
            .listener(&authority.tls(&["a"], ""))
            .tables(&listener(behind_balancer, "proxy_protocol = true")),
    );
    let hello = b"\x16\x03\x01\x02\x00\x01\x00";
    let line = bench.refused("handshake_timeout", || send(bench.proxy.address, hello));
    assert!(
        line.contains("no complete TLS handshake within 300ms"),
        "{line}"
    );
    bench.refused("tls_failed", || {
        let mut client = Client::connect(bench.proxy.address);
        client.send(hello);
        client.half_close();
        let _ = client.try_rest();
    });
    let bad = b"PROXY TCP4 nonsense\r\n";
    bench.refused("proxy_header_invalid", || send(behind_balancer, bad));
}

#[test]
fn an_untrusted_peer_that_uses_the_proxy_protocol_is_reported() {
    let bench = Bench::start(
        Setup::new()
            .top("trusted_proxies = [\"10.0.0.0/8\"]")
            .listener("proxy_protocol = true"),
    );
    // The setup's check whether the proxy listens also made such a connection.
    let line = bench.proxy.error_line("(proxy_untrusted)");
    assert!(line.contains("`trusted_proxies`"), "{line}");
}

/// Load balancers check this way whether a port is open.
#[test]
fn a_client_that_connects_and_sends_nothing_is_not_reported() {
    let authority = Authority::new();
    authority.issue("a", "DNS:pay.example");
    let behind_balancer = address::unused();
    let proxied = format!("proxy_protocol = true\n{}", authority.tls(&["a"], ""));
    let bench = Bench::start(
        Setup::new()
            .top("trusted_proxies = [\"127.0.0.0/8\"]")
            .listener(&authority.tls(&["a"], ""))
            .tables(&listener(behind_balancer, &proxied)),
    );
    for _ in 0..3 {
        drop(TcpStream::connect(bench.proxy.address).unwrap());
        for (address, bytes) in [
            (bench.proxy.address, &b""[..]),
            (behind_balancer, b"PROXY UNKNOWN\r\n"),
        ] {
            let mut client = Client::connect(address);
            client.send(bytes);
            client.half_close();
            let _ = client.try_rest();
        }
    }
    bench.admin.until("countersign_connections", 0.0);
    let refused = bench.admin.metrics();
    assert_eq!(refused.sum("countersign_connections_refused_total"), 0.0);
    bench.proxy.signal("TERM");
    let (_, _, errors) = bench.proxy.ended();
    assert!(
        !errors.iter().any(|line| line.contains("not served")),
        "{errors:?}"
    );
}

#[test]
fn all_unserved_connections_are_counted_and_few_are_logged() {
    const MANY: u32 = 200;
    let authority = Authority::new();
    authority.issue("a", "DNS:pay.example");
    let bench = Bench::start(Setup::new().listener(&authority.tls(&["a"], "")));
    for _ in 0..MANY {
        send(bench.proxy.address, b"GET / HTTP/1.1\r\n\r\n");
    }
    let series = "countersign_connections_refused_total{cause=\"tls_clear_text\"}";
    bench.admin.until(series, f64::from(MANY));
    bench.proxy.signal("TERM");
    let (_, _, errors) = bench.proxy.ended();
    let told = errors.iter().filter(|line| line.contains("not served"));
    // One line per ten seconds, however slow the machine is.
    assert!((1..20).contains(&told.count()), "{errors:?}");
}
