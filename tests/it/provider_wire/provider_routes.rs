//! The configuration with which an operator takes the callbacks of providers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use countersign::config::catalogue::FILES;
use countersign::verify::Key;

use super::signed_request::{ReceiverKey, SignedRequest};
use crate::config_files::Files;

/// The most lines of a route.
const MAX_LINES: usize = 8;

/// A path that many of the requests share: only there do their routes need hosts.
const SHARED_PATH: &str = "/callback";

/// The folder of the requests and scheme files.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/providers")
}

/// The text of the file with the schemes of a provider: one that ships, or one that is only tested.
pub(super) fn scheme_text(slug: &str) -> String {
    let shipped = FILES.iter().find(|file| file.slug == slug);
    let tested = || fs::read_to_string(folder().join(format!("schemes/{slug}.toml"))).unwrap();
    shipped.map_or_else(tested, |file| file.text.to_owned())
}

/// What routes and keys say of a request, as long as no other one in the configuration says the same.
pub(super) fn claims(request: &SignedRequest) -> BTreeSet<String> {
    let place = format!("{} {}", host(request), path(request));
    let keys = request.keys.iter().map(|key| key_id(request, key));
    let keys: BTreeSet<String> = keys.map(|id| format!("key {id}")).collect();
    keys.into_iter().chain([place]).collect()
}

pub(super) fn path(request: &SignedRequest) -> &str {
    request.target.split('?').next().unwrap()
}

/// The host that the request is sent to: the signed one, or one of its own.
pub(crate) fn host(request: &SignedRequest) -> String {
    let mut headers = request.headers.iter();
    let signed = headers.find(|(name, _)| name.eq_ignore_ascii_case("host"));
    match signed {
        Some((_, value)) => value.clone(),
        None if path(request) == SHARED_PATH => {
            let id = request.twin_of.as_ref().unwrap_or(&request.id);
            format!("{}.example", id.to_lowercase())
        }
        None => "pay.example".to_owned(),
    }
}

/// The route, and its keys, whose files are written.
pub(crate) fn tables(request: &SignedRequest, files: &Files) -> String {
    let text = scheme_text(&request.slug);
    format!("{}\n{}", keys(request, &text, files), route(request, &text))
}

fn route(request: &SignedRequest, scheme_file: &str) -> String {
    let uses = |source: &str| scheme_file.contains(source);
    let mut lines = vec![
        "[[route]]".to_owned(),
        format!("name = \"{}\"", request.id),
        format!("path = \"{}\"", path(request)),
        format!("scheme = \"{}\"", scheme(request, scheme_file)),
        format!("keys = {}", named_keys(request, scheme_file)),
        "upstream = \"origin\"".to_owned(),
    ];
    if path(request) == SHARED_PATH {
        lines.push(format!("host = \"{}\"", host(request)));
    }
    if request.method != "POST" {
        lines.push(format!("methods = [\"{}\"]", request.method));
    }
    let is_read = matches!(&*request.method, "GET" | "HEAD");
    if !signs_body(&scheme(request, scheme_file), scheme_file) && !is_read {
        lines.push("uncovered_body = true".to_owned());
    }
    if let Some(url) = &request.public_url
        && (uses("{url") || uses("{configured_url"))
    {
        lines.push(format!("public_url = \"{url}\""));
    }
    let values = request.values.iter();
    let values = values.filter(|(name, _)| uses(&format!("{{value:{name}")));
    let values: Vec<_> = { values }
        .map(|(name, value)| format!("{name} = \"{value}\""))
        .collect();
    if !values.is_empty() {
        lines.push(format!("values = {{ {} }}", values.join(", ")));
    }
    // Only here do providers share a path, and so need a host.
    let own = lines.iter().filter(|line| !line.starts_with("host = "));
    assert!(own.count() <= MAX_LINES, "{lines:#?}");
    lines.join("\n")
}

