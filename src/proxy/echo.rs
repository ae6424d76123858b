//! The built-in upstream: shows what a backend would have received.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pingora::http::RequestHeader;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::upstream_request::UpstreamRequest;

/// The request as JSON: method, target, header lines in order, and body.
pub(super) fn describe(request: &UpstreamRequest) -> String {
    let mut shown = Map::new();
    shown.insert("method".to_owned(), json!(request.header.method.as_str()));
    let target = String::from_utf8_lossy(request.header.raw_path());
    shown.insert("target".to_owned(), json!(target));
    shown.insert("headers".to_owned(), header_lines(&request.header));
    match std::str::from_utf8(&request.body) {
        Ok(text) => shown.insert("body".to_owned(), json!(text)),
        Err(_) => shown.insert(
            "body_base64".to_owned(),
            json!(STANDARD.encode(&request.body)),
        ),
    };
    shown.insert("body_bytes".to_owned(), json!(request.body.len()));
    let digest = Sha256::digest(&request.body);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    shown.insert("body_sha256".to_owned(), json!(hex));
    let mut text = format!("{:#}", Value::Object(shown));
    text.push('\n');
    text
}

fn header_lines(header: &RequestHeader) -> Value {
    let lines = header.case_header_iter().map(|(name, value)| {
        json!([
            String::from_utf8_lossy(name.as_slice()),
            String::from_utf8_lossy(value.as_bytes())
        ])
    });
    Value::Array(lines.collect())
}
