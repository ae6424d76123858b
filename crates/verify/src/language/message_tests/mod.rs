//! HTTP Message Signatures as schemes: what RFC 9421 publishes, and what must not pass.

mod refused_messages;
mod unsound_components;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::{Choice, Genuine, RouteValues, SchemeDefinition, SchemeRules, verify};
use crate::keys::Secret;
use crate::reason::{Reason, Rejection, VerifyError};
use crate::{Callback, Key, Plenty};

const BODY: &str = r#"{"hello": "world"}"#;
const TARGET: &str = "/foo?param=Value&Pet=dog";
/// The request of appendix B.2.
const HEADERS: &[(&str, &str)] = &[
    ("host", "example.com"),
    ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
    ("content-type", "application/json"),
    (
        "content-digest",
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
    ),
    ("content-length", "18"),
];

/// Appendix B.1.2 to B.1.5.
const RSA_PSS_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHqgDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5WUtzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI2wIDAQAB";
const ECC_P256_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==";
const ED25519_KEY: &str = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
const SHARED_SECRET: &str =
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";

/// Appendix B.3.
const CLIENT_CERT: &str = ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:";

/// Algorithm, key, host, input and signature of every request that the appendix signs.
const PUBLISHED: &[[&str; 6]] = &[
    [
        "rsa-pss-sha512",
        RSA_PSS_KEY,
        "example.com",
        "sig-b22",
        r#"("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example""#,
        "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==",
    ],
    [
        "rsa-pss-sha512",
        RSA_PSS_KEY,
        "example.com",
        "sig-b23",
        r#"("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss""#,
        "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==",
    ],
    [
        "hmac-sha256",
        SHARED_SECRET,
        "example.com",
        "sig-b25",
        r#"("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#,
        "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=",
    ],
    [
        "ed25519",
        ED25519_KEY,
        "example.com",
        "sig-b26",
        r#"("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#,
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
    ],
    [
        "ecdsa-p256-sha256",
        ECC_P256_KEY,
        "service.internal.example",
        "ttrp",
        r#"("@path" "@query" "@method" "@authority" "client-cert");created=1618884473;keyid="test-key-ecc-p256""#,
        "xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==",
    ],
];

/// Appendix B.2.1: a signature that covers nothing.
const COVERS_NOTHING: [&str; 3] = [
    "sig-b21",
    r#"();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd""#,
    "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==",
];

fn definition(algorithm: &str, components: &[&str]) -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed(format!("rfc9421-{algorithm}")),
        components: components.iter().map(|&text| text.to_owned()).collect(),
        key_id: Some("{param:keyid}".to_owned()),
        ..SchemeDefinition::default()
    }
}

/// What every signature of the tests' own covers.
fn shop() -> SchemeDefinition {
    SchemeDefinition {
        key_id: None,
        ..definition("hmac-sha256", &["@method"])
    }
}

fn compiled(definition: &SchemeDefinition) -> SchemeRules {
    SchemeRules::compile(definition).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn key(id: &str, text: &str) -> Arc<Key> {
    Arc::new(if text == SHARED_SECRET {
        let secret = STANDARD.decode(text).unwrap();
        Key::of_secret(id, Secret::new(secret.into()).unwrap())
    } else {
        Key::decode(id, text.as_bytes()).unwrap()
    })
}

/// A request with the headers of the appendix, and others.
#[derive(Clone)]
struct SignedMessage {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    public_url: Option<String>,
}

impl SignedMessage {
    fn new() -> Self {
        let headers = HEADERS.iter();
        Self {
            method: "POST".to_owned(),
            target: TARGET.to_owned(),
            headers: headers
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: BODY.into(),
            public_url: None,
        }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.add(name, value)
    }

    fn add(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a signature under the shared secret, over these lines and the parameters.
    fn signed(self, label: &str, lines: &str, parameters: &str) -> Self {
        let base = format!("{lines}\"@signature-params\": {parameters}");
        let secret = STANDARD.decode(SHARED_SECRET).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        mac.update(base.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        self.add("signature-input", &format!("{label}={parameters}"))
            .add("signature", &format!("{label}=:{signature}:"))
    }

    fn verified<'k>(
        &self,
        rules: &SchemeRules,
        keys: &'k [Arc<Key>],
    ) -> Result<Genuine<'k>, VerifyError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let callback = Callback::new(&self.method, self.target.as_bytes(), &headers, &self.body);
        let route = RouteValues {
            public_url: self.public_url.clone(),
            ..RouteValues::default()
        };
        verify(rules, &route, keys, callback, &mut Plenty, &mut ())
    }

    fn passes(&self, definition: &SchemeDefinition) -> bool {
        let keys = [key("", SHARED_SECRET)];
        self.verified(&compiled(definition), &keys).is_ok()
    }

    fn refusal(&self, definition: &SchemeDefinition) -> Rejection {
        let keys = [key("", SHARED_SECRET)];
        match self.verified(&compiled(definition), &keys) {
            Err(VerifyError::Rejected(rejection)) => rejection,
            other => panic!("{:?}: {other:?}", self.headers),
        }
    }

    fn reason(&self, definition: &SchemeDefinition) -> Reason {
        self.refusal(definition).reason
    }

    /// Each byte of it changed: of the body, of the target and of the headers' values.
    fn each_byte_changed(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for at in 0..self.body.len() {
            let mut changed = self.clone();
            changed.body[at] ^= 1;
            all.push(changed);
        }
        let change = |text: &str, at: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1;
            String::from_utf8(bytes).unwrap()
        };
        for at in 1..self.target.len() {
            let target = change(&self.target, at);
            all.push(Self {
                target,
                ..self.clone()
            });
        }
        for (nth, (_, value)) in self.headers.iter().enumerate() {
            for at in 0..value.len() {
                let mut changed = self.clone();
                changed.headers[nth].1 = change(value, at);
                all.push(changed);
            }
        }
        all
    }
}

