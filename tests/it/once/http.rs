//! What providers and backends see of `once`.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use super::eventually;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Metrics, Origin, Proxy, Setup};

fn sgate(nonce: &str, body: &str) -> Callback {
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_secs();
    Signer::get().sgate_at("/cb", "/cb", body, &now.to_string(), nonce)
}

fn setup(origin: &Origin, once: &str) -> Setup {
    Setup::new()
        .sgate(&format!("name = \"sgate\"\npath = \"/cb\"\n{once}"))
        .origin(origin)
}

/// The value of `once` in the next line of the access log.
fn once(proxy: &Proxy) -> String {
    proxy.access()["once"].as_str().unwrap().to_owned()
}

#[test]
fn a_repeat_gets_the_backends_first_answer() {
    let origin = Origin::answering(|_| {
        Reply::raw(
            "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nX-Other: 1\r\n\
             Transfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n2\r\n!!\r\n0\r\n\r\n",
        )
    });
    let proxy = setup(&origin, "once = true").start();
    let callback = sgate("n-1", "{}");
    for word in ["fresh", "repeat", "repeat"] {
        let answer = callback.send(&proxy);
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (201, &b"yes!!"[..])
        );
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        assert_eq!(once(&proxy), word);
    }
    // Another nonce alone makes another callback.
    assert_eq!(sgate("n-2", "{}").send(&proxy).status, 201);
    origin.requests(2);
}

#[test]
fn callbacks_are_remembered_only_with_a_once_table() {
    let origin = Origin::start();
    let routes = |table: &str| {
        Setup::new()
            .sgate("name = \"a\"\npath = \"/cb\"")
            .sgate("name = \"off\"\npath = \"/off\"\nonce = false")
            .tables(table)
            .origin(&origin)
            .start()
    };
    let off = Signer::get().sgate("/off", "{}");
    let mut reached = 0;
    for (table, more) in [("", 4), ("[once]", 3)] {
        let proxy = routes(table);
        for callback in [&sgate("n", "{}"), &off] {
            for _ in 0..2 {
                assert_eq!(callback.send(&proxy).status, 200);
            }
        }
        reached += more;
        origin.requests(reached);
    }
}

#[test]
fn a_retry_after_a_failure_gets_through() {
    let replies = Mutex::new(vec![
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        // Breaks off in the middle of what looked like a success.
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok").then_close(),
        Reply::raw("nonsense\r\n\r\n").then_close(),
        Reply::raw("").then_close(),
        Reply::raw("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
        Reply::raw("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"),
    ]);
    let origin = Origin::answering(move |_| replies.lock().unwrap().pop().unwrap());
    let proxy = setup(&origin, "once = true").start();
    let callback = sgate("n", "{}");
    // Nothing of the broken response had reached the provider, so the proxy can still send 502.
    for status in [503, 302, 502, 502, 502, 200, 200] {
        assert_eq!(callback.send(&proxy).status, status);
    }
    origin.requests(6);
}

#[test]
fn an_unreachable_or_slow_backend_leaves_no_claim() {
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        let _ = released.lock().unwrap().recv();
        Reply::ok()
    });
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"\nonce = true")
        .servers(&[origin.address], "read_timeout = \"2s\"")
        .start();
    let callback = sgate("n", "{}");
    assert_eq!(callback.send(&proxy).status, 504);
    drop(release);
    assert_eq!(callback.send(&proxy).status, 200);
    origin.requests(2);
}

#[test]
fn a_copy_of_a_callback_in_flight_is_refused_or_waits() {
    for (once, status) in [
        ("once = true", 503),
        ("once = { in_flight = \"wait\", wait = \"30s\" }", 200),
    ] {
        let (release, released) = channel();
        let released = Mutex::new(released);
        let origin = Origin::answering(move |_| {
            released.lock().unwrap().recv().unwrap();
            Reply::ok()
        });
        let proxy = setup(&origin, once).start();
        let callback = sgate("n", "{}");
        let mut first = Client::connect(proxy.address);
        first.send(&callback.with_length());
        origin.request();
        let mut second = Client::connect(proxy.address);
        second.send(&callback.with_length());
        if status == 503 {
            let answer = second.response();
            assert_eq!(
                (answer.status, answer.json()["reason"].as_str()),
                (503, Some("callback_in_flight"))
            );
            let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=10).contains(&wait), "{wait}");
        }
        release.send(()).unwrap();
        assert_eq!(first.response().status, 200);
        if status == 200 {
            assert_eq!(second.response().body, b"ok\n");
        }
        assert_eq!(callback.send(&proxy).status, 200);
        origin.request();
    }
}

