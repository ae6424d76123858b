//! The admin listener: its pages, the requests it rejects, and how long it stays open.

use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{TryRecvError, channel};

use serde_json::json;

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, Proxy, Setup};

fn callback() -> Callback {
    Signer::get().sgate("/cb", "{}")
}

fn setup(admin: &Admin, origin: &Origin) -> Setup {
    Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(origin)
        .admin(admin)
}

/// Sends the callback and waits until it is counted, which its log line shows.
fn counted(proxy: &Proxy, callback: &Callback, status: u16) {
    assert_eq!(callback.send(proxy).status, status);
    proxy.access();
}

#[test]
fn the_admin_listener_serves_its_pages_and_nothing_else() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let _proxy = setup(&admin, &origin).start();
    for (target, status, body) in [
        ("/healthz", 200, "ok\n"),
        ("/readyz", 200, "ready\n"),
        ("/readyz?x=1", 200, "ready\n"),
        (
            "/",
            404,
            "the pages are /healthz, /readyz, /metrics and /status\n",
        ),
        (
            "/healthz/",
            404,
            "the pages are /healthz, /readyz, /metrics and /status\n",
        ),
        (
            "/cb",
            404,
            "the pages are /healthz, /readyz, /metrics and /status\n",
        ),
    ] {
        let answer = admin.get(target);
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (status, body.as_bytes()),
            "{target}"
        );
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        assert_eq!(answer.header("Connection"), Some("close"));
    }
    let types = [
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
        ("/status", "application/json"),
    ];
    for (target, content_type) in types {
        let answer = admin.get(target);
        assert_eq!(answer.header("Content-Type"), Some(content_type));
        let head = admin.ask("HEAD", target);
        assert_eq!(
            (head.status, head.header("Content-Type")),
            (200, Some(content_type))
        );
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
        let answer = admin.ask(method, "/healthz");
        assert_eq!(
            (answer.status, answer.header("Allow")),
            (405, Some("GET, HEAD")),
            "{method}"
        );
    }
}

#[test]
fn the_admin_listener_accepts_only_plain_get_requests() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let _proxy = setup(&admin, &origin).start();
    let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(9 << 10));
    for (request, status) in [
        ("GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\na", 413),
        (
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            413,
        ),
        ("GET / HTTP/1.1\r\nA B\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}", 400),
        (long.as_str(), 431),
        ("GET /healthz HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 200),
        ("GET /healthz HTTP/1.0\r\n\r\n", 200),
    ] {
        let mut client = Client::connect(admin.address);
        client.send(request.as_bytes());
        assert_eq!(client.response().status, status, "{request}");
        assert!(client.ends());
    }
}

#[test]
fn slow_admin_clients_are_disconnected_and_block_nobody() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = setup(&admin, &origin)
        .tables("[timeouts]\nheader = \"8s\"")
        .start();
    // The traffic port cuts this client off after 8 s. All admin requests below must finish sooner.
    let (send, cut_off) = channel();
    let mut witness = Client::connect(proxy.address);
    witness.send(b"POST /cb HT");
    std::thread::spawn(move || send.send(witness.response().status));
    // Twice as many connections as the listener allows.
    let connect = |sent: &[u8]| {
        let mut client = Client::connect(admin.address);
        client.send(sent);
        client
    };
    let halves = (0..64).map(|nth| {
        connect(if nth % 2 == 0 {
            b""
        } else {
            b"GET /healthz HT"
        })
    });
    let mut slow: Vec<Client> = halves.collect();
    assert_eq!(admin.get("/healthz").status, 200);
    // Clients that keep their connection open after the response must not block others either.
    let answered = (0..64).map(|_| {
        let mut client = connect(b"GET /healthz HTTP/1.1\r\n\r\n");
        assert_eq!(client.response().status, 200);
        client
    });
    let answered: Vec<Client> = answered.collect();
    assert_eq!(admin.get("/healthz").status, 200);
    assert_eq!(cut_off.try_recv(), Err(TryRecvError::Empty));
    assert!(slow.iter_mut().all(Client::ends));
    drop(answered);
    assert_eq!(cut_off.recv(), Ok(408));
}

/// A web page whose host name resolves to this address sends that name in `Host` (DNS rebinding).
#[test]
fn status_is_refused_to_foreign_web_pages() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let _proxy = setup(&admin, &origin).start();
    let ask = |target: &str, lines: &str| {
        let mut client = Client::connect(admin.address);
        client.send(format!("GET {target} HTTP/1.1\r\n{lines}\r\n").as_bytes());
        client.response().status
    };
    let port = admin.address.port();
    for host in ["evil.example", &format!("127.0.0.1.evil.example:{port}")] {
        let line = format!("Host: {host}\r\n");
        assert_eq!(ask("/status", &line), 421, "{host}");
        // Monitoring may use any host name.
        for target in ["/healthz", "/readyz", "/metrics"] {
            assert_eq!(ask(target, &line), 200, "{host}{target}");
        }
    }
    let own = admin.address.to_string();
    for host in [own.as_str(), "localhost", "[::1]:9180", "countersign:9180"] {
        assert_eq!(ask("/status", &format!("Host: {host}\r\n")), 200, "{host}");
    }
    assert_eq!(ask("/status", ""), 200);
    assert_eq!(
        ask("/status", "Host: localhost\r\nHost: evil.example\r\n"),
        400
    );
}

