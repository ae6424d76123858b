//! The handshakes of the schemes that come with Countersign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{SecondsFormat, Utc};

use super::*;

/// A proxy with a route for a shipped scheme, under a secret.
fn of_secret(route: &str, origin: &Origin) -> Proxy {
    setup("", route).origin(origin).start()
}

/// The same under a public key.
fn of_key(public: Vec<u8>, route: &str, origin: &Origin) -> Proxy {
    let public = String::from_utf8(public).unwrap();
    Setup::new()
        .tables(&format!(
            "[[key]]\nid = \"hook\"\npublic_key = '''{public}'''\n"
        ))
        .route(&format!(
            "name = \"r\"\npath = \"/hook\"\nkeys = [\"hook\"]\nexpose_reason = true\n{route}"
        ))
        .origin(origin)
        .start()
}

fn p256() -> Vec<u8> {
    let openssl = OpenSsl::new();
    let kind = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem";
    openssl.run(kind, b"");
    openssl.run("pkey -in key.pem -pubout", b"")
}

#[test]
fn dropbox_gets_its_challenge_back() {
    let origin = Origin::start();
    let proxy = of_secret("scheme = \"dropbox\"", &origin);
    let answer = get("/hook?challenge=aBcDef_123-456").send(&proxy);
    assert_eq!(
        (answer.status, &*answer.body),
        (200, &b"aBcDef_123-456"[..])
    );
    assert_plain(&answer, TEXT);
    assert_eq!(proxy.access()["verdict"], "handshake");
    for bad in ["%3Cscript%3E", "a%20b", &"a".repeat(129)] {
        let request = get(&format!("/hook?challenge={bad}"));
        assert_refused(&proxy, &request, 400, "value_unexpected");
    }
    assert_refused(&proxy, &get("/hook"), 405, "method_not_allowed");
    origin.requests(0);
}