#[test]
fn a_copy_waits_no_longer_than_configured() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let proxy = setup(&origin, "once = { in_flight = \"wait\", wait = \"50ms\" }").start();
    let callback = sgate("n", "{}");
    let mut first = Client::connect(proxy.address);
    first.send(&callback.with_length());
    origin.request();
    assert_eq!(callback.send(&proxy).status, 503);
    release.send(()).unwrap();
    assert_eq!(first.response().status, 200);
}

#[test]
fn a_route_chooses_how_repeats_are_handled() {
    let origin = Origin::start();
    let proxy = setup(&origin, "once = { repeat = \"forward\" }").start();
    // A client cannot set this header itself.
    let callback = sgate("n", "{}").header("X_Verified.Repeat", "true");
    for expected in [None, Some("true")] {
        assert_eq!(callback.send(&proxy).status, 200);
        assert_eq!(origin.last().header("x-verified-repeat"), expected);
    }
    origin.requests(2);

    let origin = Origin::start();
    let proxy = setup(&origin, "once = { repeat = \"reject\" }").start();
    assert_eq!(callback.send(&proxy).status, 200);
    let answer = callback.send(&proxy);
    assert_eq!(
        (answer.status, answer.json()["reason"].as_str()),
        (409, Some("callback_repeated"))
    );
    origin.request();
}

#[test]
fn a_provider_that_leaves_early_does_not_lose_the_outcome() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    // Far more than fits into the buffers between the proxy and a client that does not read.
    let large = vec![b'x'; 8 << 20];
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", large.len());
    let reply = [head.into_bytes(), large].concat();
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::raw(reply.clone())
    });
    let proxy = setup(&origin, "once = true").start();
    let callback = sgate("n", "{}");
    let mut client = Client::connect(proxy.address);
    client.send(&callback.with_length());
    origin.request();
    drop(client);
    release.send(()).unwrap();
    assert_eq!(proxy.access()["status"], 499);
    // The response is too large to be remembered, so only its status is repeated.
    let answer = callback.send(&proxy);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    origin.request();
}

#[test]
fn body_fields_can_be_the_identity() {
    let signer = Signer::get();
    let callback = |order: &str, status: &str, extra: &str| {
        let fields = [("a", extra), ("mchOrderNo", order), ("orderStatus", status)];
        let there: Vec<_> = fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        signer.cheezeepay("/cb", &there)
    };
    let origin = Origin::start();
    let proxy = Setup::new()
        .cheezeepay(
            "name = \"c\"\npath = \"/cb\"\nonce = { identity = [\"mchOrderNo\", \"orderStatus\"] }",
        )
        .origin(&origin)
        .start();
    for (order, status, extra, reaches) in [
        ("\"A\"", "1", "\"x\"", true),
        ("\"A\"", "1", "\"y\"", false),
        ("\"A\"", "2", "\"x\"", true),
        ("\"A1\"", "1", "\"x\"", true),
        // The identity includes lengths, so no two lists of values are equal.
        ("\"A\"", "11", "\"x\"", true),
        // The signed text is the same, so the callback is the same.
        ("\"A\"", "\"2\"", "\"x\"", false),
    ] {
        let before = origin.count();
        assert_eq!(callback(order, status, extra).send(&proxy).status, 200);
        assert_eq!(origin.count() > before, reaches, "{order} {status} {extra}");
    }
    // A value must not be missing, empty, of another type, or two fields merged into one.
    for (order, status) in [
        ("\"B\"", ""),
        ("\"\"", "1"),
        ("\"C&orderStatus=1\"", "2"),
        ("{}", "1"),
    ] {
        let answer = callback(order, status, "\"x\"").send(&proxy);
        assert_eq!(answer.status, 400, "{order} {status}");
        let reason = answer.json()["reason"].as_str().unwrap().to_owned();
        assert!(
            ["identity_unusable", "signature_mismatch"].contains(&reason.as_str()),
            "{reason}"
        );
    }
    let log: Vec<_> = (0..10).map(|_| proxy.access()).collect();
    assert!(
        log.iter().any(|line| line["at"] == "field:orderStatus"),
        "{log:#?}"
    );
    origin.requests(4);
}

