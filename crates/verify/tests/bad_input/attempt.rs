//! A request that nobody signed, and what a scheme says of it.

use std::sync::Arc;

use countersign_verify::http::{HeaderMap, HeaderName, HeaderValue};
use countersign_verify::keys::Secret;
use countersign_verify::language::{RouteValues, verify};
use countersign_verify::{Callback, Key, Plenty};

use crate::definitions;

/// A row of a table.
pub(crate) struct Row {
    pub(crate) subject: String,
    pub(crate) input: String,
    pub(crate) answer: String,
}

impl Row {
    pub(crate) fn new(subject: &str, input: &str, scheme: &str, attempt: &Attempt) -> Self {
        Self {
            subject: subject.to_owned(),
            input: input.to_owned(),
            answer: attempt.answer(scheme),
        }
    }

    /// What no callback can change.
    pub(crate) fn fixed(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            input: "none: it is the operator's".to_owned(),
            answer: "-".to_owned(),
        }
    }
}

/// A scheme over this content, with a MAC that no key made.
pub(crate) fn over(content: &str) -> String {
    let line = "algorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sign|unhex}\"\n";
    format!("{line}content = '''{content}'''\n")
}

/// A request that nobody signed.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) method: &'static str,
    pub(crate) target: Vec<u8>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) keys: usize,
}

impl Attempt {
    /// With a signature in `X-Sign` that could be one.
    pub(crate) fn new() -> Self {
        Self::unsigned().header("X-Sign", "00".repeat(32))
    }

    pub(crate) fn unsigned() -> Self {
        Self {
            method: "POST",
            target: b"/cb".to_vec(),
            headers: vec![("Host".to_owned(), b"shop.example".to_vec())],
            body: Vec::new(),
            keys: 1,
        }
    }

    pub(crate) fn target(mut self, target: impl AsRef<[u8]>) -> Self {
        self.target = target.as_ref().to_vec();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn json(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self.header("Content-Type", "application/json")
    }

    pub(crate) fn form(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }

    pub(crate) fn xml(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self.header("Content-Type", "text/xml")
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    /// Why the scheme refuses it, and at which value.
    pub(crate) fn answer(&self, scheme: &str) -> String {
        let text = format!("[[scheme]]\nname = \"s\"\n{scheme}");
        let schemes = definitions::read(&text);
        let schemes = schemes.unwrap_or_else(|why| panic!("{why}\n{text}"));
        let [(_, rules)] = schemes.as_slice() else {
            panic!("{text}");
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).unwrap();
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        let route = RouteValues {
            public_url: Some("https://shop.example/cb".to_owned()),
            values: [("x".to_owned(), "x".to_owned())].into(),
        };
        let keys: Vec<Arc<Key>> = { 0..self.keys }.map(|_| Arc::new(key(scheme))).collect();
        let callback = Callback::new(self.method, &self.target, &headers, &self.body);
        match verify(rules, &route, &keys, callback, &mut Plenty, &mut ()) {
            Ok(_) => panic!("accepted: {self:?}\n{text}"),
            Err(refused) => refused.to_string(),
        }
    }
}

/// A key that the scheme's algorithm takes.
fn key(scheme: &str) -> Key {
    let algorithm = scheme
        .lines()
        .find_map(|line| line.strip_prefix("algorithm = "));
    let algorithm = algorithm.unwrap().trim_matches('"');
    let of = |parts: &[&str]| parts.iter().any(|part| algorithm.contains(part));
    let public = |pem: &str| Key::decode("k", pem.as_bytes()).unwrap();
    if of(&["ed25519", "eddsa"]) {
        public(include_str!("keys/ed25519.pem"))
    } else if of(&["p256", "es256"]) {
        public(include_str!("keys/p-256.pem"))
    } else if of(&["p384", "es384"]) {
        public(include_str!("keys/p-384.pem"))
    } else if of(&["p521", "es512"]) {
        public(include_str!("keys/p-521.pem"))
    } else if of(&["rsa", "jws-rs", "jws-ps"]) {
        public(include_str!("keys/rsa.pem"))
    } else {
        let secret = b"a secret of 48 bytes, which is enough for all...";
        let secret = Secret::new(secret.to_vec().into()).unwrap();
        Key::of_secret("k", secret)
    }
}
