//! A scheme is data: the files of the schemes that the verification crate has match these, and sign what they say.

use std::fs;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::config::Route;
use countersign::verify::{Callback, Reason, Scheme, verify};
use http::{HeaderMap, HeaderName};

use crate::config_files::Files;

const NOW: i64 = 1_800_000_000;

/// Loads a configuration with a file from conf/schemes or conf/templates. Returns its only route and the titles of
/// the warnings. `route` adds lines to the route.
fn with_scheme(files: &Files, name: &str, route: &str) -> (Arc<Route>, Vec<&'static str>) {
    let folder = match name {
        "timestamp-nonce-body" => "templates",
        _ => "schemes",
    };
    let scheme = fs::read_to_string(format!("conf/{folder}/{name}.toml")).unwrap();
    with_text(files, name, &scheme, route)
}

/// Like `with_scheme`, with the scheme's text.
fn with_text(
    files: &Files,
    name: &str,
    scheme: &str,
    route: &str,
) -> (Arc<Route>, Vec<&'static str>) {
    files.write("schemes/scheme.toml", scheme);
    let text = format!(
        r#"
        include = "schemes"
        [[listener]]
        address = "127.0.0.1:0"
        [[key]]
        id = "k"
        file = "k.pem"
        [[route]]
        name = "r"
        path = "/r"
        scheme = "{name}"
        upstream = "echo"
        {route}
        "#
    );
    let loaded = files.load(&text);
    let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
    let warnings = loaded.warnings.diagnostics();
    (
        Arc::clone(&loaded.config.routes[0]),
        warnings.iter().map(|warning| warning.title).collect(),
    )
}

#[test]
fn files_are_the_schemes_of_the_crate() {
    for (name, warnings) in [
        ("cheezeepay", &[][..]),
        ("sgate", &["legacy algorithm"][..]),
    ] {
        let files = Files::new();
        files.write_key("k.pem");
        let (route, warned) = with_scheme(&files, name, r#"keys = ["k"]"#);
        assert_eq!(warned, warnings);
        let shipped = &route.policy.scheme;
        let built_in = Scheme::find_built_in(name).unwrap();
        let of = |scheme: &Scheme| format!("{:?}", scheme.definition()).to_lowercase();
        assert_eq!(of(shipped), of(built_in));
        let rest = |scheme: &Scheme| (scheme.identity.clone(), scheme.keep, scheme.max_age);
        assert_eq!(rest(shipped), rest(built_in));
        assert_eq!(route.policy.max_age, shipped.max_age);
    }
    assert_eq!(Scheme::built_in().len(), 2, "each has its file");
}

/// A callback that `openssl` signed.
struct Signed {
    headers: HeaderMap,
    body: &'static [u8],
}

impl Signed {
    fn callback(&self) -> Callback<'_> {
        Callback::new("POST", b"/r", &self.headers, self.body)
    }

    fn set(&mut self, name: &'static str, value: &str) {
        let name = HeaderName::from_static(name);
        self.headers.insert(name, value.parse().unwrap());
    }
}

/// Signs as described in conf/templates/timestamp-nonce-body.toml, with a new key.
fn sign(files: &Files, timestamp: &str, nonce: &str, body: &'static str) -> Signed {
    let key_length = "rsa_keygen_bits:2048";
    let private = files.openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", key_length]);
    files.write("own.pem", private);
    files.openssl(&["pkey", "-in", "own.pem", "-pubout", "-out", "k.pem"]);
    files.write("content", format!("{timestamp}\n{nonce}\n{body}\n"));
    let signature = files.openssl(&["dgst", "-sha256", "-sign", "own.pem", "content"]);
    let mut signed = Signed {
        headers: HeaderMap::new(),
        body: body.as_bytes(),
    };
    signed.set("acme-signature", &STANDARD.encode(signature));
    signed.set("acme-timestamp", timestamp);
    signed.set("acme-nonce", nonce);
    signed.set("acme-key-id", "merchant 1");
    signed
}

#[test]
fn the_timestamp_nonce_body_scheme_verifies_what_openssl_signed() {
    let files = Files::new();
    let timestamp = NOW.to_string();
    let mut signed = sign(&files, &timestamp, "n-1", r#"{"event_type":"paid","b": 2}"#);
    let keys = r#"keys = { "merchant 1" = "k" }"#;
    let (route, warnings) = with_scheme(&files, "timestamp-nonce-body", keys);
    assert_eq!(warnings, [""; 0]);

    let verified = verify(&route.policy, signed.callback(), NOW).unwrap();
    assert_eq!(verified.key().id(), "k");
    assert_eq!(verified.timestamp(), Some(NOW));
    assert_eq!(verified.nonce(), Some("n-1"));
    assert_eq!(verified.event().as_deref(), Some("paid"));
    drop(verified);

    let reason = |signed: &Signed, now| {
        let verdict = verify(&route.policy, signed.callback(), now);
        verdict.map(|_| ()).unwrap_err().reason
    };
    assert_eq!(reason(&signed, NOW + 301), Reason::TimestampStale);
    assert_eq!(reason(&signed, NOW - 301), Reason::TimestampFuture);
    signed.set("acme-nonce", "n-2");
    assert_eq!(reason(&signed, NOW), Reason::SignatureMismatch);
    signed.set("acme-nonce", "n-1");
    signed.set("acme-timestamp", &(NOW + 1).to_string());
    assert_eq!(reason(&signed, NOW), Reason::SignatureMismatch);
    signed.set("acme-timestamp", &timestamp);
    signed.set("acme-key-id", "merchant 2");
    assert_eq!(reason(&signed, NOW), Reason::KeyUnknown);
    signed.set("acme-key-id", "merchant 1");
    assert!(verify(&route.policy, signed.callback(), NOW).is_ok());
    signed.body = br#"{"event_type":"paid","b": 3}"#;
    assert_eq!(reason(&signed, NOW), Reason::SignatureMismatch);
}

#[test]
fn a_scheme_that_declares_json_accepts_no_other_content_type() {
    let mut headers = HeaderMap::new();
    let form = "application/x-www-form-urlencoded";
    headers.insert("content-type", form.parse().unwrap());
    let callback = Callback::new("POST", b"/r", &headers, b"{}");
    for (body, reason) in [
        ("", Reason::SignatureMissing),
        (r#"body = "json""#, Reason::ContentTypeNotJson),
    ] {
        let files = Files::new();
        files.write_key("k.pem");
        let scheme = format!(
            r#"
            [[scheme]]
            name = "s"
            algorithm = "rsa-sha256"
            signature = "{{header:Signature|unbase64}}"
            {body}
            content = "{{body}}"
            "#
        );
        let (route, _) = with_text(&files, "s", &scheme, r#"keys = ["k"]"#);
        let refused = verify(&route.policy, callback, NOW).unwrap_err();
        assert_eq!(refused.reason, reason, "{body}");
    }
}
