//! Any lines of headers added to a genuine callback: what the backend gets has our headers as if they were
//! not there, none that passes for one of ours, and the same target and body.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use countersign::proxy::{DryRun, Forwarded};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use super::setup;

const TARGET: &[u8] = b"/callback?from=provider";
const NOW: i64 = 1_700_000_000;

/// Ours, folded: the prefix, and the names themselves.
const PREFIX: &str = "x-verified-";
const NAMES: &[&str] = &[
    "x-sign-type",
    "x-request-id",
    "x-forwarded-for",
    "x-forwarded-proto",
];
/// What never goes on from a client that is no trusted proxy.
const NEVER: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "proxy",
    "x-real-ip",
    "forwarded",
    "x-forwarded-port",
    "x-original-url",
    "x-http-method-override",
    "x-remote-user",
    "wl-proxy-client-ip",
    "script-name",
    "path-info",
    "range",
    "if-none-match",
    "content-range",
    "x-envoy-retry-on",
    "cf-access-jwt-assertion",
    "x-ssl-client-verify",
];

struct Genuine {
    proxy: DryRun,
    body: Bytes,
    /// Ours.
    expected: Vec<(String, HeaderValue)>,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let cases = include_str!("../../tests/vectors/cheezeepay.jsonl");
    let case: Value = serde_json::from_str(cases.lines().next().unwrap()).unwrap();
    let body = STANDARD.decode(case["body_b64"].as_str().unwrap()).unwrap();
    let proxy = setup::dry_run(
        "[[route]]\nname = \"r\"\npath = \"/callback\"\nscheme = \"cheezeepay\"\nkeys = [\"k\"]\n\
         upstream = \"echo\"\nfields = { \"X-Sign-Type\" = \"sign_type\" }\n",
        include_bytes!("../../tests/vectors/cheezee_pub.pem"),
    );
    let body = Bytes::from(body);
    let plain = forward(&proxy, &HeaderMap::new(), &body).unwrap();
    let expected = ours(&plain);
    assert!(expected.len() > 6, "{expected:?}");
    Genuine {
        proxy,
        body,
        expected,
    }
});

/// Adds the lines, `name: value`.
pub fn check(text: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in text.split(|byte| *byte == b'\n').take(100) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let genuine = &*GENUINE;
    let Ok(forwarded) = forward(&genuine.proxy, &headers, &genuine.body) else {
        return;
    };
    assert_eq!(forwarded.target, TARGET);
    assert_eq!(forwarded.body, genuine.body);
    assert_eq!(ours(&forwarded), genuine.expected);
    let named: Vec<String> = headers
        .get_all("connection")
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        // What is no token names no header.
        .filter_map(|name| HeaderName::from_bytes(name).ok())
        .map(|name| folded(name.as_str()))
        .collect();
    for name in forwarded.headers.keys() {
        let folded = folded(name.as_str());
        let is_ours = is_ours(&folded)
            || folded == "x-forwarded-host"
            || folded == "content-length"
            || folded == "host";
        // It was checked.
        let is_label = folded.starts_with("content-");
        assert!(
            is_ours || is_label || !named.contains(&folded),
            "{name}: named in Connection"
        );
        assert!(!NEVER.contains(&folded.as_str()), "{name}");
    }
    let lengths = forwarded.headers.get_all("content-length").iter().count();
    assert_eq!(lengths, 1);
}

fn forward(proxy: &DryRun, headers: &HeaderMap, body: &Bytes) -> Result<Forwarded, &'static str> {
    proxy.forward(&Method::POST, TARGET, headers, body, NOW)
}

/// As the most careless backend sees a name: what is no letter or digit is one and the same.
fn folded(name: &str) -> String {
    let is_other = |character: char| !character.is_ascii_alphanumeric();
    name.replace(is_other, "-").to_ascii_lowercase()
}

fn is_ours(folded: &str) -> bool {
    folded.starts_with(PREFIX) || NAMES.contains(&folded)
}

/// Every line of ours, in the order in which they are sent.
fn ours(forwarded: &Forwarded) -> Vec<(String, HeaderValue)> {
    let lines = forwarded.headers.iter();
    let mut ours: Vec<_> = lines
        .map(|(name, value)| (folded(name.as_str()), value.clone()))
        .filter(|(name, _)| is_ours(name))
        .collect();
    ours.sort();
    ours
}
