//! Which backend responses are a success, and what happens to the others.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::admin::Admin;
use crate::support::http1::find;
use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup};

/// A scheme that signs the raw body, and whose provider treats `fail` as a failure.
const PAYER: &str = r#"
[[scheme]]
name = "payer"
algorithm = "rsa-sha256"
signature = "{header:X-Signature|unbase64}"
failure = ["fail", "FAILED"]
content = "{body}"
"#;

/// How much of a response is examined.
const MOST: usize = 64 << 10;

fn setup(lines: &str) -> Setup {
    Setup::new().tables(PAYER).route(&format!(
        "name = \"r\"\npath = \"/cb\"\nscheme = \"payer\"\nkeys = [\"signer\"]\n\
         expose_reason = true\n{lines}"
    ))
}

fn callback(body: &str) -> Callback {
    Callback::post("/cb", body).header("X-Signature", Signer::get().sign("sha256", body.as_bytes()))
}

fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    Reply::raw([head.as_bytes(), body].concat())
}

/// The status, the reason and the value of `once` in the next line of the access log.
fn logged(proxy: &Proxy) -> (u64, Option<String>, Option<String>) {
    let line = proxy.access();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    (
        line["status"].as_u64().unwrap(),
        text(&line["reason"]),
        text(&line["once"]),
    )
}

/// Otherwise money is lost: the provider's next attempt would be answered from memory.
#[test]
fn a_200_that_says_fail_is_not_remembered() {
    let answers = Mutex::new(vec!["success", "FAILED", "\r\nfail\n"]);
    let origin = Origin::answering(move |_| {
        let body = answers.lock().unwrap().pop().unwrap();
        reply("200 OK", "", body)
    });
    let admin = Admin::new();
    let proxy = setup("once = true").origin(&origin).admin(&admin).start();
    let callback = callback("{}");
    for (body, reason, once) in [
        ("\r\nfail\n", Some("answer_not_success"), "fresh"),
        ("FAILED", Some("answer_not_success"), "fresh"),
        ("success", None, "fresh"),
        ("success", None, "repeat"),
    ] {
        let answer = callback.send(&proxy);
        assert_eq!(answer.status, 200);
        // The body is unchanged.
        assert_eq!(answer.body, body.as_bytes());
        let (reason, once) = (reason.map(str::to_owned), Some(once.to_owned()));
        assert_eq!(logged(&proxy), (200, reason, once));
    }
    origin.requests(3);
    let counted = "countersign_faults_total{reason=\"answer_not_success\",route=\"r\"}";
    assert_eq!(admin.metrics().value(counted), Some(2.0));
}

/// Each response, whether the route's `success` accepts it, and what the provider gets.
#[test]
fn only_the_answers_that_a_route_names_as_success_are_remembered() {
    let json = |code: &str| format!("{{\"code\":{code}}}");
    let padded = |length: usize| format!("ok{}", " ".repeat(length - 2));
    let rows: Vec<(&str, &str, String, bool)> = vec![
        ("200 OK", "", "ok".into(), true),
        ("201 Created", "", " ok\r\n".into(), true),
        ("200 OK", "", json("\"SUCCESS\""), true),
        ("200 OK", "", json("0"), true),
        (
            "200 OK",
            "Content-Encoding: identity\r\n",
            "ok".into(),
            true,
        ),
        // Larger than what is remembered, but still examined.
        ("200 OK", "", padded(MOST), true),
        ("200 OK", "", padded(MOST + 1), false),
        ("202 Accepted", "", "ok".into(), false),
        ("500 Oh", "", "ok".into(), false),
        ("302 Found", "", "ok".into(), false),
        ("200 OK", "", String::new(), false),
        ("200 OK", "", "fail".into(), false),
        ("200 OK", "", "OK".into(), false),
        ("200 OK", "", "okay".into(), false),
        ("200 OK", "", "\u{feff}ok".into(), false),
        ("200 OK", "", json("\"0\""), false),
        ("200 OK", "", json("1"), false),
        ("200 OK", "", json("null"), false),
        ("200 OK", "", "{\"code\":1,\"code\":0}".into(), false),
        ("200 OK", "", "[0]".into(), false),
        ("200 OK", "Content-Encoding: gzip\r\n", "ok".into(), false),
        ("200 OK", "Content-Encoding: br\r\n", json("0"), false),
    ];
    let answers = rows.clone();
    let origin = Origin::answering(move |request| {
        let row: usize = std::str::from_utf8(&request.body).unwrap().parse().unwrap();
        let (status, headers, body, _) = &answers[row];
        reply(status, headers, body)
    });
    let proxy = setup(
        "once = { answer_limit = \"16B\" }\n\
         success = { status = \"200-201\", body = [\"ok\"], json = { \"/code\" = [\"SUCCESS\", 0] } }",
    )
    .origin(&origin)
    .start();
    let mut reached = 0;
    for (row, (status, headers, body, is_success)) in rows.into_iter().enumerate() {
        let callback = callback(&row.to_string());
        let code: u64 = status[..3].parse().unwrap();
        let at = format!("{status} {headers} {}", &body[..body.len().min(30)]);
        let is_2xx = (200..300).contains(&code);
        let reason = (is_2xx && !is_success).then(|| "answer_not_success".to_owned());
        for once in ["fresh", if is_success { "repeat" } else { "fresh" }] {
            let answer = callback.send(&proxy);
            let logged = logged(&proxy);
            assert_eq!(u64::from(answer.status), code, "{at}");
            assert_eq!(
                logged,
                (code, reason.clone(), Some(once.to_owned())),
                "{at}"
            );
            if once == "fresh" {
                reached += 1;
                assert_eq!(answer.body, body.as_bytes(), "{at}");
            }
        }
        assert_eq!(origin.count(), reached, "{at}");
    }
}

