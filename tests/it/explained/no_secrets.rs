//! Nothing that explains a request shows a secret, or what could be forged with it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use countersign::explain::{Revealing, TextStyle};
use countersign::verify::{Algorithm, CallbackValue, Key, Means, VerifySteps};
use countersign::verify::{Callback, Digest, Plenty, verify_watched};

use super::scene::Scene;
use crate::provider_wire::provider_routes::folder;
use crate::provider_wire::signed_request::SignedRequest;

/// The contents and signatures of a genuine request.
#[derive(Default)]
struct Seen {
    contents: Vec<Vec<u8>>,
    signatures: Vec<Vec<u8>>,
}

impl VerifySteps for Seen {
    fn found(&mut self, what: CallbackValue, value: &[u8]) {
        if what == CallbackValue::Signature {
            self.signatures.push(value.to_vec());
        }
    }

    fn built(&mut self, applied_to: &[u8], text: impl FnOnce() -> Option<Vec<u8>>) {
        self.contents.push(applied_to.to_vec());
        self.contents.extend(text());
    }

    fn tried(&mut self, _: &Key, _: bool) {}
}

/// What must be in no output: secrets, digests of content that holds one, and the genuine signature.
fn forbidden(scene: &Scene) -> Vec<Vec<u8>> {
    let site = scene.site();
    let mut all = Vec::new();
    for route in &site.config().routes {
        for key in route.policy.keys.all() {
            all.extend(key.secret().map(|secret| secret.bytes().to_vec()));
            all.extend(
                key.named_secrets()
                    .map(|(_, secret)| secret.bytes().to_vec()),
            );
        }
        let headers = { scene.sent.headers.iter() }
            .map(|(name, value)| {
                let name: http::HeaderName = name.parse().unwrap();
                (
                    name,
                    http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
                )
            })
            .collect();
        let request = &scene.sent;
        let target = request.target.as_bytes();
        let callback = Callback::new(&request.method, target, &headers, &request.body);
        let mut seen = Seen::default();
        let policy = route.policy.clone().with_max_age(None);
        let _ = verify_watched(&policy, callback, 0, &mut Plenty, &mut seen);
        let is_mac = |one: &Algorithm| one.means() != Means::Signature;
        if policy.scheme.algorithms().iter().any(is_mac) {
            all.extend(seen.signatures);
        }
        if policy.scheme.rules().content_holds_secret() {
            for content in &seen.contents {
                let digests = [Digest::Md5, Digest::Sha1, Digest::Sha256, Digest::Sha512];
                all.extend(digests.map(|digest| digest.of(content)));
            }
        }
    }
    // What is short could be anywhere, and one is the word that stands for secrets.
    all.retain(|bytes| bytes.len() >= 5 && bytes != b"secret");
    all
}

fn encoded(bytes: &[u8]) -> Vec<String> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![
        hex.to_ascii_uppercase(),
        hex,
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
    ];
    all.extend(std::str::from_utf8(bytes).map(str::to_owned));
    all
}

#[test]
fn no_output_for_any_scheme_shows_a_secret_or_what_should_have_been_signed() {
    let files = ["valid.jsonl", "vendors.jsonl"];
    let all = files
        .iter()
        .flat_map(|file| SignedRequest::read_all(&folder().join(file)));
    let mut slugs = BTreeSet::new();
    let mut count = 0;
    for request in all {
        let is_shipped = countersign::config::catalogue::FILES
            .iter()
            .any(|file| file.slug == request.slug);
        let is_secret = request.keys.iter().any(|key| key.is_secret());
        if !is_shipped || !is_secret {
            continue;
        }
        let genuine = Scene {
            sent: request.clone(),
            configured: vec![request.clone()],
            late: 1,
            edits: Vec::new(),
        };
        let forbidden = forbidden(&genuine);
        let broken: [fn(&mut SignedRequest); 3] = [
            |_| {},
            |request| request.body.extend(b"\r\n"),
            |request| request.target.push_str("&unsigned=1"),
        ];
        for break_it in broken {
            let mut scene = Scene {
                sent: request.clone(),
                configured: vec![request.clone()],
                late: 1,
                edits: Vec::new(),
            };
            break_it(&mut scene.sent);
            let explanation = scene.explain();
            let style = TextStyle {
                full: true,
                ..TextStyle::default()
            };
            let outputs = [
                explanation.as_text(style),
                explanation.in_short(style),
                format!("{:?}", explanation.why(true)),
                explanation.as_json(true),
            ];
            for output in &outputs {
                for word in forbidden.iter().flat_map(|bytes| encoded(bytes)) {
                    assert!(
                        !output.contains(&word),
                        "{}: {word} in {output}",
                        request.id
                    );
                }
            }
        }
        slugs.insert(request.slug);
        count += 1;
    }
    assert!(slugs.len() > 60 && count > 100, "{} {count}", slugs.len());
}

#[test]
fn revealing_needs_a_terminal_and_a_key_file() {
    assert!(Revealing::ask(true, true, false).is_ok());
    for (terminal, own_key, json) in [
        (false, true, false),
        (true, false, false),
        (true, true, true),
    ] {
        assert!(Revealing::ask(terminal, own_key, json).is_err());
    }
}