/// The published requests, each with the scheme that requires all that it covers.
fn published() -> impl Iterator<Item = (SchemeRules, [Arc<Key>; 1], SignedMessage, String)> {
    PUBLISHED
        .iter()
        .map(|&[algorithm, key_text, host, label, input, signature]| {
            let (list, _) = input.trim_start_matches("(").split_once(')').unwrap();
            let covered = list.split(' ').map(|item| item.replacen('"', "", 2));
            let covered: Vec<String> = covered.collect();
            let covered: Vec<&str> = covered.iter().map(String::as_str).collect();
            let (_, key_id) = input.split_once("keyid=\"").unwrap();
            let (key_id, _) = key_id.split_once('"').unwrap();
            let request = SignedMessage::new()
                .set("host", host)
                .add("client-cert", CLIENT_CERT)
                .add("signature-input", &format!("{label}={input}"))
                .add("signature", &format!("{label}=:{signature}:"));
            let rules = compiled(&definition(algorithm, &covered));
            (rules, [key(key_id, key_text)], request, input.to_owned())
        })
}

#[test]
fn published_signatures_are_genuine() {
    for (rules, keys, request, input) in published() {
        let genuine = request.verified(&rules, &keys);
        let genuine = genuine.unwrap_or_else(|error| panic!("{input}: {error}"));
        let content = String::from_utf8(genuine.content).unwrap();
        assert!(
            content.ends_with(&format!("\n\"@signature-params\": {input}")),
            "{content}"
        );
    }
}

#[test]
fn no_byte_that_a_published_signature_covers_can_be_changed() {
    for (rules, keys, request, input) in published() {
        let content = request.verified(&rules, &keys).unwrap().content;
        for changed in request.each_byte_changed() {
            if let Ok(genuine) = changed.verified(&rules, &keys) {
                assert_eq!(genuine.content, content, "{input}");
            }
        }
    }
}

/// RFC 9421, section 2.2.8.
#[test]
fn parameters_of_the_query_are_signed_in_one_spelling() {
    let mut request = SignedMessage::new();
    request.target = "/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something".to_owned();
    let required = [
        r#"@query-param;name="var""#,
        r#"@query-param;name="bar""#,
        r#"@query-param;name="fa%C3%A7ade%22%3A%20""#,
    ];
    let scheme = SchemeDefinition {
        key_id: None,
        ..definition("hmac-sha256", &required)
    };
    let lines = concat!(
        "\"@query-param\";name=\"var\": this%20is%20a%20big%0Amultiline%20value\n",
        "\"@query-param\";name=\"bar\": with%20plus%20whitespace\n",
        "\"@query-param\";name=\"fa%C3%A7ade%22%3A%20\": something\n",
    );
    let list = r#"("@query-param";name="var" "@query-param";name="bar" "@query-param";name="fa%C3%A7ade%22%3A%20")"#;
    assert!(request.signed("sig1", lines, list).passes(&scheme));
}

