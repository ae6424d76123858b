//! Signed requests from files, and the schemes that verify them.

mod coverage_table;
mod definitions;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_verify::http::{HeaderMap, HeaderName, HeaderValue};
use countersign_verify::keys::Secret;
use countersign_verify::language::{RouteValues, SchemeRules, verify};
use countersign_verify::{Callback, Key, Plenty};
use serde_json::Value;

/// A request, and the schemes of its provider, of which one must accept it.
pub(crate) struct Case {
    pub(crate) request: SignedRequest,
    pub(crate) schemes: Vec<SchemeRules>,
}

/// A request as somebody signed it.
#[derive(Clone, Debug)]
pub(crate) struct SignedRequest {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) signed_content: Option<Vec<u8>>,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    route: RouteValues,
    keys: Vec<(String, String, String)>,
    verify_at: Option<i64>,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/providers")
}

/// The requests in a file, of all providers that have a scheme.
pub(crate) fn cases(file: &str) -> impl Iterator<Item = Case> {
    let lines = std::fs::read_to_string(folder().join(file)).unwrap();
    let mut unreadable = Vec::new();
    let mut cases = Vec::new();
    for request in lines.lines().map(SignedRequest::read) {
        match schemes_of(&request.slug) {
            None => {}
            Some(Ok(schemes)) => cases.push(Case { request, schemes }),
            Some(Err(why)) => unreadable.push(format!("{}: {why}", request.slug)),
        }
    }
    assert!(unreadable.is_empty(), "{}", unreadable.join("\n"));
    cases.into_iter()
}

/// The schemes of a provider, if it has a file, or what is wrong with them.
pub(crate) fn schemes_of(slug: &str) -> Option<Result<Vec<SchemeRules>, String>> {
    let file = folder().join("schemes").join(format!("{slug}.toml"));
    let schemes = std::fs::read_to_string(file).ok()?;
    Some(definitions::read(&schemes))
}

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec().into()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl SignedRequest {
    pub(crate) fn read(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).unwrap();
        let request = &line["request"];
        let pairs = |value: &Value| -> Vec<(String, String)> {
            let pairs = value.as_array().unwrap().iter();
            pairs.map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
        };
        let values = line["values"].as_object().cloned().unwrap_or_default();
        let value = |(name, value): (&String, &Value)| (name.clone(), text(value));
        let route = RouteValues {
            public_url: line["public_url"].as_str().map(str::to_owned),
            values: values.iter().map(value).collect(),
        };
        let keys = line["keys"].as_array().unwrap().iter();
        Self {
            id: text(&line["id"]),
            slug: text(&line["slug"]),
            signed_content: line["signed_content_b64"]
                .as_str()
                .map(|content| STANDARD.decode(content).unwrap()),
            method: text(&request["method"]),
            target: text(&request["target"]),
            headers: pairs(&request["headers"]),
            body: STANDARD.decode(text(&request["body_b64"])).unwrap(),
            route,
            keys: keys
                .map(|key| (text(&key["name"]), text(&key["form"]), text(&key["value"])))
                .collect(),
            verify_at: line["verify_at"].as_i64(),
        }
    }

    /// The signed content, if one of the schemes accepts the request; else why none does.
    pub(crate) fn accepted_by(&self, schemes: &[SchemeRules]) -> Result<Vec<u8>, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
            let value =
                HeaderValue::from_bytes(value.as_bytes()).map_err(|error| error.to_string())?;
            headers.append(name, value);
        }
        let callback = Callback::new(&self.method, self.target.as_bytes(), &headers, &self.body);
        let mut why = Vec::new();
        for rules in schemes {
            let keys = self.keys(rules);
            match verify(rules, &self.route, &keys, callback, &mut Plenty, &mut ()) {
                Err(refused) => why.push(refused.to_string()),
                Ok(genuine) => {
                    if let (Some(time), Some(at)) = (genuine.timestamp, self.verify_at) {
                        assert!(time.abs_diff(at) <= 5, "{}: {time} {at}", self.id);
                    }
                    return Ok(genuine.content);
                }
            }
        }
        Err(why.join("; "))
    }

    /// The keys, as a route would hold them: a secret that the scheme names belongs to all.
    fn keys(&self, rules: &SchemeRules) -> Vec<Arc<Key>> {
        let named = rules.named_secrets();
        let (named, tried): (Vec<_>, Vec<_>) = self
            .keys
            .iter()
            .partition(|(name, ..)| named.contains(&name.as_str()));
        let mut keys: Vec<Key> = tried
            .into_iter()
            .map(|(name, form, value)| {
                let id = if name == "key" { "" } else { name };
                match form.as_str() {
                    "text" | "hex" | "base64" | "whsec" => Key::of_secret(id, secret(value)),
                    _ => Key::decode(id, value.as_bytes()).unwrap(),
                }
            })
            .collect();
        if keys.is_empty() {
            keys.push(Key::of_secret("", secret("only named secrets")));
        }
        for (name, _, value) in named {
            keys = keys
                .into_iter()
                .map(|key| key.with_named_secret(name, secret(value)))
                .collect();
        }
        keys.into_iter().map(Arc::new).collect()
    }

    /// The same request with one byte changed, for every byte of body, target and headers' values.
    pub(crate) fn each_byte_changed(&self) -> impl Iterator<Item = Self> {
        let body = (0..self.body.len()).map(|at| {
            let mut changed = self.clone();
            changed.body[at] ^= 1;
            changed
        });
        let change = |text: &str, at: usize| -> Option<String> {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1;
            String::from_utf8(bytes).ok()
        };
        let target = (1..self.target.len()).filter_map(move |at| {
            let target = change(&self.target, at)?;
            Some(Self {
                target,
                ..self.clone()
            })
        });
        let headers = self
            .headers
            .iter()
            .enumerate()
            .flat_map(move |(nth, (_, value))| {
                (0..value.len()).filter_map(move |at| {
                    let mut changed = self.clone();
                    changed.headers[nth].1 = change(value, at)?;
                    Some(changed)
                })
            });
        body.chain(target).chain(headers)
    }
}
