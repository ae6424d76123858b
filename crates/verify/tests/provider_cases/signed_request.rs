//! Requests as somebody signed them: the lines of a file. The tests of the program read them, too.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A request as somebody signed it.
#[derive(Clone, Debug)]
pub(crate) struct SignedRequest {
    pub(crate) id: String,
    /// The scheme file.
    pub(crate) slug: String,
    /// The scheme in it, if it has several.
    pub(crate) scheme: Option<String>,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) public_url: Option<String>,
    pub(crate) values: Vec<(String, String)>,
    pub(crate) keys: Vec<ReceiverKey>,
    /// A time at which the request is fresh.
    pub(crate) verify_at: Option<i64>,
    pub(crate) signed_content: Option<Vec<u8>>,
    /// The request of which this one is a tampered copy.
    pub(crate) twin_of: Option<String>,
}

/// What the receiver holds.
#[derive(Clone, Debug)]
pub(crate) struct ReceiverKey {
    pub(crate) name: String,
    pub(crate) form: String,
    pub(crate) value: String,
}

impl ReceiverKey {
    /// Whether both sides know it.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self.form.as_str(), "text" | "hex" | "base64" | "whsec")
    }
}

impl SignedRequest {
    /// All requests in a file.
    pub(crate) fn read_all(file: &Path) -> Vec<Self> {
        let lines = std::fs::read_to_string(file).unwrap();
        lines.lines().map(Self::read).collect()
    }

    /// One line of a file.
    pub(crate) fn read(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).unwrap();
        let request = &line["request"];
        let maybe = |name: &str| line[name].as_str().map(str::to_owned);
        let headers = request["headers"].as_array().unwrap().iter();
        let values = line["values"].as_object().cloned().unwrap_or_default();
        let keys = line["keys"].as_array().unwrap().iter();
        let key = |key: &Value| ReceiverKey {
            name: text(&key["name"]),
            form: text(&key["form"]),
            value: text(&key["value"]),
        };
        Self {
            id: text(&line["id"]),
            slug: text(&line["slug"]),
            scheme: maybe("scheme"),
            method: text(&request["method"]),
            target: text(&request["target"]),
            headers: headers
                .map(|pair| (text(&pair[0]), text(&pair[1])))
                .collect(),
            body: STANDARD.decode(text(&request["body_b64"])).unwrap(),
            public_url: maybe("public_url"),
            values: values
                .iter()
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            keys: keys.map(key).collect(),
            verify_at: line["verify_at"].as_i64(),
            signed_content: line["signed_content_b64"]
                .as_str()
                .map(|content| STANDARD.decode(content).unwrap()),
            twin_of: maybe("twin_of"),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
