//! `countersign sign` for every scheme of the catalogue: what it signs, the proxy takes, and what somebody
//! changed afterwards or signed with another key, it refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Output};

use countersign::config::catalogue::shipped_names;
use countersign::config::shipped_scheme;
use countersign::verify::{KeyKind, Scheme};
use countersign::written_request::read_http;

use super::own_chain::{self, DEMANDS};
use super::provider_proxy::{ProviderProxy, bytes};
use super::provider_routes::{claims, host, path};
use super::signed_request::{ReceiverKey, SignedRequest};
use super::{GENUINE, requests};
use crate::config_files::Files;

/// Private keys of each kind, made by `countersign keygen`.
struct OwnKeys {
    files: Files,
}

impl OwnKeys {
    fn make() -> Self {
        let own = Self {
            files: Files::new(),
        };
        for name in ["own", "other"] {
            for kind in ["rsa", "p256", "p521", "ed25519"] {
                let out = own.path(&format!("{name}.{kind}"));
                let made = countersign(&["keygen", kind, "--out", &out]);
                assert!(made.status.success(), "{made:?}");
            }
        }
        own
    }

    fn path(&self, name: &str) -> String {
        self.files.path().join(name).display().to_string()
    }

    /// The stem of the files with a key for this scheme.
    fn stem(&self, name: &str, scheme: &Scheme) -> String {
        let kind = match scheme.algorithms()[0].key_kind() {
            KeyKind::Rsa => "rsa".to_owned(),
            KeyKind::Ed25519 => "ed25519".to_owned(),
            kind => kind.to_string().to_lowercase().replace('-', ""),
        };
        self.path(&format!("{name}.{kind}"))
    }
}

fn countersign(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .output()
        .unwrap()
}

/// A request for the scheme without a signature, to be signed with keys of our own.
fn unsigned(scheme: &Scheme, all: &[SignedRequest], own: &OwnKeys) -> Option<SignedRequest> {
    let names = |request: &SignedRequest| {
        let text = super::provider_routes::scheme_text(&request.slug);
        let is_alone = text.matches("[[scheme]]").count() == 1;
        let is_named = request.scheme.as_deref() == Some(&scheme.name);
        let headed = text.contains(&format!("name = \"{}\"\n", scheme.name));
        is_named || is_alone && headed
    };
    let mut request = all.iter().find(|request| names(request))?.clone();
    request.verify_at = None;
    let signature_headers = scheme.signature_headers();
    // Of a token, the header and the claims stay; Hook0's header also lists the signed ones.
    let mut texts = scheme.definition().signature.iter();
    let says_more = scheme.name == "hook0-v1" || texts.any(|text| !text.contains('|'));
    request.headers.retain(|(name, _)| {
        let mut signing = signature_headers.iter();
        says_more || !signing.any(|signing| signing.as_str().eq_ignore_ascii_case(name))
    });
    if request.public_url.is_some() {
        let path = request.target.split('?').next().unwrap();
        request.public_url = Some(format!("http://{}{path}", host(&request)));
    }
    let demands = DEMANDS.iter().find(|(name, _)| *name == scheme.name);
    for key in &mut request.keys {
        let stem = own.stem("own", scheme);
        if let Some((name, demands)) = demands {
            let (chain, root) = own_chain::chain(&format!("{stem}.private.pem"), demands);
            own.files.write(&format!("{name}.chain"), chain);
            key.value = root;
        } else if !key.is_secret() {
            key.value = fs::read_to_string(format!("{stem}.public.pem")).unwrap();
        }
    }
    Some(request)
}