#[test]
fn parts_of_the_url_are_those_under_which_the_provider_calls_the_route() {
    let required = ["@target-uri", "@authority", "@scheme", "@request-target"];
    let scheme = SchemeDefinition {
        key_id: None,
        ..definition("hmac-sha256", &required)
    };
    let lines = concat!(
        "\"@target-uri\": https://Shop.example:443/foo?param=Value&Pet=dog\n",
        "\"@authority\": shop.example\n",
        "\"@scheme\": https\n",
        "\"@request-target\": /foo?param=Value&Pet=dog\n",
    );
    let list = r#"("@target-uri" "@authority" "@scheme" "@request-target")"#;
    let mut request = SignedMessage::new().signed("sig1", lines, list);
    let refused = request.refusal(&scheme);
    assert_eq!(refused.reason, Reason::ValueMissing);
    assert_eq!(refused.at.unwrap().to_string(), r#"value:\"@target-uri\""#);
    // Never of the `Host`, which is `example.com`.
    request.public_url = Some("https://Shop.example:443/somewhere".to_owned());
    assert!(request.passes(&scheme));
}

#[test]
fn wrapped_headers_keep_their_lines() {
    let scheme = SchemeDefinition {
        key_id: None,
        ..definition("hmac-sha256", &["x-list;bs"])
    };
    let lines = "\"x-list\";bs: :YSwgYg==:, :Yw==:\n";
    let request = SignedMessage::new().signed("sig1", lines, r#"("x-list";bs)"#);
    let two = request.clone().add("x-list", "a, b").add("x-list", "c");
    assert!(two.passes(&scheme));
    let three = request
        .clone()
        .add("x-list", "a")
        .add("x-list", "b")
        .add("x-list", "c");
    assert_eq!(three.reason(&scheme), Reason::SignatureMismatch);
    assert_eq!(request.reason(&scheme), Reason::HeaderMissing);
}

#[test]
fn the_body_is_that_of_every_digest() {
    let scheme = SchemeDefinition {
        key_id: None,
        ..definition("hmac-sha256", &["content-digest"])
    };
    let sha256 = STANDARD.encode(Sha256::digest(BODY));
    let (_, sha512) = HEADERS[3];
    let with = |digest: &str| {
        let lines = format!("\"content-digest\": {digest}\n");
        let request = SignedMessage::new().set("content-digest", digest);
        request.signed("sig1", &lines, r#"("content-digest")"#)
    };
    for digest in [
        sha512.to_owned(),
        format!("sha-256=:{sha256}:"),
        format!("sha-256=:{sha256}:, {sha512}"),
        format!("md5=:AAAA:, sha-256=:{sha256}:"),
    ] {
        let request = with(&digest);
        assert!(request.passes(&scheme), "{digest}");
        let mut other = request;
        other.body.push(b' ');
        assert_eq!(other.reason(&scheme), Reason::ValueUnexpected, "{digest}");
    }
    let wrong = STANDARD.encode(Sha256::digest("other"));
    for (digest, reason) in [
        (
            format!("sha-256=:{wrong}:, {sha512}"),
            Reason::ValueUnexpected,
        ),
        (
            format!("sha-256=:{}:", sha256.split_at(40).0),
            Reason::ValueUnexpected,
        ),
        ("md5=:AAAA:".to_owned(), Reason::ValueUnexpected),
        (
            format!("sha-256=:{wrong}:, sha-256=:{sha256}:"),
            Reason::HeaderMalformed,
        ),
        (format!("sha-256=:{sha256}:;a"), Reason::HeaderMalformed),
        ("sha-256=\"text\"".to_owned(), Reason::HeaderMalformed),
        ("sha-256".to_owned(), Reason::HeaderMalformed),
        ("sha-256=()".to_owned(), Reason::HeaderMalformed),
    ] {
        assert_eq!(with(&digest).reason(&scheme), reason, "{digest}");
    }
    // A signature that covers the digest without being asked to is held to it, too.
    let lines = format!("\"content-digest\": {sha512}\n\"@method\": POST\n");
    let mut uninvited =
        SignedMessage::new().signed("sig1", &lines, r#"("content-digest" "@method")"#);
    assert!(uninvited.passes(&shop()));
    uninvited.body.push(b' ');
    assert_eq!(uninvited.reason(&shop()), Reason::ValueUnexpected);
}
