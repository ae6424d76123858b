//! What the provider is answered: by the scheme once the backend took a callback, and when one is refused.

use crate::support::admin::Admin;
use crate::support::http2::Http2;
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Setup};

/// A scheme that signs the raw body, with what its provider wants to be answered.
fn setup(scheme: &str, route: &str) -> Setup {
    Setup::new()
        .tables(&format!(
            "[[scheme]]\nname = \"payer\"\nalgorithm = \"rsa-sha256\"\n\
             signature = \"{{header:X-Signature|unbase64}}\"\ncontent = \"{{body}}\"\n{scheme}\n"
        ))
        .route(&format!(
            "name = \"r\"\npath = \"/cb\"\nscheme = \"payer\"\nkeys = [\"signer\"]\n{route}"
        ))
}

fn callback(body: &str) -> Callback {
    let signature = Signer::get().sign("sha256", body.as_bytes());
    Callback::post("/cb", body)
        .header("Content-Type", "application/json")
        .header("X-Signature", signature)
}

fn reply(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::raw(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    ))
}

const SUCCESS: &str = "acknowledge = { body = \"success\" }\nfailure = [\"fail\"]";

#[test]
fn whatever_success_a_backend_answers_the_provider_gets_the_schemes_words() {
    for (status, headers, body) in [
        (
            "200 OK",
            "Content-Type: text/html\r\nSet-Cookie: a=b\r\n",
            "<b>ok</b>",
        ),
        (
            "200 OK",
            "Content-Encoding: gzip\r\nETag: \"1\"\r\n",
            "\u{1f}\u{8b}",
        ),
        (
            "201 Created",
            "Location: /orders/7\r\nCache-Control: max-age=60\r\n",
            "{}",
        ),
        ("204 No Content", "", ""),
        ("299 Odd", "", "odd"),
    ] {
        let origin = Origin::answering(move |_| match status {
            "204 No Content" => Reply::raw(format!("HTTP/1.1 {status}\r\n\r\n")),
            _ => reply(status, headers, body),
        });
        let proxy = setup(SUCCESS, "acknowledge = \"scheme\"")
            .origin(&origin)
            .start();
        for answer in [callback("{}").send(&proxy), callback("{}").send(&proxy)] {
            assert_eq!(
                (answer.status, &*answer.body),
                (200, &b"success"[..]),
                "{status}"
            );
            let content_type = answer.header("Content-Type");
            assert_eq!(content_type, Some("text/plain; charset=utf-8"));
            assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
            assert_eq!(answer.header("Cache-Control"), Some("no-store"));
            for gone in [
                "Set-Cookie",
                "Content-Encoding",
                "ETag",
                "Location",
                "Transfer-Encoding",
            ] {
                assert_eq!(answer.header(gone), None, "{status}: {gone}");
            }
        }
        let line = proxy.access();
        assert_eq!(
            (&line["verdict"], &line["status"]),
            (&"verified".into(), &200.into())
        );
    }
}

#[test]
fn an_answer_that_is_no_success_stays_the_backends() {
    for (status, body, only) in [
        ("500 Internal Server Error", "broken", ""),
        ("404 Not Found", "no order", ""),
        ("302 Found", "", ""),
        ("200 OK", "fail", ""),
        ("202 Accepted", "later", "success = { status = 200 }"),
        ("200 OK", "no", "success = { body = [\"yes\"] }"),
    ] {
        let origin = Origin::answering(move |_| reply(status, "X-Own: 1\r\n", body));
        let route = format!("acknowledge = \"scheme\"\n{only}");
        let proxy = setup(SUCCESS, &route).origin(&origin).start();
        let answer = callback("{}").send(&proxy);
        assert_eq!(answer.status.to_string(), status[..3], "{status}");
        assert_eq!(answer.body, body.as_bytes(), "{status}");
        assert_eq!(answer.header("X-Own"), Some("1"), "{status}");
    }
}

#[test]
fn without_a_word_of_the_route_the_backends_answer_stays() {
    let origin = Origin::answering(|_| reply("200 OK", "", "of the backend"));
    let proxy = setup(SUCCESS, "").origin(&origin).start();
    assert_eq!(callback("{}").send(&proxy).body, b"of the backend");
}

/// The provider must not take a callback for booked of which nobody knows whether it is.
#[test]
fn an_answer_that_breaks_off_is_not_acknowledged() {
    for once in ["", "once = true"] {
        let origin = Origin::answering(|_| {
            Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").then_close()
        });
        let route = format!("acknowledge = \"scheme\"\n{once}");
        let proxy = setup(SUCCESS, &route).origin(&origin).start();
        let answer = callback("{}").send(&proxy);
        assert_eq!(answer.status, 502, "{once}");
        assert_eq!(proxy.access()["reason"], "upstream_closed");
    }
}

#[test]
fn an_answer_of_any_length_is_replaced_and_none_of_it_kept() {
    let origin = Origin::answering(|_| reply("200 OK", "", &"x".repeat(3 << 20)));
    let proxy = setup(SUCCESS, "acknowledge = \"scheme\"")
        .origin(&origin)
        .start();
    assert_eq!(callback("{}").send(&proxy).body, b"success");
}

