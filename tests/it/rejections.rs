//! What the proxy rejects, with which status and reason. Nothing rejected reaches a backend.

use std::ops::Range;

use crate::cases;
use crate::support::signer::{API_KEY, Signer};
use crate::support::{Callback, Client, Origin, Proxy, Response, Setup};

/// Both schemes with the vectors' keys, exposed reasons and no maximum age.
fn start(origin: &Origin) -> Proxy {
    Setup::new()
        .route(
            "name = \"cheezeepay\"\npath = \"/cheezeepay\"\nscheme = \"cheezeepay\"\n\
             keys = [\"cheezeepay-platform\", \"cheezeepay-vectors\", \"signer\"]\n\
             expose_reason = true",
        )
        .route(&format!(
            "name = \"sgate\"\npath_prefix = \"/\"\nscheme = \"sgate\"\n\
             keys = {{ \"{API_KEY}\" = \"signer\" }}\nexpose_reason = true"
        ))
        .origin(origin)
        .start()
}

fn cheezeepay() -> Callback {
    Signer::get().cheezeepay(
        "/cheezeepay",
        &[("amount", "800"), ("data", "1"), ("no", "\"C1\"")],
    )
}

fn sgate() -> Callback {
    Signer::get().sgate("/sgate", r#"{"event":"E","data":{}}"#)
}

/// The callback with a changed body.
fn body(callback: Callback, change: impl Fn(&str) -> String) -> Callback {
    let body = change(std::str::from_utf8(&callback.body).unwrap()).into_bytes();
    Callback { body, ..callback }
}

/// The callback with a changed value of its `sign` field.
fn sign(change: impl Fn(&str) -> String) -> Callback {
    body(cheezeepay(), |text| {
        let (before, sign) = text.split_once("\"sign\":\"").unwrap();
        let sign = sign.strip_suffix("\"}").unwrap();
        format!("{before}\"sign\":\"{}\"}}", change(sign))
    })
}

/// The text with a range replaced.
fn with(text: &str, place: Range<usize>, other: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(place, other);
    text
}

fn raw_body(bytes: &[u8]) -> Callback {
    Callback {
        body: bytes.to_vec(),
        ..cheezeepay()
    }
}

fn at(timestamp: &str, nonce: &str) -> Callback {
    Signer::get().sgate_at("/sgate", "/sgate", "{}", timestamp, nonce)
}

fn doubled(name: &str) -> Callback {
    let callback = sgate();
    let value = callback.value(name).to_owned();
    callback.header(name, value)
}

/// The callback with an unsigned field that another parser would take for a signed one.
fn smuggling(field: &str, content_type: &str) -> Callback {
    let callback = body(cheezeepay(), |text| {
        text.replacen('{', &format!("{{{field}:\"\","), 1)
    });
    callback.with("Content-Type", Some(content_type))
}

/// Every bad input: its description, the callback, and the reason for its rejection.
fn table() -> Vec<(&'static str, Callback, &'static str)> {
    let nested = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let now = sgate().value("V-Timestamp").parse::<i64>().unwrap();
    vec![
        (
            "a form to a backend that goes by Content-Type",
            smuggling("\"&amount=900&\"", "application/x-www-form-urlencoded"),
            "content_type_not_json",
        ),
        (
            "another character set",
            smuggling(
                "\"+ACI-:1,+ACI-amount+ACI-:900,+ACI-z\"",
                "application/json; charset=utf-7",
            ),
            "content_type_ambiguous",
        ),
        (
            "doubled Content-Type",
            doubled("Content-Type"),
            "content_type_ambiguous",
        ),
        (
            "compressed, says Content-Encoding",
            sgate().header("Content-Encoding", "gzip"),
            "content_encoded",
        ),
        ("empty body", raw_body(b""), "body_empty"),
        ("not JSON", raw_body(b"a=1&b=2"), "json_invalid"),
        (
            "an array",
            raw_body(b"[{\"sign\":\"AA==\"}]"),
            "json_not_object",
        ),
        (
            "repeated field",
            body(cheezeepay(), |text| {
                text.replacen('{', "{\"amount\":800,", 1)
            }),
            "field_repeated",
        ),
        (
            "repeated field, nested",
            body(cheezeepay(), |text| {
                text.replacen("\"data\":1", "\"data\":{\"a\":1,\"\\u0061\":1}", 1)
            }),
            "field_repeated",
        ),
        (
            "lone surrogate",
            body(cheezeepay(), |text| text.replacen("C1", "C1\\ud800", 1)),
            "json_lone_surrogate",
        ),
        (
            "byte-order mark",
            body(cheezeepay(), |text| format!("\u{feff}{text}")),
            "json_byte_order_mark",
        ),
        (
            "trailing bytes",
            body(cheezeepay(), |text| format!("{text} {{}}")),
            "json_trailing_bytes",
        ),
        (
            "200-deep nesting",
            raw_body(nested.as_bytes()),
            "json_too_deep",
        ),
        (
            "body not UTF-8",
            raw_body(b"{\"a\":\"\xff\"}"),
            "body_not_utf8",
        ),
        (
            "no sign",
            raw_body(b"{\"amount\":800}"),
            "signature_missing",
        ),
        (
            "sign is null",
            raw_body(b"{\"sign\":null}"),
            "signature_missing",
        ),
        (
            "sign is a number",
            raw_body(b"{\"sign\":1}"),
            "signature_malformed",
        ),
        (
            "doubled sign",
            body(cheezeepay(), |text| {
                text.replacen('{', "{\"sign\":\"AA==\",", 1)
            }),
            "field_repeated",
        ),
        ("empty sign", sign(|_| String::new()), "signature_missing"),
        (
            "oversized sign",
            sign(|sign| sign.repeat(20)),
            "signature_too_long",
        ),
        (
            "base64 with spaces",
            sign(|sign| with(sign, 9..9, " ")),
            "signature_malformed",
        ),
        (
            "base64 with line ends",
            sign(|sign| format!("{sign}\\n")),
            "signature_malformed",
        ),
        (
            "base64 without padding",
            sign(|sign| sign.trim_end_matches('=').to_owned()),
            "signature_malformed",
        ),
        (
            "base64 with too much padding",
            sign(|sign| format!("{sign}=")),
            "signature_malformed",
        ),
        (
            "URL-safe base64",
            sign(|sign| with(sign, 0..2, "-_")),
            "signature_malformed",
        ),
        (
            "signature of another length",
            sign(|_| "AAAA".to_owned()),
            "signature_wrong_length",
        ),
        (
            "another signature",
            sign(|sign| {
                let other = if sign.starts_with('A') { "B" } else { "A" };
                with(sign, 0..1, other)
            }),
            "signature_mismatch",
        ),
        (
            "another amount",
            body(cheezeepay(), |text| text.replace("800", "900")),
            "signature_mismatch",
        ),
        (
            "unknown V-Api-Key",
            sgate().with("V-Api-Key", Some("mk_other")),
            "key_unknown",
        ),
        (
            "no V-Api-Key",
            sgate().with("V-Api-Key", None),
            "key_id_missing",
        ),
        (
            "empty V-Api-Key",
            sgate().with("V-Api-Key", Some("")),
            "key_id_missing",
        ),
        ("doubled V-Api-Key", doubled("V-Api-Key"), "key_id_repeated"),
        (
            "no V-Signature",
            sgate().with("V-Signature", None),
            "signature_missing",
        ),
        (
            "doubled V-Signature",
            doubled("V-Signature"),
            "signature_repeated",
        ),
        (
            "no V-Timestamp",
            sgate().with("V-Timestamp", None),
            "timestamp_missing",
        ),
        (
            "doubled V-Timestamp",
            doubled("V-Timestamp"),
            "timestamp_repeated",
        ),
        (
            "timestamp with letters",
            at("16868x", "n"),
            "timestamp_malformed",
        ),
        (
            "timestamp with a sign",
            at("+1686831994", "n"),
            "timestamp_malformed",
        ),
        (
            "timestamp with a leading zero",
            at("01686831994", "n"),
            "timestamp_malformed",
        ),
        (
            "timestamp of 20 digits",
            at("16868319941686831994", "n"),
            "timestamp_malformed",
        ),
        (
            "timestamp 301 s old",
            at(&(now - 301).to_string(), "n"),
            "timestamp_stale",
        ),
        (
            "timestamp far ahead",
            at(&(now + 3600).to_string(), "n"),
            "timestamp_future",
        ),
        (
            "no nonce",
            sgate().with("V-Nonce-Str", None),
            "nonce_missing",
        ),
        ("doubled nonce", doubled("V-Nonce-Str"), "nonce_repeated"),
        (
            "nonce of 129 characters",
            at(&now.to_string(), &"n".repeat(129)),
            "nonce_too_long",
        ),
        (
            "nonce not UTF-8",
            {
                let mut callback = sgate().with("V-Nonce-Str", None);
                callback
                    .headers
                    .push(("V-Nonce-Str".to_owned(), b"\xff".to_vec()));
                callback
            },
            "nonce_malformed",
        ),
        (
            "SGate body not UTF-8",
            Callback {
                body: b"{\"a\":\"\xff\"}".to_vec(),
                ..sgate()
            },
            "body_not_utf8",
        ),
        (
            "another target",
            Callback {
                target: "/sgate/other".to_owned(),
                ..sgate()
            },
            "signature_mismatch",
        ),
        (
            "another query",
            Callback {
                target: "/sgate?a".to_owned(),
                ..sgate()
            },
            "signature_mismatch",
        ),
    ]
}

#[test]
fn each_bad_input_has_its_reason_and_is_not_forwarded() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    for (what, callback, reason) in table() {
        // All share one connection: a rejection does not close it.
        client.send(&callback.with_length());
        let answer = client.response();
        assert_eq!(answer.status, 400, "{what}");
        let shown = answer.json();
        assert_eq!(shown["reason"], reason, "{what}");
        assert_eq!(shown["error"], "invalid_callback", "{what}");
        let line = proxy.access();
        assert_eq!(line["reason"], reason, "{what}");
        assert_eq!(line["verdict"], "rejected", "{what}");
        assert_eq!(line["id"], shown["request_id"], "{what}");
    }
    assert_eq!((origin.connections(), origin.bytes()), (0, 0));
    // Then the originals: anything still queued for the backend would arrive before them.
    for callback in [cheezeepay(), sgate()] {
        client.send(&callback.with_length());
        assert_eq!(client.response().status, 200);
    }
    origin.requests(2);
    assert!(origin.connections() <= 2);
}