#[test]
fn a_failure_is_reported_even_without_once_and_never_mapped_to_200() {
    let long = "x".repeat(200_000);
    let rows = [
        ("202 Accepted", "fail".to_owned(), 202, true),
        ("202 Accepted", "booked".to_owned(), 200, false),
        ("204 No Content", String::new(), 200, false),
        // Too long to be one of the failure words.
        ("201 Created", long.clone(), 200, false),
        ("500 Oh", "fail".to_owned(), 500, false),
        ("200 OK", "fail".to_owned(), 200, true),
    ];
    for once in ["false", "true"] {
        let answers = rows.clone();
        let origin = Origin::answering(move |request| {
            let row: usize = std::str::from_utf8(&request.body).unwrap().parse().unwrap();
            match &answers[row] {
                ("204 No Content", ..) => Reply::raw("HTTP/1.1 204 No Content\r\n\r\n"),
                (status, body, ..) => reply(status, "X-Kept: 1\r\n", body),
            }
        });
        let proxy = setup(&format!("once = {once}\nsuccess_as_200 = true"))
            .origin(&origin)
            .start();
        for (row, (status, body, told, is_failure)) in rows.iter().enumerate() {
            let answer = callback(&row.to_string()).send(&proxy);
            assert_eq!(
                (answer.status, answer.body.len()),
                (*told, body.len()),
                "{status}"
            );
            let kept = body.is_empty() || answer.header("x-kept") == Some("1");
            assert!(kept, "{status}");
            let reason = is_failure.then(|| "answer_not_success".to_owned());
            let (code, logged, _) = logged(&proxy);
            assert_eq!(
                (code, logged),
                (u64::from(*told), reason),
                "{status} {body:.9}"
            );
        }
    }
    // A route's own success words work the same way.
    let origin = Origin::answering(move |_| reply("202 Accepted", "", long.clone()));
    let proxy = setup("success = { body = [\"ok\"] }\nsuccess_as_200 = true\nonce = false")
        .origin(&origin)
        .start();
    let answer = callback("1").send(&proxy);
    assert_eq!((answer.status, answer.body.len()), (202, 200_000));
    assert_eq!(logged(&proxy).1.as_deref(), Some("answer_not_success"));
}

/// The proxy cannot examine a compressed response.
#[test]
fn backends_whose_answers_are_examined_are_not_asked_to_compress_them() {
    let origin = Origin::start();
    let plain = PAYER.replace("\"payer\"", "\"plain\"");
    let plain = plain.replace("failure = [\"fail\", \"FAILED\"]\n", "");
    let mut setup = Setup::new()
        .http2()
        .tables(PAYER)
        .tables(&plain)
        .origin(&origin);
    let routes = [
        ("payer", "", false),
        ("plain", "success = { body = [\"ok\"] }", false),
        (
            "plain",
            "success = { json = { \"ok\" = true } }\nonce = false",
            false,
        ),
        ("plain", "success = { status = 200 }", true),
        ("plain", "", true),
    ];
    for (nth, (scheme, lines, _)) in routes.iter().enumerate() {
        setup = setup.route(&format!(
            "name = \"r{nth}\"\npath = \"/r{nth}\"\nscheme = \"{scheme}\"\nkeys = [\"signer\"]\n{lines}"
        ));
    }
    let proxy = setup.start();
    for (nth, (_, lines, is_asked)) in routes.iter().enumerate() {
        let callback = Callback {
            target: format!("/r{nth}"),
            ..callback("{}")
        };
        let spelt = callback
            .clone()
            .header("Accept-Encoding", "gzip")
            .header("Accept_Encoding", "br")
            .header("Accept-Language", "en");
        assert_eq!(spelt.send(&proxy).status, 200);
        let http2 = Http2::connect(proxy.address);
        let answer = http2.send(&callback.header("accept-encoding", "gzip"), 100, true);
        assert_eq!(answer.status, 200);
        for request in origin.requests(2 * nth + 2).split_off(2 * nth) {
            let mut names = request.headers.iter().map(|(name, _)| name.to_lowercase());
            let is_there = names.any(|name| name.replace('_', "-") == "accept-encoding");
            assert_eq!(is_there, *is_asked, "{lines}: {request:?}");
        }
    }
}

