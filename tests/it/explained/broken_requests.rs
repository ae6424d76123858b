//! A table of requests and configurations that were broken in one way each, and what is said first.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::explain::TextStyle;

use super::scene::{Scene, request};

/// What was broken, in which request, and the code of the diagnosis.
type Broken = (&'static str, &'static str, fn(&mut Scene), &'static str);

const BROKEN: &[Broken] = &[
    ("nothing", "stripe-two-v1", |_| {}, "genuine"),
    (
        "a line end behind the body",
        "stripe-two-v1",
        |scene| scene.sent.body.push(b'\n'),
        "body_final_newline",
    ),
    (
        "CRLF behind the body",
        "github-documented",
        |scene| scene.sent.body.extend(b"\r\n"),
        "body_final_newline",
    ),
    (
        "the body written by Python",
        "stripe-two-v1",
        |scene| {
            let body = r#"{"id": "evt_1", "amount": 12.50, "name": "é"}"#;
            scene.sent.body = body.as_bytes().to_vec();
        },
        "body_reencoded",
    ),
    (
        "the body's number written anew",
        "stripe-two-v1",
        |scene| {
            let body = scene.body().replace("12.50", "12.5");
            scene.sent.body = body.into_bytes();
        },
        "body_reencoded",
    ),
    (
        "a pretty body written on one line",
        "razorpay-sdk-webhook",
        |scene| {
            scene.sent.body = compact(&scene.body());
        },
        "body_reencoded",
    ),
    (
        "a body without spaces",
        "paddle-sdk-2",
        |scene| {
            scene.sent.body = compact(&scene.body());
        },
        "body_reencoded",
    ),
    (
        "members sorted, and indented",
        "shopify",
        |scene| {
            let body: serde_json::Value = serde_json::from_slice(&scene.sent.body).unwrap();
            scene.sent.body = serde_json::to_vec_pretty(&body).unwrap();
        },
        "body_reencoded",
    ),
    (
        "Chinese text escaped",
        "wechatpay-v3",
        |scene| {
            scene.sent.body = escaped(&scene.body());
        },
        "body_reencoded",
    ),
    (
        "a byte-order mark",
        "standard-webhooks",
        |scene| {
            scene.sent.body.splice(0..0, *b"\xef\xbb\xbf");
        },
        "body_byte_order_mark",
    ),
    (
        "LF becomes CRLF",
        "razorpay-sdk-webhook",
        |scene| {
            scene.sent.body = scene.body().replace('\n', "\r\n").into_bytes();
        },
        "body_line_ends",
    ),
    (
        "UTF-8 read as ISO 8859-1",
        "wechatpay-v3",
        |scene| {
            let text: String = scene
                .sent
                .body
                .iter()
                .map(|byte| char::from(*byte))
                .collect();
            scene.sent.body = text.into_bytes();
        },
        "body_charset",
    ),
    (
        "a form decoded",
        "slack-doc",
        |scene| {
            let body = scene.body().replace("%3A", ":").replace("%2F", "/");
            scene.sent.body = body.into_bytes();
        },
        "body_percent_codes",
    ),
    (
        "a form made JSON",
        "slack-doc",
        |scene| {
            let pairs = form_urlencoded::parse(&scene.sent.body);
            let members: serde_json::Map<_, _> = pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
                .collect();
            scene.sent.body = serde_json::Value::from(members).to_string().into_bytes();
            scene.header("Content-Type", |_| "application/json".to_owned());
        },
        "body_other_format",
    ),
    (
        "a form labelled as JSON",
        "alipay-notify-trade",
        |scene| scene.header("Content-Type", |_| "application/json".to_owned()),
        "content_type_changed",
    ),
    (
        "a body that was cut",
        "shopify",
        |scene| {
            cut(scene);
        },
        "body_truncated",
    ),
    (
        "a body that was cut, and a public key of somebody else",
        "wise-sandbox",
        |scene| {
            let other = request("payermax").keys[0].value.clone();
            scene.configured_key(|_| other.clone());
            cut(scene);
        },
        "another_key",
    ),
    (
        "a body that was cut, and no signature",
        "shopify",
        |scene| {
            scene
                .sent
                .headers
                .retain(|(name, _)| !name.ends_with("Hmac-Sha256"));
            cut(scene);
        },
        "signature_missing",
    ),
    (
        "a space behind the secret",
        "stripe-two-v1",
        |scene| {
            scene.configured_key(|key| format!("{key} "));
        },
        "secret_white_space",
    ),
    (
        "quotes around the secret",
        "github-documented",
        |scene| {
            scene.configured_key(|key| format!("\"{key}\""));
        },
        "secret_white_space",
    ),
    (
        "the secret without its prefix",
        "stripe-two-v1",
        |scene| {
            scene.configured_key(|key| key.replace("whsec_", ""));
        },
        "secret_prefix",
    ),
    (
        "a prefix too many",
        "github-documented",
        |scene| {
            scene.configured_key(|key| format!("secret={key}"));
        },
        "secret_prefix",
    ),
    (
        "the secret in base64",
        "shopify",
        |scene| {
            scene.configured_key(|key| STANDARD.encode(key));
        },
        "secret_encoding",
    ),
    (
        "the test key for the live one",
        "shopify",
        |scene| {
            let mut live = request("shopify");
            live.id = "shopify-live".to_owned();
            live.twin_of = None;
            live.target = "/live".to_owned();
            scene.configured.push(live);
            scene.configured_key(|_| "shpss_test".to_owned());
        },
        "other_key",
    ),
    (
        "the key of another version",
        "stripe-two-v1",
        |scene| {
            let mut older = request("stripe-two-v1");
            older.id = "stripe-two-v1-old".to_owned();
            older.target = "/old".to_owned();
            scene.configured.push(older);
            scene.configured_key(|_| "whsec_another_one".to_owned());
        },
        "old_key",
    ),
    (
        "a public key of somebody else",
        "wise-sandbox",
        |scene| {
            let other = request("payermax").keys[0].value.clone();
            scene.configured_key(|_| other.clone());
        },
        "another_key",
    ),
    (
        "an amount changed",
        "cheezee-java-typical",
        |scene| {
            scene.sent.body = scene.body().replace("1200.00", "9200.00").into_bytes();
        },
        "other_content",
    ),
    (
        "the URL with http",
        "twilio-dup",
        |scene| {
            scene.edit("public_url = \"https:", "public_url = \"http:");
        },
        "public_url",
    ),
    (
        "the URL without its port",
        "twilio-port-https443",
        |scene| {
            scene.edit("mycompany.com:443/", "mycompany.com/");
        },
        "public_url",
    ),
    (
        "the URL with another path",
        "square",
        |scene| {
            scene.edit(
                "public_url = \"https://shop.example/hooks/square\"",
                "public_url = \"https://shop.example/\"",
            );
        },
        "public_url",
    ),
    (
        "the path without its prefix",
        "sgate-php-empty-body-get",
        |scene| {
            scene.sent.target = scene.sent.target.replace("/callback/", "/");
            scene.edit("path = \"/callback/sgate\"", "path = \"/sgate\"");
        },
        "target_rewritten",
    ),
    (
        "the query written anew",
        "sgate-php-empty-body-get",
        |scene| {
            scene.sent.target = scene.sent.target.replace("%20", "+");
        },
        "target_encoding",
    ),
    (
        "plus signs that became spaces",
        "twilio-dup",
        |scene| {
            scene.header("X-Twilio-Signature", |signature| {
                signature.replace('+', " ")
            });
        },
        "signature_plus_signs",
    ),
    (
        "plus signs in a form",
        "alipay-notify-trade",
        |scene| {
            scene.sent.body = scene.body().replace("%2B", "+").into_bytes();
        },
        "signature_plus_signs",
    ),
    (
        "the signature in hexadecimal",
        "shopify",
        |scene| {
            scene.header("X-Shopify-Hmac-Sha256", |signature| {
                let bytes = STANDARD.decode(signature).unwrap();
                bytes.iter().map(|byte| format!("{byte:02x}")).collect()
            });
        },
        "signature_encoding",
    ),
    (
        "the signature without its prefix",
        "github-documented",
        |scene| {
            scene.header("X-Hub-Signature-256", |signature| {
                signature.replace("sha256=", "")
            });
        },
        "signature_encoding",
    ),
    (
        "a header with another name",
        "github-documented",
        |scene| {
            for (name, _) in &mut scene.sent.headers {
                *name = name.replace("X-Hub-Signature-256", "Hub-Signature-256");
            }
        },
        "signature_elsewhere",
    ),
    (
        "no signature",
        "paddle-sdk-2",
        |scene| {
            scene
                .sent
                .headers
                .retain(|(name, _)| name != "Paddle-Signature");
        },
        "signature_missing",
    ),
    (
        "milliseconds",
        "zoom",
        |scene| {
            scene.header("x-zm-request-timestamp", |seconds| format!("{seconds}000"));
        },
        "timestamp_unit",
    ),
    (
        "an old request",
        "stripe-two-v1",
        |scene| scene.late = 40_000,
        "too_old",
    ),
    (
        "a clock that is behind",
        "zoom",
        |scene| scene.late = -1000,
        "clock_behind",
    ),
    (
        "another time zone",
        "slack-doc",
        |scene| scene.late = 3 - 2 * 3600,
        "timestamp_zone",
    ),
    (
        "a retry after two hours",
        "slack-doc",
        |scene| scene.late = 2 * 3600 + 3,
        "too_old",
    ),
    (
        "another host",
        "stripe-two-v1",
        |scene| {
            scene
                .sent
                .headers
                .push(("Host".to_owned(), "shop.example".to_owned()));
        },
        "route_host",
    ),
    (
        "another path",
        "square",
        |scene| scene.sent.target = "/hook/square".to_owned(),
        "route_path",
    ),
    (
        "another method",
        "square",
        |scene| scene.sent.method = "PUT".to_owned(),
        "route_method",
    ),
];

/// How many of them must be named exactly. All others must be left open.
const EXACT: usize = BROKEN.len() - 2;

/// A body of which the end was lost.
fn cut(scene: &mut Scene) {
    let length = scene.sent.body.len();
    scene.sent.body.truncate(length - 9);
    let length = ("Content-Length".to_owned(), length.to_string());
    scene.sent.headers.push(length);
}

fn compact(json: &str) -> Vec<u8> {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    serde_json::to_vec(&value).unwrap()
}

fn escaped(json: &str) -> Vec<u8> {
    let escape = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units).iter();
            units.map(|unit| format!("\\u{unit:04x}")).collect()
        }
    };
    json.chars().map(escape).collect::<String>().into_bytes()
}

