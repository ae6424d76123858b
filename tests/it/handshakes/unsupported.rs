//! Handshakes that the proxy cannot answer.

use super::*;

/// As Amazon SNS does it: whoever gets the message must call a URL in it.
const FETCHES: &str = r#"
[[scheme]]
name = "topics"
algorithm = "hmac-sha256"
signature = "{header:X-Signature|unhex}"
content = "{body}"
not_covered = ["query"]

[[scheme.handshake]]
methods = ["POST"]
when = { "{field:Type}" = "SubscriptionConfirmation" }
after = "signature"
"#;

#[test]
fn a_confirmation_that_must_fetch_a_url_is_refused_by_its_name() {
    let origin = Origin::start();
    let proxy = setup(FETCHES, "scheme = \"topics\"")
        .origin(&origin)
        .start();
    let body = r#"{"Type":"SubscriptionConfirmation","SubscribeURL":"http://127.0.0.1:1/"}"#;
    let genuine = json(body).header("X-Signature", hex(&hmac(body)));
    assert_refused(&proxy, &genuine, 400, "handshake_unsupported");
    // A forged one is told apart from it.
    let forged = json(body).header("X-Signature", hex(&hmac("{}")));
    assert_refused(&proxy, &forged, 400, "signature_mismatch");
    origin.requests(0);
    let event = r#"{"Type":"Notification"}"#;
    let event = json(event).header("X-Signature", hex(&hmac(event)));
    assert_eq!(event.send(&proxy).status, 200);
    origin.request();
}
