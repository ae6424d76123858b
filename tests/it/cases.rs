//! The signed callbacks in `tests/vectors/`: 80 genuine cases, and examples that the platforms
//! published.
//!
//! ```ignore
//! let policy = cases::policy("sgate");
//! for case in cases::of("sgate") {
//!     verify(&policy, case.callback(), cases::NOW).unwrap();
//! }
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::{Callback, Key, KeySet, Scheme, VerifyPolicy};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// A time for tests that do not check freshness.
pub(crate) const NOW: i64 = 1_700_000_000;

/// One signed POST.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The case's name in the file.
    pub(crate) id: String,
    /// The built-in scheme that signed it: `cheezeepay` or `sgate`.
    pub(crate) scheme: &'static str,
    /// Path and query as signed; `/` if the scheme does not sign them.
    pub(crate) target: String,
    /// The `V-*` headers, without those that HTTP itself requires. Empty for CheezeePay.
    pub(crate) headers: HeaderMap,
    /// The body's bytes.
    pub(crate) body: Vec<u8>,
    /// The signed text before any digest, according to the signer.
    pub(crate) signed_content: Vec<u8>,
    /// The digest that was signed instead of the text, according to the signer.
    pub(crate) md5: Option<String>,
}

impl Case {
    /// The case as the library's input.
    pub(crate) fn callback(&self) -> Callback<'_> {
        Callback::new("POST", self.target.as_bytes(), &self.headers, &self.body)
    }

    fn read(line: &str, scheme: &'static str) -> Self {
        let case: Value = serde_json::from_str(line).unwrap();
        let bytes = |name: &str| STANDARD.decode(text(&case[name])).unwrap();
        let header = |(name, value): (&String, &Value)| {
            let name = HeaderName::try_from(name).unwrap();
            (name, HeaderValue::try_from(text(value)).unwrap())
        };
        assert_eq!(case["valid"], true);
        Self {
            id: text(&case["id"]).to_owned(),
            scheme,
            target: case["url"].as_str().unwrap_or("/").to_owned(),
            headers: case["headers"]
                .as_object()
                .into_iter()
                .flatten()
                .map(header)
                .collect(),
            body: bytes("body_b64"),
            signed_content: bytes("signing_b64"),
            md5: case["md5"].as_str().map(str::to_owned),
        }
    }
}

/// The 40 cases of one scheme, `cheezeepay` or `sgate`. All are genuine under [`policy`] for that
/// scheme.
pub(crate) fn of(scheme: &'static str) -> Vec<Case> {
    fs::read_to_string(format!("tests/vectors/{scheme}.jsonl"))
        .unwrap()
        .lines()
        .map(|line| Case::read(line, scheme))
        .collect()
}

/// All 80 cases.
pub(crate) fn all() -> Vec<Case> {
    [of("cheezeepay"), of("sgate")].concat()
}

/// The absolute path of the public key file for a scheme's cases, for use in configurations.
pub(crate) fn key_file(scheme: &str) -> PathBuf {
    let file = match scheme {
        "cheezeepay" => "cheezee_pub.pem",
        "sgate" => "sgate_pub.pem",
        other => panic!("no cases of {other}"),
    };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(file)
}

/// The built-in scheme with its cases' key and no maximum age, because the cases are years old.
pub(crate) fn policy(scheme: &str) -> VerifyPolicy {
    let key = Key::decode(scheme, &fs::read(key_file(scheme)).unwrap()).unwrap();
    policy_with(scheme, key)
}

/// The built-in scheme with one key and no maximum age.
pub(crate) fn policy_with(scheme: &str, key: Key) -> VerifyPolicy {
    let scheme = Scheme::find_built_in(scheme).unwrap().clone();
    VerifyPolicy::new(scheme, KeySet::Any(vec![Arc::new(key)])).with_max_age(None)
}

/// The examples in the platforms' documentation: `published.json`.
pub(crate) struct Published {
    /// CheezeePay's platform key: one line of base64.
    pub(crate) cheezeepay_key: String,
    /// CheezeePay's pay-in notification, genuine under that key.
    pub(crate) pay_in: Case,
    /// CheezeePay's account-change example, published with the signature of the pay-in
    /// notification: it must be rejected.
    pub(crate) account_change: Case,
    /// The text in SGate's signing rule for which the rule gives a digest.
    pub(crate) sgate_text: String,
    /// That digest.
    pub(crate) sgate_md5: String,
}

/// Reads the published examples.
pub(crate) fn published() -> Published {
    let file = fs::read_to_string("tests/vectors/published.json").unwrap();
    let file: Value = serde_json::from_str(&file).unwrap();
    let find = |id: &str| {
        let mut cases = file["cases"].as_array().unwrap().iter();
        cases.find(|case| case["id"] == id).unwrap()
    };
    let cheezeepay = |id: &str| {
        let case = find(id);
        Case {
            id: id.to_owned(),
            scheme: "cheezeepay",
            target: "/".to_owned(),
            headers: HeaderMap::new(),
            body: text(&case["body"]).into(),
            signed_content: text(&case["signed_content"]).into(),
            md5: None,
        }
    };
    let digest = find("sgate-digest");
    Published {
        cheezeepay_key: text(&file["cheezeepay_platform_public_key_spki_base64"]).to_owned(),
        pay_in: cheezeepay("cheezeepay-india-payin"),
        account_change: cheezeepay("cheezeepay-india-p2p-account-change-as-printed"),
        sgate_text: text(&digest["signing_json"]).to_owned(),
        sgate_md5: text(&digest["md5_hex"]).to_owned(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