#[test]
fn the_traffic_port_does_not_serve_admin_pages() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = setup(&admin, &origin).start();
    for target in ["/metrics", "/healthz", "/readyz", "/status"] {
        let mut client = Client::connect(proxy.address);
        client.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        assert_eq!(client.response().status, 404, "{target}");
    }
}

#[test]
fn there_is_no_admin_listener_by_default() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = setup(&admin, &origin).start();
    assert_eq!(admin.get("/healthz").status, 200);
    proxy.reconfigure(|text| text.replace(&admin.table(), ""));
    proxy.error_line("the admin listener is closed");
    proxy.error_line("reloaded");
    // Another thread closes the socket.
    while TcpStream::connect(admin.address).is_ok() {}

    let other = Admin::new();
    proxy.reconfigure(|text| format!("{text}\n{}", other.table()));
    proxy.error_line("reloaded");
    assert_eq!(
        other.get("/status").json()["configuration"]["generation"],
        3
    );

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let blocked = Admin {
        address: taken.local_addr().unwrap(),
    };
    proxy.reconfigure(|text| text.replace(&other.table(), &blocked.table()));
    proxy.error_line("reload failed: cannot listen on");
    assert_eq!(other.get("/healthz").status, 200);
}

#[test]
fn readyz_reports_shutdown_while_requests_are_still_answered() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let admin = Admin::new();
    let proxy = setup(&admin, &origin).start();
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    origin.request();
    assert_eq!(
        admin.metrics().value("countersign_in_flight_requests"),
        Some(1.0)
    );
    proxy.signal("TERM");
    proxy.error_line("shutting down");
    // The proxy logs the shutdown a moment before `/readyz` shows it.
    while admin.get("/readyz").status == 200 {}
    let answer = admin.get("/readyz");
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (503, b"ending\n".as_slice())
    );
    assert_eq!(admin.get("/healthz").status, 200);
    let status = admin.get("/status").json();
    assert_eq!(
        (&status["ending"], &status["in_flight_requests"]),
        (&json!(true), &json!(1))
    );
    release.send(()).unwrap();
    assert_eq!(client.response().status, 200);
    assert_eq!(proxy.ended().0, Some(0));
    assert!(TcpStream::connect(admin.address).is_err());
}

#[test]
fn status_shows_the_running_configuration() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = setup(&admin, &origin)
        .route(
            "name = \"merchants\"\nhost = \"*.example.com\"\npath_prefix = \"/m/\"\nmethods = [\"PUT\", \"POST\"]\n\
             scheme = \"sgate\"\nkeys = { a = \"signer\", b = \"sgate-vectors\" }",
        )
        .start();
    counted(&proxy, &callback(), 200);
    counted(&proxy, &callback(), 200);
    counted(&proxy, &callback().with("V-Nonce-Str", Some("other")), 400);
    let status = admin.get("/status").json();
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert!(status["pid"].as_u64() > Some(1));
    assert_eq!(
        status["listeners"],
        json!([{ "address": proxy.address.to_string(), "tls": false, "http2": false }])
    );
    assert_eq!(status["configuration"]["last_reload"], json!(null));
    let file = status["configuration"]["file"].as_str().unwrap();
    assert!(file.ends_with("/countersign.toml"), "{file}");
    assert_eq!(status["buffered_body_limit_bytes"], 256 << 20);
    assert_eq!(
        status["routes"],
        json!([{
            "name": "sgate", "host": null, "path": "/cb", "path_prefix": null,
            "methods": ["POST"], "scheme": "sgate", "keys": ["signer"], "upstream": "origin",
            "once": false, "verified": 2, "rejected": 1,
        }, {
            "name": "merchants", "host": "*.example.com", "path": null, "path_prefix": "/m/",
            "methods": ["PUT", "POST"], "scheme": "sgate", "keys": ["sgate-vectors", "signer"],
            "upstream": "origin", "once": false, "verified": 0, "rejected": 0,
        }])
    );
    let server = &status["upstreams"][0]["servers"][0];
    assert_eq!(status["upstreams"][0]["name"], "origin");
    assert_eq!(server["address"], origin.address.to_string());
    assert_eq!(
        (&server["condition"], &server["requests"]),
        (&json!("up"), &json!(2))
    );
    let keys = status["keys"].as_array().unwrap();
    assert_eq!(keys[0]["id"], "sgate-vectors");
    assert_eq!(
        (&keys[0]["uses"], &keys[0]["last_used"]),
        (&json!(0), &json!(null))
    );
    assert_eq!(keys[1]["id"], "signer");
    assert_eq!(
        (&keys[1]["uses"], &keys[1]["bits"]),
        (&json!(2), &json!(2048))
    );
    // SGate signs with MD5, which the fast engine does not support.
    assert_eq!(keys[1]["engines"], json!(["pure-rust"]));
    let used = keys[1]["last_used"].as_str().unwrap();
    assert!(used >= status["started"].as_str().unwrap(), "{used}");
    origin.requests(2);

    proxy.reconfigure(|text| format!("{text}\nnonsense = 1\n"));
    proxy.error_line("stays active");
    // The status is updated a moment after the log line.
    let reload = loop {
        let status = admin.get("/status").json();
        assert_eq!(status["configuration"]["generation"], 1);
        if !status["configuration"]["last_reload"].is_null() {
            break status["configuration"]["last_reload"].clone();
        }
    };
    assert_eq!(reload["ok"], false);
    let error = reload["error"].as_str().unwrap();
    assert!(
        error.contains("countersign.toml:") && error.contains("unknown key"),
        "{error}"
    );
}