#[test]
fn a_repeat_gets_the_schemes_words_too() {
    let origin = Origin::answering(|_| reply("201 Created", "", "booked"));
    let route = "acknowledge = \"scheme\"\nonce = true";
    let scheme = r#"
acknowledge = { content_type = "application/json", body = '{{"done":"{field:id}"}}' }
identity = ["id"]
"#;
    let proxy = setup(scheme, route).origin(&origin).start();
    for once in ["fresh", "repeat"] {
        let answer = callback(r#"{"id":"A-1"}"#).send(&proxy);
        assert_eq!(
            (answer.status, &*answer.body),
            (200, &br#"{"done":"A-1"}"#[..])
        );
        assert_eq!(answer.header("Content-Type"), Some("application/json"));
        assert_eq!(
            answer.header("X-Countersign-Repeat"),
            (once == "repeat").then_some("true")
        );
        assert_eq!(proxy.access()["once"], once);
    }
    origin.request();
}

#[test]
fn signed_values_stand_in_json_as_characters_and_never_end_a_string() {
    let origin = Origin::start();
    let scheme = r#"
acknowledge = { status = 202, content_type = "application/json", body = '{{"ids":["OK {field:id}"],"n":"{field:n}"}}' }
"#;
    let proxy = setup(scheme, "acknowledge = \"scheme\"")
        .origin(&origin)
        .start();
    let id = "\",\"admin\":\"\\</script><!--&\u{2028}\u{1}é";
    let body = serde_json::json!({ "id": id, "n": 7 }).to_string();
    let answer = callback(&body).send(&proxy);
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.json(),
        serde_json::json!({ "ids": [format!("OK {id}")], "n": "7" })
    );
    let text = String::from_utf8(answer.body).unwrap();
    assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
}

/// Else the provider would never hear that it was taken.
#[test]
fn a_callback_without_a_value_of_its_acknowledgement_is_refused_before_a_backend_has_it() {
    let origin = Origin::start();
    let scheme = "acknowledge = { body = \"OK{field:id}\" }";
    let proxy = setup(scheme, "acknowledge = \"scheme\"\nexpose_reason = true")
        .origin(&origin)
        .start();
    for body in [r#"{"other":1}"#, r#"{"id":null}"#, r#"{"id":{"a":1}}"#] {
        let answer = callback(body).send(&proxy);
        assert_eq!(answer.status, 400);
        let line = proxy.access();
        assert_eq!(line["at"], "field:id", "{body}");
    }
    origin.requests(0);
    assert_eq!(callback(r#"{"id":5}"#).send(&proxy).body, b"OK5");
}

#[test]
fn over_http2_and_with_no_content_the_acknowledgement_is_whole() {
    let origin = Origin::answering(|_| reply("200 OK", "", "of the backend"));
    for (scheme, status, body) in [
        (SUCCESS, 200, "success"),
        ("acknowledge = { status = 204 }", 204, ""),
    ] {
        let proxy = setup(scheme, "acknowledge = \"scheme\"")
            .http2()
            .origin(&origin)
            .start();
        let http2 = Http2::connect(proxy.address);
        let answer = http2.send(&callback("{}"), usize::MAX, false);
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (status, body.as_bytes())
        );
        let mut client = Client::connect(proxy.address);
        // Nothing follows the header of a 204, so the connection serves on.
        for _ in 0..2 {
            client.send(&callback("{}").with_length());
            let head = client.head();
            assert_eq!(head.status, status);
            if status == 200 {
                assert_eq!(client.rest_of(head).body, body.as_bytes());
            }
        }
        client.send(&callback("{}").with_length());
        let answer = client.head();
        let has_length = answer.header("Content-Length").is_some();
        assert_eq!(has_length, status == 200);
    }
}

#[test]
fn refused_callbacks_get_the_status_that_their_provider_wants_and_other_faults_keep_theirs() {
    let origin = Origin::start();
    let admin = Admin::new();
    let proxy = setup(
        "refuse = { status = 401 }",
        "body_limit = \"1kB\"\nexpose_reason = true",
    )
    .admin(&admin)
    .origin(&origin)
    .start();
    let forged = Callback {
        body: b"{\"a\":1}".to_vec(),
        ..callback("{}")
    };
    let answer = forged.send(&proxy);
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error"], "invalid_callback");
    assert_eq!(answer.json()["reason"], "signature_mismatch");
    assert_eq!(proxy.access()["status"], 401);
    let unsigned = callback("{}").with("X-Signature", None).send(&proxy);
    assert_eq!(unsigned.status, 401);
    let large = callback(&format!("\"{}\"", "x".repeat(2000))).send(&proxy);
    assert_eq!(large.status, 413);
    let get = Callback {
        method: "GET".to_owned(),
        ..callback("")
    };
    assert_eq!(get.send(&proxy).status, 405);
    assert_eq!(callback("{}").send(&proxy).status, 200);
    origin.request();
}
