//! Any lines of headers added to a genuine callback: what the backend gets has our headers as if they were
//! not there, none that passes for one of ours, and the same target and body.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use countersign::judge::{Delivery, HeaderLine, Site, Step, StepList};
use countersign::verify::CallbackValue;
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
    site: Site,
    body: Bytes,
    /// Ours.
    expected: Vec<(String, HeaderValue)>,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let cases = include_str!("../../tests/vectors/cheezeepay.jsonl");
    let case: Value = serde_json::from_str(cases.lines().next().unwrap()).unwrap();
    let body = STANDARD.decode(case["body_b64"].as_str().unwrap()).unwrap();
    let site = setup::site(
        "[[route]]\nname = \"r\"\npath = \"/callback\"\nscheme = \"cheezeepay\"\nkeys = [\"k\"]\n\
         upstream = \"echo\"\nfields = { \"X-Sign-Type\" = \"sign_type\" }\n",
        include_bytes!("../../tests/vectors/cheezee_pub.pem"),
    );
    let body = Bytes::from(body);
    let (plain, steps) = forward(&site, &HeaderMap::new(), &body).unwrap();
    shows_the_road(&steps, &case);
    let expected = ours(&plain);
    assert!(expected.len() > 6, "{expected:?}");
    Genuine {
        site,
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
    let Ok((forwarded, _)) = forward(&genuine.site, &headers, &genuine.body) else {
        return;
    };
    assert_eq!(forwarded.target(), TARGET);
    assert_eq!(*forwarded.body(), genuine.body);
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
    for line in forwarded.lines() {
        let name = std::str::from_utf8(&line.name).unwrap();
        let folded = folded(name);
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
    let is_length = |line: &&HeaderLine| line.name.eq_ignore_ascii_case(b"content-length");
    assert_eq!(forwarded.lines().iter().filter(is_length).count(), 1);
}

fn forward(
    site: &Site,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Delivery, StepList), &'static str> {
    setup::forward(site, (&Method::POST, TARGET, headers), body, NOW)
}

/// The steps to a delivery, each in its place: the second text is the one that the provider signed.
fn shows_the_road(StepList(steps): &StepList, case: &Value) {
    let signed = STANDARD
        .decode(case["signing_b64"].as_str().unwrap())
        .unwrap();
    let [
        Step::Routed(route),
        Step::Called(target),
        Step::Found(CallbackValue::Signature, _),
        Step::Content(0, _),
        Step::Tried(_, false),
        Step::Content(1, content),
        Step::Tried(key, true),
        Step::Prepared(_),
    ] = &steps[..]
    else {
        panic!("{steps:?}");
    };
    assert_eq!((route.as_str(), key.as_str()), ("r", "k"));
    assert_eq!(target, TARGET);
    assert_eq!(*content, signed);
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
fn ours(forwarded: &Delivery) -> Vec<(String, HeaderValue)> {
    let lines = forwarded.lines().iter();
    let mut ours: Vec<_> = lines
        .map(|line| {
            (
                folded(std::str::from_utf8(&line.name).unwrap()),
                line.value.clone(),
            )
        })
        .filter(|(name, _)| is_ours(name))
        .collect();
    ours.sort();
    ours
}
