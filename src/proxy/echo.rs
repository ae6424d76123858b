//! The built-in upstream: shows what a backend would have received.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pingora::http::RequestHeader;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::upstream_request::UpstreamRequest;

/// The request as JSON: method, target, header lines in order (one a line, for people), and body.
pub(super) fn describe(request: &UpstreamRequest) -> String {
    let header = &request.header;
    let digest: String = Sha256::digest(&request.body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let body = match std::str::from_utf8(&request.body) {
        Ok(text) => format!("\"body\": {}", json!(text)),
        Err(_) => format!("\"body_base64\": {}", json!(STANDARD.encode(&request.body))),
    };
    let members = [
        format!("\"method\": {}", json!(header.method.as_str())),
        format!(
            "\"target\": {}",
            json!(String::from_utf8_lossy(header.raw_path()))
        ),
        format!(
            "\"headers\": [\n    {}\n  ]",
            header_lines(header).join(",\n    ")
        ),
        body,
        format!("\"body_bytes\": {}", request.body.len()),
        format!("\"body_sha256\": {}", json!(digest)),
    ];
    format!("{{\n  {}\n}}\n", members.join(",\n  "))
}

fn header_lines(header: &RequestHeader) -> Vec<String> {
    let text = |bytes| json!(String::from_utf8_lossy(bytes));
    header
        .case_header_iter()
        .map(|(name, value)| format!("[{}, {}]", text(name.as_slice()), text(value.as_bytes())))
        .collect()
}
