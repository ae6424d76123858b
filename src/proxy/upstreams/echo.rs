//! The built-in upstream: shows what a backend would have received.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::judge::{Delivery, HeaderLine};
use crate::ops::escape::legible;

/// The request as JSON: method, target, header lines in order (one per line, for people), and body.
pub(in crate::proxy) fn describe(delivery: &Delivery) -> String {
    let sent = delivery.body();
    let digest: String = Sha256::digest(sent)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let body = match std::str::from_utf8(sent) {
        Ok(text) => format!("\"body\": {}", json!(text)),
        Err(_) => format!("\"body_base64\": {}", json!(STANDARD.encode(sent))),
    };
    let members = [
        format!("\"method\": {}", json!(delivery.method().as_str())),
        format!("\"target\": {}", json!(legible(delivery.target()))),
        format!(
            "\"headers\": [\n    {}\n  ]",
            header_lines(delivery.lines()).join(",\n    ")
        ),
        body,
        format!("\"body_bytes\": {}", sent.len()),
        format!("\"body_sha256\": {}", json!(digest)),
    ];
    format!("{{\n  {}\n}}\n", members.join(",\n  "))
}

fn header_lines(lines: &[HeaderLine]) -> Vec<String> {
    let text = |bytes: &[u8]| json!(legible(bytes));
    let line =
        |line: &HeaderLine| format!("[{}, {}]", text(&line.name), text(line.value.as_bytes()));
    lines.iter().map(line).collect()
}