#[test]
fn what_was_broken_is_named_by_the_first_line() {
    let mut exact = 0;
    let mut open = Vec::new();
    let mut wrong = Vec::new();
    let mut schemes = BTreeSet::new();
    for (what, id, break_it, code) in BROKEN {
        let mut scene = Scene::of(id);
        schemes.insert(scene.sent.slug.clone());
        break_it(&mut scene);
        let explanation = scene.explain();
        match explanation.diagnosis() {
            found if found == *code => exact += 1,
            found @ ("no_cause_found" | "signature_mismatch") => open.push((what, id, code, found)),
            found => {
                let text = explanation.as_text(TextStyle::default());
                wrong.push(format!("{what} in {id}: {found} instead of {code}\n{text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{open:#?}", wrong.join("\n"));
    assert!(
        exact >= EXACT && BROKEN.len() >= 30,
        "{exact} of {}: {open:#?}",
        BROKEN.len()
    );
    assert!(schemes.len() >= 10, "{schemes:?}");
}

#[test]
fn age_hides_nothing_that_comes_behind_it() {
    let mut scene = Scene::of("stripe-two-v1");
    scene.late = 40_000;
    scene.edit(
        "upstream = \"origin\"\n",
        "upstream = \"origin\"\nrequire = { order = \"string\" }\n",
    );
    let explanation = scene.explain();
    let text = explanation.as_text(TextStyle::default());
    assert_eq!(explanation.diagnosis(), "too_old");
    assert!(
        text.contains("once it is fresh, it would be rejected as well: field_missing"),
        "{text}"
    );
}
