//! Each shape that providers have, with the numbers that they publish.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::support::admin::Admin;
use crate::support::http2::Http2;

#[test]
fn a_text_is_repeated_to_who_knows_the_token() {
    let origin = Origin::start();
    let admin = Admin::new();
    let proxy = setup(META, "scheme = \"meta\"")
        .admin(&admin)
        .origin(&origin)
        .start();
    let request = get(
        "/hook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=token-of-the-operator",
    );
    let answer = request.send(&proxy);
    assert_eq!((answer.status, &*answer.body), (200, &b"1158201444"[..]));
    assert_plain(&answer, TEXT);
    let line = proxy.access();
    assert_eq!(
        (&line["verdict"], &line["route"]),
        (&"handshake".into(), &"r".into())
    );
    assert_eq!(line["status"], 200);
    admin.until(
        r#"countersign_verdicts_total{key="",route="r",scheme="meta",verdict="handshake"}"#,
        1.0,
    );
    origin.requests(0);
    // Callbacks of the route are as ever.
    let mac = hex(&hmac("{}"));
    let callback = json("{}").header("X-Hub-Signature-256", format!("sha256={mac}"));
    assert_eq!(callback.send(&proxy).status, 200);
    origin.request();
}

#[test]
fn over_http2_a_handshake_gets_the_same_answer() {
    let origin = Origin::start();
    let proxy = setup(META, "scheme = \"meta\"")
        .http2()
        .origin(&origin)
        .start();
    let request = get(
        "/hook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=token-of-the-operator",
    );
    let http2 = Http2::connect(proxy.address);
    let answer = http2.send(&request, usize::MAX, false);
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (200, &b"1158201444"[..])
    );
}

/// The HMAC is OpenSSL's.
#[test]
fn a_signed_handshake_is_answered_with_an_hmac_of_its_token() {
    let origin = Origin::start();
    let proxy = setup(ZOOM, "scheme = \"zoom\"").origin(&origin).start();
    let token = "qgg8vlvZRS6UYooatFL8Aw";
    let body = format!(
        r#"{{"payload":{{"plainToken":"{token}"}},"event_ts":1654503849680,"event":"endpoint.url_validation"}}"#
    );
    let answer = zoom(now(), &body).send(&proxy);
    assert_eq!(answer.status, 200);
    assert_plain(&answer, "application/json");
    let mac = hex(&hmac(token));
    let expected = serde_json::json!({ "plainToken": token, "encryptedToken": mac });
    assert_eq!(answer.json(), expected);
    let line = proxy.access();
    assert_eq!(
        (&line["verdict"], &line["key"]),
        (&"handshake".into(), &"hook".into())
    );
    origin.requests(0);
    // An event with the same signature rules goes to the backend.
    let event = r#"{"event":"meeting.started","payload":{}}"#;
    assert_eq!(zoom(now(), event).send(&proxy).status, 200);
    origin.request();
}

#[test]
fn an_open_handshake_is_answered_with_an_hmac() {
    let origin = Origin::start();
    let proxy = setup(X_TWITTER, "scheme = \"x-twitter\"")
        .origin(&origin)
        .start();
    // The query percent-encodes it.
    let token = "OWEzMTk1YjMtZDg+/=";
    let answer = get("/hook?crc_token=OWEzMTk1YjMtZDg%2B%2F%3D&nonce=1").send(&proxy);
    let mac = STANDARD.encode(hmac(token));
    assert_eq!(
        answer.json(),
        serde_json::json!({ "response_token": format!("sha256={mac}") })
    );
    assert_plain(&answer, "application/json");
    origin.requests(0);
}

/// The example of eBay's SDK (`test/test.json`): a digest of the challenge, a token and the URL.
#[test]
fn a_digest_of_challenge_token_and_url_answers_a_challenge() {
    let scheme = r#"
[[scheme]]
name = "ebay"
algorithm = "rsa-sha256"
signature = "{header:X-Signature|unbase64}"
content = "{body}"

[[scheme.handshake]]
methods = ["GET"]
when = { "{query:challenge_code}" = ".+" }
value = "{query:challenge_code}"
allowed = "[0-9A-Za-z_-]{1,128}"
answer = { content_type = "application/json", body = '{{"challengeResponse":"{value|append:{value:verification_token}|append:{configured_url}|sha256|hex}"}}' }
"#;
    let origin = Origin::start();
    let proxy = Setup::new()
        .tables(scheme)
        .route(
            "name = \"r\"\npath = \"/hook\"\nscheme = \"ebay\"\nkeys = [\"signer\"]\n\
             public_url = \"https://shop.example/hook\"\n\
             values = { verification_token = \"71745723-d031-455c-bfa5-f90d11b4f20a\" }",
        )
        .origin(&origin)
        .start();
    let code = "a8628072-3d33-45ee-9004-bee86830a22d";
    let answer = get(&format!("/hook?challenge_code={code}")).send(&proxy);
    let text = format!("{code}71745723-d031-455c-bfa5-f90d11b4f20ahttps://shop.example/hook");
    let digest = OpenSsl::new().run("dgst -sha256 -binary", text.as_bytes());
    assert_eq!(
        answer.json(),
        serde_json::json!({ "challengeResponse": hex(&digest) })
    );
}