/// Whether a scheme of the file signs bodies, or parts of them.
fn signs_body(scheme: &str, scheme_file: &str) -> bool {
    let mut schemes = scheme_file.split("[[scheme]]");
    let named = format!("name = \"{scheme}\"\n");
    let text = schemes.find(|text| text.contains(&named)).unwrap();
    !text.contains("unsigned_body = true")
}

/// The name of the scheme, of which a file may have several.
fn scheme(request: &SignedRequest, scheme_file: &str) -> String {
    let headed = scheme_file.lines().zip(scheme_file.lines().skip(1));
    let mut names = headed
        .filter(|(header, _)| *header == "[[scheme]]")
        .filter_map(|(_, line)| line.strip_prefix("name = \"")?.strip_suffix('"'));
    let first = names.next().unwrap();
    match &request.scheme {
        Some(name) => name.clone(),
        None => {
            assert_eq!(names.next(), None, "{}: which scheme?", request.id);
            first.to_owned()
        }
    }
}

/// The keys that the route names: by the header that picks one, or a list of them.
fn named_keys(request: &SignedRequest, scheme_file: &str) -> String {
    let keys = tried(request, scheme_file);
    let by_header = scheme_file.contains("key_id = \"{header:");
    let is_sent = |key: &&ReceiverKey| {
        let mut headers = request.headers.iter();
        headers.any(|(_, value)| *value == key.name)
    };
    if let Some(key) = keys.iter().copied().find(is_sent).filter(|_| by_header) {
        return format!("{{ \"{}\" = \"{}\" }}", key.name, key_id(request, key));
    }
    let mut ids: Vec<_> = { keys.iter() }.map(|key| key_id(request, key)).collect();
    if ids.is_empty() {
        ids.push(request.id.clone());
    }
    format!("{ids:?}")
}

/// The tables of the keys.
fn keys(request: &SignedRequest, scheme_file: &str, files: &Files) -> String {
    let named = request.keys.iter();
    let named = named.filter(|key| is_further_secret(key, scheme_file));
    let further: Vec<_> = named
        .map(|key| {
            let file = format!("{}.{}.secret", request.id, key.name);
            let file = files.write_secret(&file, &key.value);
            format!("{} = {{ file = \"{}\" }}", key.name, file.display())
        })
        .collect();
    let mut tables = String::new();
    let mut table = |id: &str, source: String| {
        write!(tables, "[[key]]\nid = \"{id}\"\n{source}\n").unwrap();
        if !further.is_empty() {
            writeln!(tables, "[key.secrets]\n{}", further.join("\n")).unwrap();
        }
    };
    let keys = tried(request, scheme_file);
    for key in &keys {
        let id = key_id(request, key);
        let name = format!("{}.{}", request.id, key.name);
        let source = if key.is_secret() {
            let file = files.write_secret(&name, &key.value);
            format!("secret_file = \"{}\"", file.display())
        } else {
            let file = files.write(&name, &key.value);
            let is_short = Key::decode(&id, key.value.as_bytes()).unwrap().is_legacy();
            let legacy = if is_short { "legacy = true\n" } else { "" };
            format!("{legacy}file = \"{}\"", file.display())
        };
        table(&id, source);
    }
    if keys.is_empty() {
        // The scheme uses none but further secrets, which every key may have.
        let file = files.write_secret(&request.id, "not used");
        table(&request.id, format!("secret_file = \"{}\"", file.display()));
    }
    tables
}

/// The keys without those that are further secrets of the others.
fn tried<'r>(request: &'r SignedRequest, scheme_file: &str) -> Vec<&'r ReceiverKey> {
    let keys = request.keys.iter();
    keys.filter(|key| !is_further_secret(key, scheme_file))
        .collect()
}

fn is_further_secret(key: &ReceiverKey, scheme_file: &str) -> bool {
    scheme_file.contains(&format!("{{secret:{}", key.name))
}

/// What the message calls the key, if it does.
fn key_id(request: &SignedRequest, key: &ReceiverKey) -> String {
    match key.name.as_str() {
        "key" => request.id.clone(),
        name => name.to_owned(),
    }
}