#[test]
fn zoom_gets_the_hmac_of_its_token_and_nobody_else_does() {
    let origin = Origin::start();
    let proxy = of_secret("scheme = \"zoom\"", &origin);
    let token = "qgg8vlvZRS6UYooatFL8Aw";
    let body =
        format!(r#"{{"payload":{{"plainToken":"{token}"}},"event":"endpoint.url_validation"}}"#);
    let answer = zoom(now(), &body).send(&proxy);
    let mac = hex(&hmac(token));
    let expected = serde_json::json!({ "plainToken": token, "encryptedToken": mac });
    assert_eq!(answer.json(), expected);
    assert_eq!(proxy.access()["key"], "hook");
    assert_refused(&proxy, &json(&body), 400, "signature_missing");
    origin.requests(0);
}

#[test]
fn x_gets_the_hmac_of_its_token_and_no_event_can_be_made_of_it() {
    let origin = Origin::start();
    let proxy = of_secret("scheme = \"x-twitter\"", &origin);
    let answer = get("/hook?crc_token=challenge_string").send(&proxy);
    let token = format!("sha256={}", STANDARD.encode(hmac("challenge_string")));
    assert_eq!(
        answer.json(),
        serde_json::json!({ "response_token": token })
    );
    assert_eq!(proxy.access()["verdict"], "handshake");
    let event = json("challenge_string").header("x-twitter-webhooks-signature", token);
    assert_refused(&proxy, &event, 400, "value_unexpected");
    origin.requests(0);
}

#[test]
fn worldline_gets_its_header_back_whichever_way_keys_are_selected() {
    for keys in ["", "scheme = \"worldline\"\n"] {
        let origin = Origin::start();
        let by_header = keys.is_empty();
        let proxy = if by_header {
            let route = "name = \"r\"\npath = \"/hook\"\nscheme = \"worldline\"\nkeys = { \"id-1\" = \"hook\" }";
            let key = format!("[[key]]\nid = \"hook\"\nsecret = \"{SECRET}\"\n");
            Setup::new()
                .tables(&key)
                .route(route)
                .origin(&origin)
                .start()
        } else {
            of_secret(keys, &origin)
        };
        let text = "d7a49e30-4b8c-4a52-8e8e-2f0a5b7a3f11";
        let name = "X-GCS-Webhooks-Endpoint-Verification";
        let answer = get("/hook").header(name, text).send(&proxy);
        assert_eq!((answer.status, &*answer.body), (200, text.as_bytes()));
        // Two readers could take another one for it.
        let twice = get("/hook").header(name, text).header(name, "2");
        assert_eq!(twice.send(&proxy).status, 400);
        let spelt = get("/hook")
            .header(name, text)
            .header("X_GCS_Webhooks_Endpoint_Verification", "2");
        assert_eq!(spelt.send(&proxy).status, 400);
        origin.requests(0);
    }
}

#[test]
fn circle_gets_its_head_answered() {
    let origin = Origin::start();
    let proxy = of_key(p256(), "scheme = \"circle\"", &origin);
    assert_eq!(head(&proxy, "/hook").status, 200);
    assert_eq!(proxy.access()["verdict"], "handshake");
    assert_refused(&proxy, &get("/hook"), 405, "method_not_allowed");
    origin.requests(0);
}

#[test]
fn ebay_gets_the_digest_of_challenge_token_and_url() {
    let origin = Origin::start();
    let token = "71745723-d031-455c-bfa5-f90d11b4f20a";
    let route = format!(
        "scheme = \"ebay\"\npublic_url = \"https://shop.example/hook\"\n\
         values = {{ verification_token = \"{token}\" }}"
    );
    let proxy = of_key(p256(), &route, &origin);
    let code = "a8628072-3d33-45ee-9004-bee86830a22d";
    let answer = get(&format!("/hook?challenge_code={code}")).send(&proxy);
    let text = format!("{code}{token}https://shop.example/hook");
    let digest = OpenSsl::new().run("dgst -sha256 -binary", text.as_bytes());
    let expected = serde_json::json!({ "challengeResponse": hex(&digest) });
    assert_eq!(answer.json(), expected);
    let forged = json("{}").header("X-EBAY-SIGNATURE", STANDARD.encode("{}"));
    assert_eq!(forged.send(&proxy).status, 412);
    // Who does not say them has callbacks all the same.
    let proxy = of_key(p256(), "scheme = \"ebay\"", &origin);
    let request = get(&format!("/hook?challenge_code={code}"));
    assert_refused(&proxy, &request, 412, "value_missing");
    origin.requests(0);
}

#[test]
fn a_genuine_confirmation_of_sns_is_told_apart_from_a_forged_one() {
    let origin = Origin::start();
    let openssl = OpenSsl::new();
    let public = openssl.rsa("key.pem", 2048, 65537);
    let own = "scheme = \"aws-sns\"\nvalues = { topic_arn = \"arn:aws:sns:eu-west-1:1:t\" }";
    let proxy = of_key(public, own, &origin);
    let id = "165545c9-2a5c-472c-8df2-7ff2be2b3b1b";
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let (topic, url) = (
        "arn:aws:sns:eu-west-1:1:t",
        "https://sns.eu-west-1.amazonaws.com/?a",
    );
    let content = format!(
        "Message\nConfirm.\nMessageId\n{id}\nSubscribeURL\n{url}\nTimestamp\n{time}\nToken\n2336412f37\n\
         TopicArn\n{topic}\nType\nSubscriptionConfirmation\n"
    );
    let signature = openssl.run("dgst -sha256 -sign key.pem", content.as_bytes());
    let with = |signature: &[u8]| {
        let body = serde_json::json!({
            "Type": "SubscriptionConfirmation", "MessageId": id, "Token": "2336412f37",
            "TopicArn": topic, "Message": "Confirm.", "SubscribeURL": url, "Timestamp": time,
            "SignatureVersion": "2", "Signature": STANDARD.encode(signature),
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/a.pem",
        });
        Callback::post("/hook", body.to_string()).header("Content-Type", "text/plain")
    };
    assert_refused(&proxy, &with(&signature), 400, "handshake_unsupported");
    assert_refused(&proxy, &with(&[7; 256]), 400, "signature_mismatch");
    origin.requests(0);
}