#[test]
fn a_published_signature_passes_and_a_misprinted_one_does_not() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let published = cases::published();
    let send = |body: Vec<u8>| Callback::post("/cheezeepay", body).send(&proxy);
    let answer = send(published.account_change.body);
    assert_eq!(
        (answer.status, &answer.json()["reason"]),
        (400, &"signature_mismatch".into())
    );
    assert_eq!(send(published.pay_in.body).status, 200);
    let received = origin.request();
    assert_eq!(
        received.header("X-Verified-Key"),
        Some("cheezeepay-platform")
    );
}

#[test]
fn the_reason_is_only_logged_unless_the_route_exposes_it() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .route("name = \"quiet\"\npath = \"/cheezeepay\"\nscheme = \"cheezeepay\"\nkeys = [\"signer\"]")
        .origin(&origin)
        .start();
    let shapes: Vec<(u16, Vec<String>, Vec<String>)> = [
        raw_body(b""),
        raw_body(b"{}"),
        sign(|_| "AAAA".to_owned()),
        body(cheezeepay(), |text| text.replace("800", "900")),
    ]
    .into_iter()
    .map(|callback| {
        let answer = callback.send(&proxy);
        let shown = answer.json();
        assert_eq!(shown["error"], "invalid_callback");
        let members = shown.as_object().unwrap().keys().cloned().collect();
        let headers = answer.headers.into_iter().map(|(name, _)| name).collect();
        (answer.status, members, headers)
    })
    .collect();
    // The responses differ only in the request ID.
    assert!(shapes.iter().all(|shape| *shape == shapes[0]));
    assert_eq!(shapes[0].1, ["error", "request_id"]);
    let reasons: Vec<_> = shapes
        .iter()
        .map(|_| proxy.access()["reason"].clone())
        .collect();
    assert_eq!(
        reasons,
        [
            "body_empty",
            "signature_missing",
            "signature_wrong_length",
            "signature_mismatch"
        ]
    );
    assert_eq!(origin.connections(), 0);
}

