//! Requests that the proxy answers itself: health checks of load balancers on the traffic port, and
//! GETs of platforms that check a URL before they save it.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;

use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

/// A proxy with a health check, a route that answers GET, and one that does not.
fn start(origin: &Origin) -> Proxy {
    Setup::new()
        .http2()
        .listener("health = \"/healthz\"")
        .sgate("name = \"open\"\npath = \"/cb\"\nget_answer = \"ok\"")
        .sgate("name = \"plain\"\npath_prefix = \"/plain/\"")
        .origin(origin)
        .start()
}

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

fn request(line: &str) -> String {
    format!("{line}\r\nHost: 10.0.0.1\r\n\r\n")
}

#[test]
fn a_listener_answers_health_checks_itself_and_logs_none() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    for line in [
        "GET /healthz HTTP/1.1",
        "OPTIONS /healthz HTTP/1.1",
        "GET /healthz?from=balancer HTTP/1.1",
        "GET /healthz HTTP/1.1",
    ] {
        // One connection carries them all.
        client.send(request(line).as_bytes());
        let answer = client.response();
        assert_eq!(
            (answer.status, &*answer.body),
            (200, &b"ok\n"[..]),
            "{line}"
        );
        assert_eq!(answer.header("Connection"), Some("keep-alive"), "{line}");
    }
    client.send(request("HEAD /healthz HTTP/1.1").as_bytes());
    let head = client.head();
    assert_eq!(
        (head.status, head.header("Content-Length")),
        (200, Some("3"))
    );
    client.send(&callback().with_length());
    assert_eq!(client.response().status, 200);
    // As HAProxy sends it.
    let mut old = Client::connect(proxy.address);
    old.send(b"OPTIONS /healthz HTTP/1.0\r\n\r\n");
    assert_eq!(old.response().status, 200);
    assert!(old.ends());
    let get = Callback {
        method: "GET".to_owned(),
        ..Callback::post("/healthz", "")
    };
    let http2 = Http2::connect(proxy.address);
    let answer = http2.send(&get, usize::MAX, false);
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, &b"ok\n"[..]));
    // The first line is that of the callback, the next one of a request that is no health check.
    assert_eq!(proxy.access()["route"], "open");
    for (line, status) in [
        ("POST /healthz HTTP/1.1", 404),
        ("GET /healthz/ HTTP/1.1", 404),
        ("GET /Healthz HTTP/1.1", 404),
        ("GET /%68ealthz HTTP/1.1", 404),
        ("GET /plain/healthz HTTP/1.1", 405),
    ] {
        let mut client = Client::connect(proxy.address);
        client.send(request(line).as_bytes());
        assert_eq!(client.response().status, status, "{line}");
        assert_eq!(proxy.access()["status"], status, "{line}");
    }
    origin.request();
}

/// A route for every path would leave none for the health check.
#[test]
fn a_health_check_below_a_prefix_takes_its_own_methods_only() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .listener("health = \"/healthz\"")
        .sgate("name = \"all\"\npath_prefix = \"/\"")
        .origin(&origin)
        .start();
    for line in [
        "GET /healthz HTTP/1.1",
        "HEAD /healthz?from=balancer HTTP/1.1",
        "OPTIONS /healthz HTTP/1.1",
    ] {
        let mut client = Client::connect(proxy.address);
        client.send(
            request(line)
                .replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        );
        assert!(client.rest().starts_with("HTTP/1.1 200 "), "{line}");
    }
    origin.requests(0);
    for target in ["/healthz", "/healthz/x"] {
        assert_eq!(Signer::get().sgate(target, "{}").send(&proxy).status, 200);
        assert_eq!(origin.last().target, target);
        // The health checks have no line.
        assert_eq!(proxy.access()["target"], target);
    }
    // Another spelling is no health check, whatever a backend makes of it.
    for line in ["GET /%68ealthz HTTP/1.1", "GET /healthz/ HTTP/1.1"] {
        let mut client = Client::connect(proxy.address);
        client.send(request(line).as_bytes());
        assert_eq!(client.response().status, 405, "{line}");
    }
    origin.requests(2);
}

#[test]
fn a_malformed_health_check_is_refused_and_logged() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    client.send(b"GET /healthz HTTP/1.1\r\n\r\n");
    assert_eq!(client.response().status, 400);
    assert_eq!(proxy.access()["reason"], "host_missing");
}

/// Neither by a health check nor by a GET that a route answers.
#[test]
fn nothing_is_smuggled_in_the_body_of_a_probe() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let inner = String::from_utf8(callback().with_length()).unwrap();
    for path in ["/healthz", "/cb"] {
        for framing in [
            format!("Content-Length: {}\r\n\r\n{inner}", inner.len()),
            format!("Content-Length: {}\r\n\r\n{inner}", inner.len() + 1),
            format!(
                "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{inner}\r\n0\r\n\r\n",
                inner.len()
            ),
        ] {
            let mut client = Client::connect(proxy.address);
            client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n{framing}").as_bytes());
            client.half_close();
            let answer = client.response();
            assert_eq!(answer.status, 200, "{path} {framing}");
            assert_eq!(
                answer.header("Connection"),
                Some("close"),
                "{path} {framing}"
            );
            assert!(client.ends(), "{path} {framing}");
        }
    }
    assert!(origin.requests(0).is_empty());
}