/// A backend that sends each part of its response on command, and ends it with the last part.
struct Slowly {
    address: SocketAddr,
    parts: Sender<Vec<u8>>,
}

impl Slowly {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (parts, told) = channel();
        thread::spawn(move || serve(listener.accept().unwrap().0, &told));
        Self { address, parts }
    }

    fn send(&self, part: impl Into<Vec<u8>>) {
        self.parts.send(part.into()).unwrap();
    }
}

fn serve(mut stream: TcpStream, told: &Receiver<Vec<u8>>) {
    let mut read = Vec::new();
    // The callback's body is `{}`.
    while find(&read, b"\r\n\r\n{}").is_none() {
        let mut part = [0; 1024];
        let length = stream.read(&mut part).unwrap();
        assert!(length > 0);
        read.extend_from_slice(&part[..length]);
    }
    while let Ok(part) = told.recv_timeout(PATIENCE) {
        if stream.write_all(&part).is_err() {
            return;
        }
    }
}

/// Sends a callback and returns the connection for its response.
fn sent(proxy: &Proxy) -> Client {
    let mut client = Client::connect(proxy.address);
    client.send(&callback("{}").with_length());
    client
}

#[test]
fn an_answer_is_buffered_for_judging_only_if_its_status_depends_on_it() {
    let slowly = Slowly::start();
    let proxy = setup("success = { body = [\"ok\"] }\nsuccess_as_200 = true\nonce = false")
        .servers(&[slowly.address], "")
        .start();
    let mut client = sent(&proxy);
    slowly.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
    // Before any of the body has arrived.
    let head = client.head();
    assert_eq!(head.status, 200);
    slowly.send("o");
    slowly.send("k\r\n");
    assert_eq!(client.rest_of(head).body, b"ok\r\n");
    assert_eq!(logged(&proxy), (200, None, None));
}

#[test]
fn an_answer_is_buffered_only_as_far_as_it_is_examined() {
    for once in [false, true] {
        let slowly = Slowly::start();
        let proxy = setup(&format!(
            "success = {{ body = [\"ok\"] }}\nsuccess_as_200 = true\nonce = {once}"
        ))
        .servers(&[slowly.address], "")
        .start();
        let mut client = sent(&proxy);
        let length = MOST + 2;
        slowly.send(format!(
            "HTTP/1.1 202 Accepted\r\nContent-Length: {length}\r\n\r\n"
        ));
        slowly.send("x".repeat(MOST + 1));
        // The backend has not finished the response yet.
        let head = client.head();
        assert_eq!((head.status, head.reason.as_str()), (202, "Accepted"));
        slowly.send("x");
        assert_eq!(client.rest_of(head).body.len(), length);
        let reason = Some("answer_not_success".to_owned());
        assert_eq!(logged(&proxy).1, reason);
    }
}

#[test]
fn a_dripping_answer_is_reported_with_its_own_status() {
    for once in [false, true] {
        let slowly = Slowly::start();
        let proxy = setup(&format!(
            "success = {{ body = [\"ok\"] }}\nsuccess_as_200 = true\nonce = {once}"
        ))
        .tables("[timeouts]\nwrite = \"200ms\"")
        .servers(&[slowly.address], "")
        .start();
        let mut client = sent(&proxy);
        slowly.send("HTTP/1.1 202 Accepted\r\nContent-Length: 60000\r\n\r\n");
        let parts = slowly.parts.clone();
        thread::spawn(move || {
            while parts.send(b"x".to_vec()).is_ok() {
                thread::sleep(Duration::from_millis(10));
            }
        });
        assert_eq!(client.head().status, 202);
    }
}