fn send_raw(proxy: &Proxy, bytes: &[u8]) -> Response {
    let mut client = Client::connect(proxy.address);
    client.send(bytes);
    client.half_close();
    client.response()
}

#[test]
fn missing_routes_and_methods_have_their_own_status() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate(
            "name = \"one\"\npath = \"/cb\"\nhost = \"pay.example\"\nmethods = [\"POST\", \"PUT\"]",
        )
        .origin(&origin)
        .start();
    for (request, status, error) in [
        (
            "POST /other HTTP/1.1\r\nHost: pay.example",
            404,
            "route_not_found",
        ),
        (
            "POST /cb/ HTTP/1.1\r\nHost: pay.example",
            404,
            "route_not_found",
        ),
        (
            "POST /cb HTTP/1.1\r\nHost: other.example",
            404,
            "route_not_found",
        ),
        (
            "POST /CB HTTP/1.1\r\nHost: pay.example",
            404,
            "route_not_found",
        ),
        (
            "GET /cb HTTP/1.1\r\nHost: pay.example",
            405,
            "method_not_allowed",
        ),
        (
            "post /cb HTTP/1.1\r\nHost: pay.example",
            405,
            "method_not_allowed",
        ),
        (
            "POST /cb HTTP/1.1\r\nHost: PAY.example.:80",
            400,
            "invalid_callback",
        ),
    ] {
        let answer = send_raw(&proxy, format!("{request}\r\n\r\n").as_bytes());
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (status, &error.into()),
            "{request}"
        );
        let allow = (status == 405).then_some("POST, PUT");
        assert_eq!(answer.header("Allow"), allow);
    }
    assert_eq!(origin.connections(), 0);
}