#[test]
fn cheezeepay_bodies_that_sign_alike_are_the_same_callback() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .cheezeepay("name = \"c\"\npath = \"/cb\"\nonce = true")
        .origin(&origin)
        .start();
    let callback = Signer::get().cheezeepay("/cb", &[("amount", "100"), ("order", "\"A\"")]);
    let text = String::from_utf8(callback.body.clone()).unwrap();
    // Anybody who has captured a callback can change what the signature does not cover.
    for body in [
        text.clone(),
        text.replace("100", "\"100\""),
        text.replace(',', " , "),
        text.replace('{', "{\"empty\":\"\","),
        text.replace("100,\"order\":\"A\"", "\"100&order=A\""),
    ] {
        let mut copy = callback.clone();
        copy.body = body.into_bytes();
        assert_eq!(copy.send(&proxy).status, 200);
    }
    origin.request();
}

/// `800.10` is signed as `800.1` if the platform drops the zero, and `-0` is signed as `0`.
#[test]
fn all_spellings_of_a_number_under_one_signature_have_the_same_identity() {
    for (signed, spellings) in [
        ("800.1", ["800.10", "8.001e2", "\"800.1\""]),
        ("0", ["-0", "\"0\"", "0"]),
    ] {
        let origin = Origin::start();
        let proxy = Setup::new()
            .cheezeepay("name = \"c\"\npath = \"/cb\"\nonce = { identity = [\"amount\"] }")
            .origin(&origin)
            .start();
        let callback = Signer::get().cheezeepay("/cb", &[("amount", signed)]);
        let text = String::from_utf8(callback.body.clone()).unwrap();
        let as_signed = format!("\"amount\":{signed}");
        assert!(text.contains(&as_signed), "{text}");
        assert_eq!(callback.send(&proxy).status, 200);
        for spelling in spellings {
            let mut copy = callback.clone();
            let respelt = format!("\"amount\":{spelling}");
            copy.body = text.replace(&as_signed, &respelt).into_bytes();
            assert_eq!(copy.send(&proxy).status, 200, "{spelling}");
        }
        origin.requests(1);
    }
}

#[test]
fn routes_remember_separately_unless_they_share_a_namespace() {
    for (namespace, reached) in [("", 2), (", namespace = \"both\"", 1)] {
        let origin = Origin::start();
        let once = format!("once = {{ identity = [\"order\"]{namespace} }}");
        let route = |name| format!("name = \"{name}\"\npath = \"/{name}\"\n{once}");
        let proxy = Setup::new()
            .cheezeepay(&route("a"))
            .cheezeepay(&route("b"))
            .origin(&origin)
            .start();
        for target in ["/a", "/b"] {
            let callback = Signer::get().cheezeepay(target, &[("order", "\"A\"")]);
            assert_eq!(callback.send(&proxy).status, 200);
        }
        origin.requests(reached);
    }
}

#[test]
fn a_reload_forgets_nothing() {
    let origin = Origin::start();
    let proxy = setup(&origin, "once = true")
        .tables("[once]\nmemory = { entries = 100 }")
        .start();
    let callback = sgate("n", "{}");
    assert_eq!(callback.send(&proxy).status, 200);
    for (before, after) in [
        ("100 }", "200 }"),
        ("once = true", "once = { repeat = \"reject\" }"),
    ] {
        proxy.reconfigure(|text| text.replace(before, after));
        proxy.error_line("reloaded");
    }
    assert_eq!(callback.send(&proxy).status, 409);
    origin.request();
}

/// Otherwise the echo would show the headers of an earlier configuration.
#[test]
fn the_echo_is_never_remembered() {
    let routes = |lines: &str| format!("name = \"sgate\"\npath = \"/cb\"\n{lines}");
    let proxy = Setup::new()
        .sgate(&routes(
            "upstream = \"echo\"\nfields = { \"X-Old\" = \"a\" }\nonce = true",
        ))
        .tables("[once]")
        .start();
    let callback = sgate("n", "{\"a\":\"1\"}");
    let shown = |name: &str| {
        let answer = callback.send(&proxy);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-countersign-repeat"), None);
        let seen = answer.json();
        // The ID belongs to this request alone.
        let id = answer.header("x-request-id").unwrap().to_owned();
        let lines = seen["headers"].as_array().unwrap().clone();
        assert!(lines.contains(&serde_json::json!(["X-Request-Id", id])));
        lines.iter().any(|line| line[0] == name)
    };
    assert!(shown("X-Old") && shown("X-Old"));
    assert_eq!([once(&proxy), once(&proxy)], ["fresh", "fresh"]);
    proxy.reconfigure(|text| text.replace("X-Old", "X-New"));
    proxy.error_line("reloaded");
    assert!(shown("X-New"));
    assert_eq!(once(&proxy), "fresh");
}