#[test]
fn health_checks_see_the_end_coming() {
    let (go_on, held) = channel();
    let held = Mutex::new(held);
    let origin = Origin::answering(move |_| {
        let _ = held.lock().unwrap().recv();
        Reply::ok()
    });
    let proxy = start(&origin);
    let mut probe = Client::connect(proxy.address);
    let ask = |probe: &mut Client| {
        probe.send(request("GET /healthz HTTP/1.1").as_bytes());
        probe.response()
    };
    assert_eq!(ask(&mut probe).status, 200);
    // A callback keeps the process from ending.
    let address = proxy.address;
    let waits = thread::spawn(move || {
        let mut client = Client::connect(address);
        client.send(&callback().with_length());
        client.response().status
    });
    origin.first();
    proxy.signal("TERM");
    let last = loop {
        let answer = ask(&mut probe);
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!((last.status, &*last.body), (503, &b"ending\n"[..]));
    assert_eq!(last.header("Connection"), Some("close"));
    assert!(probe.ends());
    go_on.send(()).unwrap();
    assert_eq!(waits.join().unwrap(), 200);
}

/// The address is served on, by another process.
#[test]
fn an_upgrade_fails_no_health_check() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut probe = Client::connect(proxy.address);
    let mut ask = || {
        probe.send(request("GET /healthz HTTP/1.1").as_bytes());
        let answer = probe.response();
        assert_eq!(answer.status, 200);
        answer.header("Connection") == Some("close")
    };
    assert!(!ask());
    proxy.upgrade();
    // Sooner or later, the old process sends its clients to the new one.
    while !ask() {}
    let mut probe = Client::connect(proxy.address);
    probe.send(request("GET /healthz HTTP/1.1").as_bytes());
    assert_eq!(probe.response().status, 200);
}

#[test]
fn a_reload_moves_the_health_check_of_open_connections() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    let mut ask = |path: &str| {
        client.send(request(&format!("GET {path} HTTP/1.1")).as_bytes());
        client.response().status
    };
    assert_eq!(ask("/healthz"), 200);
    proxy.reconfigure(|text| text.replace("\"/healthz\"", "\"/up\""));
    proxy.error_line("reloaded");
    assert_eq!((ask("/up"), ask("/healthz")), (200, 404));
}

#[test]
fn a_route_answers_get_itself_and_never_forwards_it() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .http2()
        .sgate("name = \"open\"\npath = \"/cb\"\nget_answer = \"succès\"")
        .sgate("name = \"below\"\npath_prefix = \"/below/\"\nget_answer = \"\"")
        .sgate("name = \"closed\"\npath = \"/closed\"\nget_answer = \"ok\"\ndeny = [\"127.0.0.1\"]")
        .origin(&origin)
        .start();
    let signed = Callback {
        method: "GET".to_owned(),
        ..callback()
    };
    let mut client = Client::connect(proxy.address);
    for bytes in [
        request("GET /cb HTTP/1.1").into_bytes(),
        request("GET /cb?echo=1 HTTP/1.1").into_bytes(),
        signed.head(""),
    ] {
        client.send(&bytes);
        let answer = client.response();
        assert_eq!((answer.status, &*answer.body), (200, "succès".as_bytes()));
        assert_eq!(
            answer.header("Content-Type"),
            Some("text/plain; charset=utf-8")
        );
        let line = proxy.access();
        assert_eq!(
            (&line["route"], &line["status"]),
            (&"open".into(), &200.into())
        );
        assert!(
            line["verdict"].is_null() && line["reason"].is_null(),
            "{line}"
        );
    }
    client.send(request("HEAD /cb HTTP/1.1").as_bytes());
    assert_eq!(client.head().header("Content-Length"), Some("7"));
    proxy.access();
    client.send(request("GET /below/any HTTP/1.1").as_bytes());
    let answer = client.response();
    assert_eq!((answer.status, &*answer.body), (200, &b""[..]));
    assert_eq!(proxy.access()["route"], "below");
    let http2 = Http2::connect(proxy.address);
    let answer = http2.send(&signed, usize::MAX, true);
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (200, "succès".as_bytes())
    );
    proxy.access();
    for (line, status, reason) in [
        ("GET /closed HTTP/1.1", 403, "address_denied"),
        ("GET /below/../cb HTTP/1.1", 400, "target_ambiguous"),
        ("GET /other HTTP/1.1", 404, "route_not_found"),
        ("DELETE /cb HTTP/1.1", 405, "method_not_allowed"),
        ("OPTIONS /cb HTTP/1.1", 405, "method_not_allowed"),
    ] {
        let mut client = Client::connect(proxy.address);
        client.send(request(line).as_bytes());
        let answer = client.response();
        assert_eq!(answer.status, status, "{line}");
        assert_eq!(proxy.access()["reason"], reason, "{line}");
        if status == 405 {
            assert_eq!(answer.header("Allow"), Some("GET, HEAD, POST"));
        }
    }
    assert_eq!(callback().send(&proxy).status, 200);
    let unsigned = Callback::post("/cb", r#"{"event":"E"}"#);
    assert_eq!(unsigned.send(&proxy).status, 400);
    assert_eq!(origin.request().method, "POST");
}
