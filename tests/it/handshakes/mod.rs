//! Handshakes: requests by which providers find out whether somebody expects their callbacks.

mod attacks;
mod shapes;
mod shipped;
mod unsupported;

use std::time::{SystemTime, UNIX_EPOCH};

use crate::openssl::OpenSsl;
use crate::support::http1::Response;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

const SECRET: &str = "kRrKjJrdd1nSzSNbmLKTBQ";

/// A proxy with this scheme, whose one key has this secret and a token for handshakes.
fn setup(scheme: &str, route: &str) -> Setup {
    Setup::new()
        .tables(&format!(
            "{scheme}\n[[key]]\nid = \"hook\"\nsecret = \"{SECRET}\"\n\
             secrets = {{ verify_token = {{ secret = \"token-of-the-operator\" }} }}\n"
        ))
        .route(&format!(
            "name = \"r\"\npath = \"/hook\"\nkeys = [\"hook\"]\nexpose_reason = true\n{route}"
        ))
}

fn get(target: &str) -> Callback {
    with_method("GET", target)
}

fn with_method(method: &str, target: &str) -> Callback {
    Callback {
        method: method.to_owned(),
        ..Callback::post(target, "")
    }
}

fn json(body: &str) -> Callback {
    Callback::post("/hook", body).header("Content-Type", "application/json")
}

/// An HMAC-SHA256 made by OpenSSL.
fn hmac(content: &str) -> Vec<u8> {
    let command = format!("dgst -sha256 -hmac {SECRET} -binary");
    OpenSsl::new().run(&command, content.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// What the answer to each handshake says of itself: that no browser runs it, and nobody stores it.
fn assert_plain(answer: &Response, content_type: &str) {
    assert_eq!(answer.header("Content-Type"), Some(content_type));
    assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
}

fn assert_refused(proxy: &Proxy, request: &Callback, status: u16, reason: &str) {
    let answer = request.send(proxy);
    let shown = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, status, "{}: {shown}", request.target);
    let line = proxy.access();
    assert_eq!(line["reason"], reason, "{}: {line}", request.target);
    assert_ne!(line["verdict"], "handshake", "{}", request.target);
}

/// The head of an answer to HEAD.
fn head(proxy: &Proxy, target: &str) -> Response {
    let mut client = Client::connect(proxy.address);
    client.send(&with_method("HEAD", target).head(""));
    client.head()
}

const TEXT: &str = "text/plain; charset=utf-8";

/// As Meta does it: a token that the operator chose, and a text to repeat.
const META: &str = r#"
[[scheme]]
name = "meta"
algorithm = "hmac-sha256"
signature = "{header:X-Hub-Signature-256|prefix:sha256=|unhex}"
content = "{body}"
not_covered = ["query"]
refuse = { status = 403 }

[[scheme.handshake]]
methods = ["GET"]
when = { "{query:hub.mode}" = "subscribe" }
check = { "{query:hub.verify_token}" = "{secret:verify_token}" }
value = "{query:hub.challenge}"
allowed = "[0-9A-Za-z_-]{1,128}"
answer = { body = "{value}" }
"#;

/// As Zoom does it: signed like an event, and answered with an HMAC.
const ZOOM: &str = r#"
[[scheme]]
name = "zoom"
algorithm = "hmac-sha256"
signature = "{header:x-zm-signature|prefix:v0=|unhex}"
timestamp = "{header:x-zm-request-timestamp}"
content = "v0:{timestamp}:{body}"
max_age = "5m"
not_covered = ["query"]

[[scheme.handshake]]
methods = ["POST"]
when = { "{field:event}" = "endpoint\\.url_validation" }
after = "signature"
value = "{field:/payload/plainToken}"
allowed = "[0-9A-Za-z_-]{16,64}"
answer = { content_type = "application/json", body = '{{"plainToken":"{value}","encryptedToken":"{value|hmac-sha256:{secret}|hex}"}}' }
"#;

/// As X does it: open to all, and answered with an HMAC.
const X_TWITTER: &str = r#"
[[scheme]]
name = "x-twitter"
algorithm = "hmac-sha256"
signature = "{header:x-twitter-webhooks-signature|prefix:sha256=|unbase64}"
content = "{body}"
not_covered = ["query"]

[[scheme.handshake]]
methods = ["GET"]
when = { "{query:crc_token}" = ".+" }
value = "{query:crc_token}"
allowed = "[0-9A-Za-z._~+/=-]{1,128}"
answer = { content_type = "application/json", body = '{{"response_token":"sha256={value|hmac-sha256:{secret}|base64}"}}' }
"#;

fn zoom(time: u64, body: &str) -> Callback {
    let mac = hex(&hmac(&format!("v0:{time}:{body}")));
    json(body)
        .header("x-zm-request-timestamp", time.to_string())
        .header("x-zm-signature", format!("v0={mac}"))
}

fn meta(origin: &Origin, route: &str) -> Proxy {
    let route = format!("scheme = \"meta\"\n{route}");
    setup(META, &route).origin(origin).start()
}