#[test]
fn the_echo_marks_callbacks_that_a_backend_accepted_as_repeats() {
    let origin = Origin::start();
    let proxy = setup(&origin, "once = true").start();
    let callback = sgate("n", "{}");
    assert_eq!(callback.send(&proxy).status, 200);
    proxy.reconfigure(|text| text.replace("upstream = \"origin\"", "upstream = \"echo\""));
    proxy.error_line("reloaded");
    for _ in 0..2 {
        let answer = callback.send(&proxy);
        let seen = answer.json();
        let lines = seen["headers"].as_array().unwrap();
        assert!(lines.contains(&serde_json::json!(["X-Verified-Repeat", "true"])));
    }
    assert_eq!(
        [once(&proxy), once(&proxy), once(&proxy)],
        ["fresh", "repeat", "repeat"]
    );
    // The echo does not replace the remembered response.
    proxy.reconfigure(|text| text.replace("upstream = \"echo\"", "upstream = \"origin\""));
    proxy.error_line("reloaded");
    assert_eq!(callback.send(&proxy).body, b"ok\n");
    origin.request();
}

#[test]
fn an_answered_repeat_has_its_own_request_id_and_is_marked() {
    for prefix in ["X-Verified-", "X-Countersign-"] {
        // A backend must not be able to set either header on a repeat.
        let origin = Origin::answering(|_| {
            Reply::raw(
                "HTTP/1.1 200 OK\r\nX-Request-Id: backend\r\nX-Countersign-Repeat: true\r\n\
                 x_countersign_repeat: true\r\nContent-Type: text/plain\r\n\
                 Content-Length: 2\r\n\r\nok",
            )
        });
        let proxy = setup(&origin, "once = true")
            .top(&format!("header_prefix = \"{prefix}\""))
            .start();
        let callback = sgate("n", "{}").header("X-Countersign-Repeat", "false");
        let first = callback.send(&proxy);
        assert_eq!(first.header("x-countersign-repeat"), None);
        assert_eq!(first.header("x_countersign_repeat"), None);
        // The backend's own response is forwarded with its own request ID.
        assert_eq!(first.header("x-request-id"), Some("backend"));
        assert_eq!(origin.last().header("x-countersign-repeat"), None);
        proxy.access();
        let mut ids = Vec::new();
        for _ in 0..2 {
            let repeat = callback.send(&proxy);
            assert_eq!((repeat.status, repeat.body.as_slice()), (200, &b"ok"[..]));
            assert_eq!(repeat.header("x-countersign-repeat"), Some("true"));
            let line = proxy.access();
            assert_eq!(line["once"], "repeat");
            let id = repeat.header("x-request-id").unwrap().to_owned();
            assert_eq!(line["id"], id.as_str());
            ids.push(id);
        }
        assert_ne!(ids[0], ids[1]);
        origin.request();
    }
}

#[test]
fn metrics_count_the_results_of_claims() {
    let admin = crate::support::Admin::new();
    let origin = Origin::start();
    let proxy = setup(&origin, "once = true").admin(&admin).start();
    for nonce in ["a", "a", "b"] {
        assert_eq!(sgate(nonce, "{}").send(&proxy).status, 200);
        proxy.access();
    }
    let metrics: Metrics = admin.metrics();
    let claims = |outcome: &str| {
        metrics.value(&format!(
            "countersign_once_claims_total{{outcome=\"{outcome}\",route=\"sgate\"}}"
        ))
    };
    assert_eq!(
        (claims("fresh"), claims("repeat"), claims("in_flight")),
        (Some(2.0), Some(1.0), Some(0.0))
    );
    assert_eq!(metrics.value("countersign_once_entries"), Some(2.0));
}

/// Pingora runs each HTTP/2 stream in its own task. Its work must survive the connection.
#[test]
fn a_provider_that_leaves_early_over_http2_does_not_lose_the_outcome() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let proxy = setup(&origin, "once = true").http2().start();
    let callback = sgate("n", "{}");
    let mut curl = std::process::Command::new("curl");
    curl.args(["-s", "--http2-prior-knowledge", "-d", "{}"]);
    for (name, _) in &callback.headers {
        curl.args(["-H", &format!("{name}: {}", callback.value(name))]);
    }
    let mut curl = curl
        .arg(format!("http://{}/cb", proxy.address))
        .spawn()
        .unwrap();
    origin.request();
    curl.kill().unwrap();
    curl.wait().unwrap();
    // This request ensures that the proxy has noticed the disconnect.
    assert_eq!(callback.send(&proxy).status, 503);
    release.send(()).unwrap();
    eventually(&callback, &proxy, 200);
    origin.request();
}
