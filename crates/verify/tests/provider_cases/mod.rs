//! Signed requests from files, and the schemes that verify them.

mod coverage_table;
pub(crate) mod definitions;
mod signed_request;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_verify::http::{HeaderMap, HeaderName, HeaderValue};
use countersign_verify::keys::Secret;
use countersign_verify::language::{RouteValues, SchemeRules, verify};
use countersign_verify::{Callback, Key, Plenty};

use self::definitions::NamedSchemes;
use self::signed_request::ReceiverKey;
pub(crate) use self::signed_request::SignedRequest;

/// A request, and the schemes of its provider. The one that it names must accept it.
pub(crate) struct Case {
    pub(crate) request: SignedRequest,
    pub(crate) schemes: NamedSchemes,
}

/// The folder of the requests.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/providers")
}

/// The files of schemes: those that ship, and those that are only tested.
pub(crate) fn scheme_files() -> Vec<PathBuf> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conf/schemes");
    let folders =
        [shipped, folder().join("schemes")].map(|folder| std::fs::read_dir(folder).unwrap());
    let files = folders
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort_by_key(|file| file.file_name().unwrap().to_owned());
    files
}

/// The provider that the file is for.
pub(crate) fn slug(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The requests that must be accepted, of all providers that have a scheme.
pub(crate) fn genuine_cases() -> impl Iterator<Item = Case> {
    cases(["valid.jsonl", "vendors.jsonl"])
}

/// Those that must be refused.
pub(crate) fn tampered_cases() -> impl Iterator<Item = Case> {
    cases(["tampered.jsonl", "vendors_tampered.jsonl"])
}

fn cases(files: [&str; 2]) -> impl Iterator<Item = Case> {
    let mut unreadable = Vec::new();
    let mut cases = Vec::new();
    let requests = { files.iter() }.flat_map(|file| SignedRequest::read_all(&folder().join(file)));
    for request in requests {
        match schemes_of(&request.slug) {
            None => {}
            Some(Ok(schemes)) => cases.push(Case { request, schemes }),
            Some(Err(why)) => unreadable.push(format!("{}: {why}", request.slug)),
        }
    }
    assert!(unreadable.is_empty(), "{}", unreadable.join("\n"));
    cases.into_iter()
}

/// The text of a provider's schemes, if it has a file.
pub(crate) fn scheme_text(slug: &str) -> Option<String> {
    let mut files = scheme_files().into_iter();
    let file = files.find(|file| self::slug(file) == slug)?;
    Some(std::fs::read_to_string(file).unwrap())
}

/// The schemes of a provider, if it has a file, or what is wrong with them.
pub(crate) fn schemes_of(slug: &str) -> Option<Result<NamedSchemes, String>> {
    Some(schemes_in(&scheme_text(slug)?))
}

/// The schemes in a file's text, or what is wrong with them.
pub(crate) fn schemes_in(text: &str) -> Result<NamedSchemes, String> {
    definitions::read(text)
}

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec().into()).unwrap()
}

impl SignedRequest {
    /// The signed content, if one of the schemes accepts the request, or the one that it names; else
    /// why none does.
    pub(crate) fn accepted_by(&self, schemes: &[(String, SchemeRules)]) -> Result<Vec<u8>, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
            let value =
                HeaderValue::from_bytes(value.as_bytes()).map_err(|error| error.to_string())?;
            headers.append(name, value);
        }
        let callback = Callback::new(&self.method, self.target.as_bytes(), &headers, &self.body);
        let route = RouteValues {
            public_url: self.public_url.clone(),
            values: self.values.iter().cloned().collect(),
        };
        let mut why = Vec::new();
        let is_named = |name: &String| self.scheme.as_ref().is_none_or(|one| one == name);
        for (_, rules) in schemes.iter().filter(|(name, _)| is_named(name)) {
            let keys = self.keys(rules);
            match verify(rules, &route, &keys, callback, &mut Plenty, &mut ()) {
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
    pub(crate) fn keys(&self, rules: &SchemeRules) -> Vec<Arc<Key>> {
        let named = rules.named_secrets();
        let (named, tried): (Vec<_>, Vec<_>) = self
            .keys
            .iter()
            .partition(|key| named.contains(&key.name.as_str()));
        let decode = |key: &ReceiverKey| {
            let id = if key.name == "key" { "" } else { &key.name };
            if key.is_secret() {
                Key::of_secret(id, secret(&key.value))
            } else {
                Key::decode(id, key.value.as_bytes()).unwrap()
            }
        };
        let mut keys: Vec<Key> = tried.into_iter().map(decode).collect();
        if keys.is_empty() {
            keys.push(Key::of_secret("", secret("only named secrets")));
        }
        for key in named {
            keys = keys
                .into_iter()
                .map(|other| other.with_named_secret(&key.name, secret(&key.value)))
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
