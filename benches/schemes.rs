//! The cost of verifying what providers signed, by the schemes that ship, and of what a scheme adds to a
//! bare HMAC: `cargo bench --locked --bench schemes`. Results: docs/performance.md.

// If a benchmark cannot be set up, it should panic.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::fmt::Write as _;
use std::fs;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::config::{self, Route};
use countersign::verify::{Callback, verify};
use divan::{Bencher, black_box};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// Requests of tests/vectors/providers, of HMACs, plain digests, RSA and JWS.
const REQUESTS: &[&str] = &[
    "stripe-two-v1",
    "standard-webhooks",
    "shopify",
    "adyen-auth",
    "razorpay-sdk-webhook",
    "vnpay-ipn-code-99",
    "robokassa",
    "alipay-notify-trade",
    "wechatpay-v3",
    "plaid",
];

const SECRET: &str = "a secret that the shop and the provider share";
const NOW: i64 = 1_700_000_000;

fn main() {
    divan::main();
}

/// A request, and the route that verifies it.
struct Sample {
    id: String,
    method: String,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
    now: i64,
    route: Arc<Route>,
}

impl Sample {
    fn is_genuine(&self) -> bool {
        let target = self.target.as_bytes();
        let callback = Callback::new(&self.method, target, &self.headers, &self.body);
        verify(&self.route.policy, callback, self.now).is_ok()
    }
}

#[divan::bench(args = REQUESTS)]
fn provider(bencher: Bencher<'_, '_>, id: &str) {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    let samples = SAMPLES.get_or_init(samples);
    let sample = samples.iter().find(|sample| sample.id == id).unwrap();
    assert!(sample.is_genuine(), "{id}");
    bencher.bench(|| black_box(sample).is_genuine());
}

/// The HMAC of 0.5 KiB alone, and all that the scheme `stripe` does around it.
#[divan::bench_group]
mod half_a_kilobyte {
    use super::*;

    #[divan::bench]
    fn bare_hmac(bencher: Bencher<'_, '_>) {
        let content = content(&body());
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        bencher.bench(|| hmac::sign(&key, black_box(&content)));
    }

    #[divan::bench]
    fn stripe(bencher: Bencher<'_, '_>) {
        let body = body();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let digest = hmac::sign(&key, &content(&body));
        let mut value = format!("t={NOW},v1=");
        for byte in digest.as_ref() {
            write!(value, "{byte:02x}").unwrap();
        }
        let mut headers = HeaderMap::new();
        headers.insert("stripe-signature", value.parse().unwrap());
        headers.insert(
            "content-type",
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        let key = ("stripe", "text", SECRET);
        let sample = Sample {
            id: "stripe".to_owned(),
            method: "POST".to_owned(),
            target: "/stripe".to_owned(),
            headers,
            body,
            now: NOW,
            route: routes(&[("stripe", "POST", key)]).pop().unwrap(),
        };
        assert!(sample.is_genuine());
        bencher.bench(|| black_box(&sample).is_genuine());
    }

    fn body() -> Vec<u8> {
        let mut body = r#"{"id":"evt_1","object":"event","data":{"text":""#.to_owned();
        body.push_str(&"x".repeat(512 - body.len() - 3));
        body.push_str("\"}}");
        body.into_bytes()
    }

    fn content(body: &[u8]) -> Vec<u8> {
        [NOW.to_string().as_bytes(), b".", body].concat()
    }
}

fn samples() -> Vec<Sample> {
    let vectors = fs::read_to_string("tests/vectors/providers/valid.jsonl").unwrap();
    let vectors = vectors
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let vectors: Vec<Value> = vectors
        .filter(|vector| REQUESTS.contains(&text(&vector["id"])))
        .collect();
    let wanted: Vec<_> = vectors
        .iter()
        .map(|vector| {
            let key = &vector["keys"][0];
            let key = (text(&key["name"]), text(&key["form"]), text(&key["value"]));
            (
                text(&vector["slug"]),
                text(&vector["request"]["method"]),
                key,
            )
        })
        .collect();
    let routes = routes(&wanted).into_iter();
    vectors.iter().zip(routes).map(sample).collect()
}

fn sample((vector, route): (&Value, Arc<Route>)) -> Sample {
    let request = &vector["request"];
    let pairs = request["headers"].as_array().unwrap().iter();
    let mut headers: HeaderMap = pairs
        .map(|pair| {
            let name: HeaderName = text(&pair[0]).parse().unwrap();
            (name, HeaderValue::from_str(text(&pair[1])).unwrap())
        })
        .collect();
    headers.insert("host", HeaderValue::from_static("shop.example"));
    Sample {
        id: text(&vector["id"]).to_owned(),
        method: text(&request["method"]).to_owned(),
        target: text(&request["target"]).to_owned(),
        headers,
        body: STANDARD.decode(text(&request["body_b64"])).unwrap(),
        now: vector["verify_at"].as_i64().unwrap_or(NOW),
        route,
    }
}

/// A configuration with a route for each scheme, method, and key with its name and form.
fn routes(wanted: &[(&str, &str, (&str, &str, &str))]) -> Vec<Arc<Route>> {
    let folder = tempfile::tempdir().unwrap();
    let mut config = "[[listener]]\naddress = \"127.0.0.1:0\"\n".to_owned();
    for (nth, (scheme, method, (name, form, value))) in wanted.iter().enumerate() {
        // A message that names its key says this name.
        let id = match *name {
            "key" => format!("{scheme}-{nth}"),
            name => name.to_owned(),
        };
        let file = folder.path().join(format!("{nth}.key"));
        fs::write(&file, value).unwrap();
        let held = match *form {
            "text" | "hex" | "base64" | "whsec" => format!("secret = {value:?}"),
            _ => format!("file = {file:?}"),
        };
        write!(
            config,
            "[[key]]\nid = \"{id}\"\n{held}\n[[route]]\nname = \"{id}\"\npath = \"/{id}\"\n\
             scheme = \"{scheme}\"\nkeys = [\"{id}\"]\nmethods = [\"{method}\"]\nupstream = \"echo\"\n"
        )
        .unwrap();
    }
    let file = folder.path().join("countersign.toml");
    fs::write(&file, config).unwrap();
    let loaded = config::load(&file).unwrap_or_else(|report| panic!("{report}"));
    loaded.config.routes
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
