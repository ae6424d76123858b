//! TLS to clients: certificates by name, versions, HTTP/2, client certificates and reloads.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::support::http2::Http2;
use crate::support::signer::Signer;
use crate::support::tls::{Authority, Hello};
use crate::support::{Callback, Client, Origin, Proxy, Setup};

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

fn setup(origin: &Origin, listener: &str) -> Setup {
    Setup::new()
        .tables("[timeouts]\nheader = \"5s\"")
        .listener(listener)
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(origin)
}

fn authority() -> Authority {
    let authority = Authority::new();
    authority.issue("first", "DNS:first.example");
    authority
}

fn served(client: &mut Client) -> u16 {
    client.send(&callback().with_length());
    client.response().status
}

/// The subject of the certificate that OpenSSL receives; `None` if the handshake fails.
fn openssl(proxy: &Proxy, arguments: &[&str]) -> Option<String> {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &proxy.address.to_string()])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let subject = text.lines().find_map(|line| line.strip_prefix("subject="));
    let subject = subject.map(|subject| subject.replace(' ', ""));
    subject.filter(|_| output.status.success())
}

#[test]
fn the_certificate_is_selected_by_host() {
    let authority = authority();
    authority.issue("second", "DNS:second.example,DNS:*.wild.example");
    authority.issue("third", "DNS:exact.wild.example");
    let origin = Origin::start();
    let tls = authority.tls(&["first", "second", "third"], "");
    let proxy = setup(&origin, &tls).start();
    for (host, file) in [
        ("first.example", "first"),
        ("SECOND.example", "second"),
        ("a.wild.example", "second"),
        ("exact.wild.example", "third"),
    ] {
        let (mut client, shown, protocol) = authority
            .connect(proxy.address, host, &Hello::default())
            .unwrap();
        assert_eq!(shown, authority.certificate(file), "{host}");
        assert_eq!(protocol, None);
        assert_eq!(served(&mut client), 200, "{host}");
        assert_eq!(origin.last().header("x-forwarded-proto"), Some("https"));
    }
    // A host that no certificate names, and no host at all.
    for arguments in [&["-servername", "a.b.wild.example"][..], &["-noservername"]] {
        assert_eq!(
            openssl(&proxy, arguments).unwrap(),
            "CN=first",
            "{arguments:?}"
        );
    }
}

#[test]
fn http2_is_used_if_both_sides_support_it() {
    let authority = authority();
    let origin = Origin::start();
    let tls = authority.tls(&["first"], "");
    let both = Hello {
        alpn: &["h2", "http/1.1"],
        ..Hello::default()
    };
    let host = "first.example";

    let proxy = setup(&origin, &tls).http2().start();
    let http2 = Http2::connect_tls(proxy.address, authority.client(&both), host);
    for _ in 0..2 {
        assert_eq!(http2.send(&callback(), usize::MAX, true).status, 200);
        assert_eq!(origin.last().header("x-forwarded-proto"), Some("https"));
    }
    assert_eq!(proxy.access()["protocol"], "HTTP/2.0");
    for alpn in [&["http/1.1"][..], &[]] {
        let hello = Hello {
            alpn,
            ..Hello::default()
        };
        let (mut client, _, protocol) = authority.connect(proxy.address, host, &hello).unwrap();
        assert_eq!(protocol.as_deref(), alpn.first().copied());
        assert_eq!(served(&mut client), 200);
    }

    let proxy = setup(&origin, &tls).start();
    let (mut client, _, protocol) = authority.connect(proxy.address, host, &both).unwrap();
    assert_eq!(protocol.as_deref(), Some("http/1.1"));
    assert_eq!(served(&mut client), 200);
    let hello = Hello {
        alpn: &["h2"],
        ..Hello::default()
    };
    assert!(authority.connect(proxy.address, host, &hello).is_err());
}

#[test]
fn clients_that_offer_only_http_1_0_are_served() {
    let authority = authority();
    let origin = Origin::start();
    let tls = authority.tls(&["first"], "");
    for http2 in [false, true] {
        let proxy = setup(&origin, &tls);
        let proxy = if http2 { proxy.http2() } else { proxy }.start();
        for (offered, chosen) in [
            (&["http/1.0"][..], "http/1.0"),
            (&["http/1.0", "http/0.9"], "http/1.0"),
            (&["http/1.0", "http/1.1"], "http/1.1"),
            (&["spdy/3", "http/1.0"], "http/1.0"),
        ] {
            let hello = Hello {
                alpn: offered,
                ..Hello::default()
            };
            let connected = authority.connect(proxy.address, "first.example", &hello);
            let (mut client, _, protocol) = connected.unwrap();
            assert_eq!(protocol.as_deref(), Some(chosen), "{offered:?}");
            assert_eq!(served(&mut client), 200, "{offered:?}");
        }
        // Anything else stays refused (RFC 7301, section 3.2): what it speaks is unknown.
        for offered in ["http/0.9", "http/1", "spdy/3"] {
            let hello = Hello {
                alpn: &[offered],
                ..Hello::default()
            };
            let refused = authority.connect(proxy.address, "first.example", &hello);
            assert!(refused.is_err(), "{offered}");
        }
    }
}

