//! Handshakes as an attacker sends them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Days, SecondsFormat, Utc};

use super::*;

const MODE: &str = "/hook?hub.mode=subscribe&hub.verify_token=token-of-the-operator";

#[test]
fn a_wrong_token_gets_no_echo() {
    let origin = Origin::start();
    let proxy = meta(&origin, "");
    for token in [
        "hub.verify_token=token-of-the-operato",
        "hub.verify_token=token-of-the-operator1",
        "hub.verify_token=TOKEN-OF-THE-OPERATOR",
        "hub.verify_token=",
        "hub.verify_token=%74oken-of-the-operator%00",
    ] {
        let target = format!("/hook?hub.mode=subscribe&hub.challenge=1&{token}");
        let answer = get(&target).send(&proxy);
        assert_eq!(answer.status, 403, "{token}");
        assert_eq!(proxy.access()["verdict"], "rejected", "{token}");
    }
    let missing = get("/hook?hub.mode=subscribe&hub.challenge=1");
    assert_refused(&proxy, &missing, 403, "value_missing");
    origin.requests(0);
}

#[test]
fn nothing_is_repeated_that_a_page_or_a_header_could_be_made_of() {
    let origin = Origin::start();
    let proxy = meta(&origin, "");
    for challenge in [
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "1%0d%0aSet-Cookie:%20a=b",
        "1%00",
        "%C3%A9",
        "",
        "1%202",
        "1+2",
        "javascript:alert",
        &"1".repeat(129),
        &"1".repeat(4000),
    ] {
        let request = get(&format!("{MODE}&hub.challenge={challenge}"));
        let answer = request.send(&proxy);
        assert_eq!(answer.status, 403, "{challenge}");
        assert_eq!(answer.header("Set-Cookie"), None);
        let body = String::from_utf8(answer.body).unwrap();
        assert!(
            !body.contains("script") && !body.contains("alert"),
            "{body}"
        );
        assert_eq!(proxy.access()["verdict"], "rejected");
    }
    origin.requests(0);
}

/// Two readers could take another one for the parameter's value.
#[test]
fn a_parameter_that_is_there_twice_is_refused() {
    let origin = Origin::start();
    let proxy = meta(&origin, "");
    for query in [
        "hub.challenge=1&hub.challenge=2",
        "hub.challenge=1&hub_challenge=2",
        "hub.challenge=1&hub.mode=subscribe",
        "hub.challenge=1;hub.challenge=2",
        "hub.challenge=%zz",
    ] {
        let answer = get(&format!("{MODE}&{query}")).send(&proxy);
        assert_eq!(answer.status, 403, "{query}");
        let reason = proxy.access()["reason"].as_str().unwrap().to_owned();
        assert!(reason.starts_with("query_"), "{query}: {reason}");
    }
    origin.requests(0);
}

/// A method that only handshakes have is no way to a backend.
#[test]
fn what_does_not_look_like_the_handshake_reaches_nobody() {
    let origin = Origin::start();
    let proxy = meta(&origin, "");
    for request in [
        get("/hook"),
        get("/hook?hub.mode=unsubscribe&hub.challenge=1"),
        get("/hook?hub.mode=subscribed"),
        get("/hook?hub.mode="),
    ] {
        assert_refused(&proxy, &request, 405, "method_not_allowed");
    }
    // Not even if it is signed.
    let mac = hex(&hmac("{}"));
    let signed = Callback {
        method: "GET".to_owned(),
        ..json("{}").header("X-Hub-Signature-256", format!("sha256={mac}"))
    };
    assert_refused(&proxy, &signed, 405, "method_not_allowed");
    let others = ["HEAD", "PUT", "OPTIONS", "DELETE"];
    for method in others {
        let mut client = Client::connect(proxy.address);
        client.send(&with_method(method, &format!("{MODE}&hub.challenge=1")).head(""));
        let answer = client.head();
        assert_eq!(answer.status, 405, "{method}");
    }
    // A POST that looks like it is a callback, and unsigned.
    let post = Callback::post(&format!("{MODE}&hub.challenge=1"), "");
    assert_eq!(post.send(&proxy).status, 403);
    origin.requests(0);
}

#[test]
fn address_lists_and_rates_hold_for_handshakes() {
    let origin = Origin::start();
    let target = format!("{MODE}&hub.challenge=1");
    let proxy = meta(&origin, "deny = [\"127.0.0.1\"]");
    assert_refused(&proxy, &get(&target), 403, "address_denied");
    let proxy = meta(&origin, "rate_limit = { rate = \"1/h\", burst = 1 }");
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(get(&target).send(&proxy).status);
    }
    assert_eq!(answers[0], 200);
    assert_eq!(answers[5], 429, "{answers:?}");
    origin.requests(0);
}

