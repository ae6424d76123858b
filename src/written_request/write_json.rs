//! A request as JSON, for programs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::WrittenRequest;

impl WrittenRequest {
    /// Method, URL, headers and body as a JSON object. A body that is no text is in base64.
    #[must_use]
    pub fn to_json(&self, origin: &str) -> Value {
        let target = String::from_utf8_lossy(&self.target);
        let headers = self.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            json!([name.as_str(), value])
        });
        let headers: Vec<Value> = headers.collect();
        let (name, body) = match std::str::from_utf8(&self.body) {
            Ok(text) => ("body", text.to_owned()),
            Err(_) => ("body_base64", STANDARD.encode(&self.body)),
        };
        json!({
            "method": self.method.as_str(),
            "url": format!("{origin}{target}"),
            "headers": headers,
            name: body,
        })
    }
}