#[test]
fn old_tls_versions_are_refused() {
    let authority = authority();
    let origin = Origin::start();
    let old = Hello {
        old: true,
        ..Hello::default()
    };
    let proxy = setup(&origin, &authority.tls(&["first"], "")).start();
    assert!(
        authority
            .connect(proxy.address, "first.example", &old)
            .is_ok()
    );
    assert!(openssl(&proxy, &["-tls1_2"]).is_some());
    for version in ["-tls1", "-tls1_1"] {
        let any = ["-cipher", "DEFAULT@SECLEVEL=0", version];
        assert_eq!(openssl(&proxy, &any), None, "{version}");
    }
    let tls = authority.tls(&["first"], "min_version = \"1.3\"");
    let proxy = setup(&origin, &tls).start();
    assert!(
        authority
            .connect(proxy.address, "first.example", &old)
            .is_err()
    );
    assert!(openssl(&proxy, &["-tls1_3"]).is_some());
    assert_eq!(openssl(&proxy, &["-tls1_2"]), None);
}

/// Whether a client with this certificate is served.
fn is_served(
    authority: &Authority,
    proxy: &Proxy,
    certificate: Option<(&Authority, &str)>,
) -> bool {
    let hello = Hello {
        certificate,
        ..Hello::default()
    };
    let connected = authority.connect(proxy.address, "first.example", &hello);
    // In TLS 1.3 the client learns only on reading that its certificate was rejected.
    connected.is_ok_and(|(mut client, _, _)| {
        client.send(&callback().header("Connection", "close").with_length());
        client
            .try_rest()
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    })
}

#[test]
fn client_certificates_are_required_if_configured() {
    let (authority, clients, strangers) = (authority(), Authority::new(), Authority::new());
    clients.issue("platform", "DNS:platform.example");
    clients.issue_for("expired", "DNS:platform.example", "-days -1");
    strangers.issue("platform", "DNS:platform.example");
    let origin = Origin::start();
    let cases = [
        (Some((&clients, "platform")), [true, true]),
        (None, [false, true]),
        (Some((&strangers, "platform")), [false, false]),
        (Some((&clients, "expired")), [false, false]),
    ];
    for (at, mode) in ["", "client_auth = \"optional\""].into_iter().enumerate() {
        let more = format!("client_ca = \"{}\"\n{mode}", clients.path("ca.pem"));
        let proxy = setup(&origin, &authority.tls(&["first"], &more)).start();
        for (certificate, expected) in cases {
            let name = certificate.map(|(_, name)| name);
            let served = is_served(&authority, &proxy, certificate);
            assert_eq!(served, expected[at], "{name:?} {mode}");
        }
    }
}

#[test]
fn a_reload_changes_certificates_and_drops_no_connection() {
    let authority = authority();
    authority.issue("next", "DNS:first.example");
    let origin = Origin::start();
    let proxy = setup(&origin, &authority.tls(&["first"], "")).start();
    let connect = || authority.connect(proxy.address, "first.example", &Hello::default());
    let (mut kept, shown, _) = connect().unwrap();
    assert_eq!(shown, authority.certificate("first"));
    assert_eq!(served(&mut kept), 200);

    // Like certbot: new files under the same names.
    for end in ["pem", "key"] {
        std::fs::rename(
            authority.path(&format!("next.{end}")),
            authority.path(&format!("first.{end}")),
        )
        .unwrap();
    }
    let old = shown;
    proxy.signal("HUP");
    proxy.error_line("reloaded");
    let (mut new, shown, _) = connect().unwrap();
    assert_eq!(shown, authority.certificate("first"));
    assert_ne!(shown, old);
    assert_eq!((served(&mut kept), served(&mut new)), (200, 200));

    // A key that does not match leaves the old certificate in use.
    authority.issue("other", "DNS:first.example");
    std::fs::rename(authority.path("other.key"), authority.path("first.key")).unwrap();
    proxy.signal("HUP");
    proxy.error_line("wrong private key");
    proxy.error_line("stays active");
    let (mut new, again, _) = connect().unwrap();
    assert_eq!(again, shown);
    assert_eq!(served(&mut new), 200);
}

#[test]
fn connections_without_a_valid_handshake_are_closed() {
    let authority = authority();
    let origin = Origin::start();
    let proxy = setup(&origin, &authority.tls(&["first"], ""))
        .tables("")
        .start();
    let mut plain = Client::connect(proxy.address);
    plain.send(&callback().with_length());
    // The client gets a TLS alert, not an HTTP response.
    assert!(!plain.rest().contains("HTTP"));
    assert_eq!(origin.connections(), 0);
}

#[test]
fn an_unfinished_handshake_times_out() {
    let authority = authority();
    let origin = Origin::start();
    let proxy = Setup::new()
        .tables("[timeouts]\nheader = \"200ms\"")
        .listener(&authority.tls(&["first"], ""))
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    for start in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00"] {
        let mut client = Client::connect(proxy.address);
        client.send(start);
        assert!(client.ends());
    }
    drop(TcpStream::connect(proxy.address));
    // A complete handshake may take longer than 200 ms on a busy machine.
    proxy.reconfigure(|text| text.replace("header = \"200ms\"", "header = \"30s\""));
    proxy.error_line("reloaded");
    let (mut client, ..) = authority
        .connect(proxy.address, "first.example", &Hello::default())
        .unwrap();
    assert_eq!(served(&mut client), 200);
}