/// With the body of a handshake, framing is as strict as ever, and a second request behind it is one.
#[test]
fn a_body_of_a_get_is_read_and_never_becomes_a_request() {
    let origin = Origin::start();
    let proxy = meta(&origin, "");
    let mut client = Client::connect(proxy.address);
    let smuggled = "POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    let request = Callback {
        body: smuggled.as_bytes().to_vec(),
        ..get(&format!("{MODE}&hub.challenge=1"))
    };
    client.send(&request.with_length());
    assert_eq!(client.response().status, 200);
    client.send(&get(&format!("{MODE}&hub.challenge=2")).head(""));
    assert_eq!(client.response().body, b"2");
    for _ in 0..2 {
        assert_eq!(proxy.access()["verdict"], "handshake");
    }
    let ambiguous = get(&format!("{MODE}&hub.challenge=1"));
    let mut client = Client::connect(proxy.address);
    client.send(&ambiguous.head("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"));
    assert_eq!(client.response().status, 400);
    assert_eq!(proxy.access()["reason"], "length_ambiguous");
    origin.requests(0);
}

#[test]
fn an_unsigned_or_stale_handshake_of_a_scheme_that_signs_it_gets_no_hmac() {
    let origin = Origin::start();
    let proxy = setup(ZOOM, "scheme = \"zoom\"").origin(&origin).start();
    let body = |token: &str| {
        format!(r#"{{"event":"endpoint.url_validation","payload":{{"plainToken":"{token}"}}}}"#)
    };
    let good = body("qgg8vlvZRS6UYooatFL8Aw");
    assert_refused(&proxy, &json(&good), 400, "signature_missing");
    let other = zoom(now(), &body("qgg8vlvZRS6UYooatFL8AX"));
    let forged = Callback {
        body: good.clone().into_bytes(),
        ..other
    };
    assert_refused(&proxy, &forged, 400, "signature_mismatch");
    assert_refused(&proxy, &zoom(now() - 3600, &good), 400, "timestamp_stale");
    // Signed, but nothing that a token is: the text of an event, or one that is too short.
    for token in [
        "v0:1782907200:{}",
        "short",
        &"x".repeat(300),
        "aaaaaaaaaaaaaaaa<b>",
    ] {
        let request = zoom(now(), &body(token));
        let answer = request.send(&proxy);
        assert_eq!(answer.status, 400, "{token}");
        assert_eq!(proxy.access()["verdict"], "rejected");
    }
    // One without a token is one, too, and no event.
    let bare = r#"{"event":"endpoint.url_validation"}"#;
    assert_refused(&proxy, &zoom(now(), bare), 400, "value_missing");
    // A repeated name is read in two ways; raw bodies go on as they came, and as events.
    let large = format!(
        r#"{{"event":"endpoint.url_validation","payload":{{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}},"x":"{}"}}"#,
        "x".repeat(17 << 10)
    );
    origin.requests(0);
    assert_eq!(zoom(now(), &large).send(&proxy).status, 200);
    origin.request();
}

/// Whoever asks gets an HMAC under the key of events, of a text of a few characters. It must not be the
/// signature of a body that is such a text.
#[test]
fn the_answer_to_an_open_handshake_signs_no_event() {
    let origin = Origin::start();
    let proxy = setup(X_TWITTER, "scheme = \"x-twitter\"")
        .origin(&origin)
        .start();
    for text in ["123", "true", "null", "abc=def", "a.b"] {
        let encoded = text.replace('=', "%3D");
        let answer = get(&format!("/hook?crc_token={encoded}")).send(&proxy);
        let token = answer.json()["response_token"].as_str().unwrap().to_owned();
        assert_eq!(token, format!("sha256={}", STANDARD.encode(hmac(text))));
        assert_eq!(proxy.access()["verdict"], "handshake");
        let event = json(text).header("x-twitter-webhooks-signature", token);
        assert_refused(&proxy, &event, 400, "value_unexpected");
    }
    // No event can be had: its characters are not allowed.
    for text in ["%7B%22a%22:1%7D", "%5B1%5D", "%22a%22", "a%26b%3D1"] {
        let request = get(&format!("/hook?crc_token={text}"));
        assert_refused(&proxy, &request, 400, "value_unexpected");
    }
    origin.requests(0);
    let body = r#"{"for_user_id":"1"}"#;
    let mac = STANDARD.encode(hmac(body));
    let event = json(body).header("x-twitter-webhooks-signature", format!("sha256={mac}"));
    assert_eq!(event.send(&proxy).status, 200);
    origin.request();
}

/// A backend in front of which the proxy was put for a trial gets none of a method that it is not for.
#[test]
fn in_report_mode_no_handshake_is_answered_and_none_of_its_own_method_reaches_a_backend() {
    let origin = Origin::start();
    let until = Utc::now() + Days::new(1);
    let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
    let proxy = meta(&origin, &format!("mode = \"report\"\nuntil = {until}"));
    let handshake = get(&format!("{MODE}&hub.challenge=1"));
    assert_refused(&proxy, &handshake, 405, "method_not_allowed");
    origin.requests(0);
    assert_eq!(json("{}").send(&proxy).status, 200);
    origin.request();
}
