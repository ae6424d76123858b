//! What a signature of RFC 9421 is made over has a line for each part of the request that it lists, with the
//! value that a simple reading finds, and nothing else; and no part of it can be changed.
//!
//! An input is a request with `Signature-Input` and `Signature`.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::http::{HeaderMap, HeaderValue};
use countersign::verify::keys::Secret;
use countersign::verify::language::{Choice, SchemeDefinition};
use countersign::verify::{
    Callback, Key, Plenty, Reason, Scheme, VerifyError, VerifyPolicy, VerifySteps, verify_watched,
};

use super::request::Request;

const SECRET: &[u8] = b"the secret of this fuzz target";

static POLICY: LazyLock<VerifyPolicy> = LazyLock::new(|| {
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("rfc9421-hmac-sha256".to_owned()),
        components: vec!["@method".to_owned()],
        ..SchemeDefinition::default()
    };
    let scheme = Scheme::compile("message", definition).unwrap();
    let secret = Secret::new(SECRET.to_vec().into()).unwrap();
    VerifyPolicy::new(scheme, Key::of_secret("", secret))
});

/// The first text that a signature may be over.
#[derive(Default)]
struct Bases(Vec<String>);

impl VerifySteps for Bases {
    fn content(&mut self, _: usize, content: &[u8]) {
        self.0.push(String::from_utf8(content.to_vec()).unwrap());
    }
}

/// Signs what the request says it covers, and changes it.
pub fn check(input: &[u8]) {
    let Some(request) = Request::parse(input) else {
        return;
    };
    let callback = request.callback();
    let mut bases = Bases::default();
    let verdict = run(callback, &mut bases);
    let Some(base) = bases.0.first() else {
        assert!(verdict.is_err());
        return;
    };
    is_read_alike(base, callback);
    let Some(headers) = signed(callback.headers, base) else {
        return;
    };
    let genuine = Callback::new(callback.method, callback.target, &headers, callback.body);
    match run(genuine, &mut Bases::default()) {
        Ok(()) => {}
        Err(VerifyError::Rejected(rejection)) => {
            // What else the request needs is not the signature's.
            assert_ne!(rejection.reason, Reason::SignatureMismatch, "{base}");
            return;
        }
        Err(error) => panic!("{error}"),
    }
    let method = format!("{}X", callback.method);
    let tampered = Callback::new(&method, callback.target, &headers, callback.body);
    assert!(run(tampered, &mut Bases::default()).is_err());
    for line in base.lines() {
        let (name, _) = line.split_once(": ").unwrap();
        let target = [callback.target, b"x"].concat();
        let body = [callback.body, b"x"].concat();
        let mut changed = headers.clone();
        let tampered = match name {
            "\"@target-uri\"" | "\"@request-target\"" => {
                Callback::new(callback.method, &target, &headers, callback.body)
            }
            "\"content-digest\"" => {
                Callback::new(callback.method, callback.target, &headers, &body)
            }
            _ => {
                let name = name.split('"').nth(1).unwrap();
                let Some(value) = headers.get(name).filter(|_| !name.starts_with('@')) else {
                    continue;
                };
                let value = [value.as_bytes(), b"x"].concat();
                let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
                changed.insert(name, HeaderValue::from_bytes(&value).unwrap());
                Callback::new(callback.method, callback.target, &changed, callback.body)
            }
        };
        assert!(run(tampered, &mut Bases::default()).is_err(), "{line}");
    }
}

fn run(callback: Callback<'_>, bases: &mut Bases) -> Result<(), VerifyError> {
    verify_watched(&POLICY, callback, 0, &mut Plenty, bases).map(|_| ())
}

/// The headers with a signature over this text, where there is one label.
fn signed(headers: &HeaderMap, base: &str) -> Option<HeaderMap> {
    let input = headers.get("signature-input")?.to_str().ok()?;
    let (label, _) = input.split_once('=')?;
    let mut headers = headers.clone();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    let signature = STANDARD.encode(hmac::sign(&key, base.as_bytes()));
    let signature = format!("{}=:{signature}:", label.trim());
    headers.insert("signature", HeaderValue::from_str(&signature).ok()?);
    Some(headers)
}

/// Every line is what a simple reader finds, and the last one is what the header says.
fn is_read_alike(base: &str, callback: Callback<'_>) {
    let lines: Vec<&str> = base.split('\n').collect();
    let (last, lines) = lines.split_last().unwrap();
    assert!(lines.contains(&format!("\"@method\": {}", callback.method).as_str()));
    let bare = |text: &str| text.replace([' ', '\t'], "");
    let inputs = callback.headers.get_all("signature-input").iter();
    let inputs: Vec<String> = inputs.map(|input| bare(input.to_str().unwrap())).collect();
    let list = last.strip_prefix("\"@signature-params\": ").unwrap();
    assert!(inputs.join(",").contains(&bare(list)), "{list} {inputs:?}");
    let mut listed = list;
    let target = String::from_utf8_lossy(callback.target);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    for (nth, line) in lines.iter().enumerate() {
        let (name, value) = line.split_once(": ").unwrap();
        assert!(
            !lines[..nth]
                .iter()
                .any(|other| other.starts_with(&format!("{name}: ")))
        );
        // The list has them in this order.
        let at = listed.find(name).unwrap();
        listed = &listed[at + name.len()..];
        let header = |name: &str| {
            let mut values = callback.headers.get_all(name).iter();
            let value = values.next().unwrap();
            assert!(values.next().is_none());
            value.to_str().unwrap().trim().to_owned()
        };
        let wanted = match name {
            "\"@method\"" => callback.method.to_owned(),
            "\"@request-target\"" => target.to_string(),
            "\"@path\"" if path.is_empty() => "/".to_owned(),
            "\"@path\"" => path.to_owned(),
            "\"@query\"" => format!("?{query}"),
            "\"@authority\"" => header("host").to_lowercase(),
            _ if name.contains(';') => continue,
            _ => header(name.trim_matches('"')),
        };
        assert_eq!(value, wanted, "{name}");
    }
}