/// Signs the request with our own key, or with another one.
fn sign(
    scheme: &Scheme,
    request: &SignedRequest,
    keys: &OwnKeys,
    is_own: bool,
) -> Result<Vec<u8>, String> {
    let files = Files::new();
    let body = files.write("body", &request.body).display().to_string();
    let url = format!("http://{}{}", host(request), request.target);
    let mut arguments: Vec<String> = [
        "sign",
        "--scheme",
        &scheme.name,
        "--at",
        "now",
        "--url",
        &url,
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.extend([
        "--method".to_owned(),
        request.method.clone(),
        "--body".to_owned(),
        body,
    ]);
    for (name, value) in &request.headers {
        if !name.eq_ignore_ascii_case("content-length") {
            arguments.extend(["--header".to_owned(), format!("{name}: {value}")]);
        }
    }
    for (name, value) in &request.values {
        arguments.extend(["--value".to_owned(), format!("{name}={value}")]);
    }
    let further = scheme.rules().named_secrets();
    let named: BTreeMap<&str, &ReceiverKey> = request
        .keys
        .iter()
        .map(|key| (key.name.as_str(), key))
        .collect();
    for (name, key) in named {
        let text = if is_own {
            key.value.clone()
        } else {
            another(&key.value)
        };
        if key.is_secret() {
            let file = files.write_secret(name, &text).display().to_string();
            let named = match further.contains(&name) {
                true => format!("{name}={file}"),
                false => file,
            };
            arguments.extend(["--secret".to_owned(), named]);
        } else {
            let stem = keys.stem(if is_own { "own" } else { "other" }, scheme);
            arguments.extend(["--private-key".to_owned(), format!("{stem}.private.pem")]);
            if DEMANDS.iter().any(|(name, _)| *name == scheme.name) {
                let chain = keys.path(&format!("{}.chain", scheme.name));
                arguments.extend(["--certificate".to_owned(), chain]);
            }
            if name != "key" && scheme.has_key_id() {
                arguments.extend(["--key-id".to_owned(), name.to_owned()]);
            }
        }
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let output = countersign(&arguments);
    match output.status.code() {
        Some(0) => Ok(output.stdout),
        _ => Err(String::from_utf8(output.stderr).unwrap()),
    }
}

/// The signed request with one character changed, of those that the signature covers: in the body, else in the
/// target, else in a header.
fn changed(proxy: &ProviderProxy, request: &SignedRequest, signed: &[u8]) -> Vec<u8> {
    let signed = read_http(signed).unwrap().request;
    let headers = signed.headers.iter();
    let headers = headers.filter(|(name, _)| *name != "host");
    let genuine = SignedRequest {
        target: String::from_utf8(signed.target.clone()).unwrap(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: signed.body.to_vec(),
        ..request.clone()
    };
    let in_body = (0..genuine.body.len()).rev().map(|at| {
        let mut changed = genuine.clone();
        changed.body[at] = other(changed.body[at]);
        changed
    });
    let in_query = (path(&genuine).len()..genuine.target.len()).map(|at| {
        let mut changed = genuine.clone();
        let mut target = changed.target.into_bytes();
        target[at] = other(target[at]);
        changed.target = String::from_utf8(target).unwrap();
        changed
    });
    let in_headers = (0..genuine.headers.len()).map(|at| {
        let mut changed = genuine.clone();
        changed.headers[at].1 += "0";
        changed
    });
    let changes = in_body.chain(in_query).chain(in_headers).take(2000);
    let mut refused = changes.filter(|changed| proxy.verified(request, changed).is_err());
    let changed = refused.next();
    bytes(&changed.unwrap_or_else(|| panic!("{}: nothing is covered", request.id)))
}

/// Another secret of the same form.
fn another(secret: &str) -> String {
    let mut bytes = secret.as_bytes().to_vec();
    let middle = bytes.len() / 2;
    let mut places = (middle..bytes.len()).chain(0..middle);
    let place = places
        .find(|at| bytes[*at].is_ascii_alphanumeric())
        .unwrap();
    bytes[place] = other(bytes[place]);
    let another = String::from_utf8(bytes).unwrap();
    assert_ne!(another, secret);
    another
}

/// Another letter for a letter, and another digit for a digit.
fn other(byte: u8) -> u8 {
    match byte {
        b'1'..=b'9' => byte - 1,
        b'0' => b'7',
        b'b'..=b'z' | b'B'..=b'Z' => byte - 1,
        b'a' | b'A' => byte + 1,
        other => other,
    }
}

/// The requests in groups that one proxy can take each.
fn grouped(requests: Vec<SignedRequest>) -> Vec<Vec<SignedRequest>> {
    let mut groups: Vec<(BTreeSet<String>, Vec<SignedRequest>)> = Vec::new();
    for request in requests {
        let claims = claims(&request);
        let free = { groups.iter_mut() }.find(|(taken, _)| taken.is_disjoint(&claims));
        match free {
            Some((taken, group)) => {
                taken.extend(claims);
                group.push(request);
            }
            None => groups.push((claims, vec![request])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

#[test]
fn what_is_signed_for_any_shipped_scheme_is_taken_and_nothing_that_was_changed() {
    let all = requests(GENUINE);
    let own = OwnKeys::make();
    let mut schemes = BTreeMap::new();
    let mut unsigned_requests = Vec::new();
    for name in shipped_names() {
        let scheme = shipped_scheme(name).unwrap().unwrap();
        let request = unsigned(&scheme, &all, &own).unwrap_or_else(|| panic!("{name}"));
        schemes.insert(request.id.clone(), scheme);
        unsigned_requests.push(request);
    }
    let mut signed_count = 0;
    for group in grouped(unsigned_requests) {
        let proxy = ProviderProxy::start(group);
        for request in &proxy.requests {
            let scheme = &schemes[&request.id];
            let name = &scheme.name;
            let signed = sign(scheme, request, &own, true);
            let signed = signed.unwrap_or_else(|why| panic!("{name}: {why}"));
            let before = proxy.origin.count();
            let answer = proxy.send_bytes(request, &signed);
            let line = proxy.access_line();
            assert_eq!(answer.status, 200, "{name}: {line}");
            let received = proxy.origin.last();
            assert_eq!(received.header("X-Verified-Scheme"), Some(name.as_str()));
            assert!(signed.ends_with(&received.body), "{name}");
            // With another key, and with the signature of another request.
            let forged = sign(scheme, request, &own, false);
            let mut refused = vec![changed(&proxy, request, &signed)];
            match forged {
                Ok(forged) => refused.push(forged),
                // The certificate that comes with it is that of its own key.
                Err(why) => assert!(why.contains("signature_mismatch"), "{name}: {why}"),
            }
            let refusal = proxy.refusal(request);
            for forged in refused {
                let answer = proxy.send_bytes(request, &forged);
                let line = proxy.access_line();
                assert_eq!(answer.status, refusal, "{name}: {line}");
            }
            assert_eq!(proxy.origin.count(), before + 1, "{name}");
            signed_count += 1;
        }
    }
    assert_eq!(signed_count, shipped_names().count());
}