#[test]
fn a_fixed_answer_follows_a_valid_signature_alone() {
    let scheme = r#"
[[scheme]]
name = "discord-like"
algorithm = "hmac-sha256"
signature = "{header:X-Signature|unhex}"
content = "{body}"
not_covered = ["query"]
refuse = { status = 401 }

[[scheme.handshake]]
methods = ["POST"]
when = { "{field:type}" = "1" }
after = "signature"
answer = { content_type = "application/json", body = '{{"type":1}}' }
"#;
    let origin = Origin::start();
    let proxy = setup(scheme, "scheme = \"discord-like\"\nonce = true")
        .origin(&origin)
        .start();
    let ping = r#"{"type":1,"application_id":"7"}"#;
    for _ in 0..2 {
        let answer = json(ping)
            .header("X-Signature", hex(&hmac(ping)))
            .send(&proxy);
        assert_eq!((answer.status, &*answer.body), (200, &br#"{"type":1}"#[..]));
        // It is no callback: nothing is remembered of it.
        let line = proxy.access();
        assert_eq!(
            (&line["verdict"], &line["once"]),
            (&"handshake".into(), &serde_json::Value::Null)
        );
    }
    let forged = json(ping).header("X-Signature", hex(&hmac("{}")));
    assert_refused(&proxy, &forged, 401, "signature_mismatch");
    assert_refused(&proxy, &json(ping), 401, "signature_missing");
    origin.requests(0);
    let event = r#"{"type":2}"#;
    let answer = json(event)
        .header("X-Signature", hex(&hmac(event)))
        .send(&proxy);
    assert_eq!(answer.status, 200);
    origin.request();
}

#[test]
fn a_head_or_options_request_is_answered_where_the_scheme_says_so() {
    let scheme = r#"
[[scheme]]
name = "probing"
algorithm = "hmac-sha256"
signature = "{header:X-Signature|unhex}"
content = "{body}"

[[scheme.handshake]]
methods = ["HEAD"]
answer = {}

[[scheme.handshake]]
methods = ["OPTIONS"]
when = { "{header:WebHook-Request-Origin}" = ".+" }
value = "{header:WebHook-Request-Origin}"
allowed = "[0-9a-z.-]{1,128}"
answer = { headers = { WebHook-Allowed-Origin = "{value}", WebHook-Allowed-Rate = "120" } }
"#;
    let origin = Origin::start();
    let proxy = setup(scheme, "scheme = \"probing\"")
        .origin(&origin)
        .start();
    let answer = head(&proxy, "/hook");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (200, Some("0"))
    );
    let options =
        with_method("OPTIONS", "/hook").header("WebHook-Request-Origin", "eventgrid.azure.net");
    let answer = options.send(&proxy);
    assert_eq!((answer.status, &*answer.body), (200, &b""[..]));
    assert_eq!(
        answer.header("WebHook-Allowed-Origin"),
        Some("eventgrid.azure.net")
    );
    assert_eq!(answer.header("WebHook-Allowed-Rate"), Some("120"));
    for _ in 0..2 {
        assert_eq!(proxy.access()["verdict"], "handshake");
    }
    assert_refused(
        &proxy,
        &with_method("OPTIONS", "/hook"),
        405,
        "method_not_allowed",
    );
    origin.requests(0);
}

#[test]
fn get_answer_stays_for_what_is_no_handshake() {
    let origin = Origin::start();
    let proxy = meta(&origin, "get_answer = \"here\"");
    assert_eq!(get("/hook").send(&proxy).body, b"here");
    let request =
        get("/hook?hub.mode=subscribe&hub.challenge=5&hub.verify_token=token-of-the-operator");
    assert_eq!(request.send(&proxy).body, b"5");
    origin.requests(0);
}

/// Which key signs is the first of the list, under which everything holds.
#[test]
fn the_key_with_the_token_that_came_answers() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .tables(&format!(
            "{META}\n[[key]]\nid = \"a\"\nsecret = \"{SECRET}\"\n\
             secrets = {{ verify_token = {{ secret = \"first-token-of-two\" }} }}\n\
             [[key]]\nid = \"b\"\nsecret = \"{SECRET}x\"\n\
             secrets = {{ verify_token = {{ secret = \"second-token-of-two\" }} }}\n"
        ))
        .route("name = \"r\"\npath = \"/hook\"\nkeys = [\"a\", \"b\"]\nscheme = \"meta\"")
        .origin(&origin)
        .start();
    for (token, status) in [
        ("first-token-of-two", 200),
        ("second-token-of-two", 200),
        ("third-token-of-two", 403),
    ] {
        let target = format!("/hook?hub.mode=subscribe&hub.challenge=5&hub.verify_token={token}");
        assert_eq!(get(&target).send(&proxy).status, status, "{token}");
    }
}

/// Who does not use the handshake need not have what it needs.
#[test]
fn without_the_token_of_a_handshake_it_is_refused_and_callbacks_are_taken() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .tables(&format!(
            "{META}\n[[key]]\nid = \"hook\"\nsecret = \"{SECRET}\"\n"
        ))
        .route("name = \"r\"\npath = \"/hook\"\nkeys = [\"hook\"]\nscheme = \"meta\"")
        .origin(&origin)
        .start();
    let request = get("/hook?hub.mode=subscribe&hub.challenge=5&hub.verify_token=");
    assert_refused(&proxy, &request, 403, "value_missing");
    let mac = hex(&hmac("{}"));
    let callback = json("{}").header("X-Hub-Signature-256", format!("sha256={mac}"));
    assert_eq!(callback.send(&proxy).status, 200);
    origin.request();
}

/// The token proves who asks: whoever read it in a log could ask, too.
#[test]
fn the_access_log_does_not_tell_the_token_of_a_handshake() {
    let origin = Origin::start();
    let proxy = meta(&origin, "");
    for token in ["token-of-the-operator", "token-of-somebody-else"] {
        let target = format!("/hook?hub.mode=subscribe&hub.challenge=5&hub.verify_token={token}");
        get(&target).send(&proxy);
        let line = proxy.access().to_string();
        assert!(line.contains("hub.mode") && !line.contains(token), "{line}");
    }
}
