//! A captured request in a form that other programs read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use http::header;
use serde_json::{Map, Value, json};

use super::time;
use crate::control::{CaptureList, CaptureSummary, SentCapture, UnreadCapture};
use crate::ops::escape;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A request of HTTP/1.1, byte for byte.
    Http,
    /// A command line of curl for bash, which sends it to the host that it was sent to.
    Curl,
    /// A JSON object; a body that is no text is in base64.
    Json,
}

/// A captured request in this form.
pub(in crate::cli) fn export(
    capture: &SentCapture,
    format: ExportFormat,
) -> Result<Vec<u8>, UnreadCapture> {
    match format {
        ExportFormat::Http => http(capture),
        ExportFormat::Curl => curl(capture),
        ExportFormat::Json => json(capture),
    }
}

/// Whether a terminal that gets these bytes would show something else.
pub(in crate::cli) fn hides_something(bytes: &[u8]) -> bool {
    let is_line_end = |character: char| matches!(character, '\r' | '\n' | '\t');
    let hides = |character: char| escape::is_hidden(character) && !is_line_end(character);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.contains(hides),
        Err(_) => true,
    }
}

fn http(capture: &SentCapture) -> Result<Vec<u8>, UnreadCapture> {
    let request = capture.request()?;
    let mut text = format!("{} ", request.method).into_bytes();
    text.extend_from_slice(&request.target);
    text.extend_from_slice(b" HTTP/1.1\r\n");
    let mut line = |name: &str, value: &[u8]| {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            text.extend_from_slice(part);
        }
    };
    let mut has_length = false;
    for (name, value) in capture.lines()? {
        // The body is not in chunks any more.
        if name.eq_ignore_ascii_case("transfer-encoding") {
            continue;
        }
        has_length |= name.eq_ignore_ascii_case("content-length");
        line(&name, &value);
    }
    if !has_length && capture.summary.body > 0 {
        line(
            "Content-Length",
            capture.summary.body.to_string().as_bytes(),
        );
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(&request.body);
    Ok(text)
}

fn curl(capture: &SentCapture) -> Result<Vec<u8>, UnreadCapture> {
    let mut request = capture.request()?;
    // The body is not in chunks any more.
    request.headers.remove(header::TRANSFER_ENCODING);
    let host = request.headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let scheme = if capture.tls { "https" } else { "http" };
    let line = request.to_curl(&format!("{scheme}://{}", host.unwrap_or("localhost")));
    Ok(format!("{line}\n").into_bytes())
}

fn json(capture: &SentCapture) -> Result<Vec<u8>, UnreadCapture> {
    let request = capture.request()?;
    let about = &capture.summary;
    let headers = capture.lines()?;
    let headers = headers.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| json!([name, escape::legible(value)]))
        .collect();
    let (name, body) = match std::str::from_utf8(&request.body) {
        Ok(text) => ("body", text.to_owned()),
        Err(_) => ("body_base64", STANDARD.encode(&request.body)),
    };
    let mut object = about_json(about);
    for (name, value) in [
        ("peer", json!(capture.peer.map(|peer| peer.to_string()))),
        ("tls", json!(capture.tls)),
        ("target", json!(escape::legible(&request.target))),
        ("headers", json!(headers)),
        (name, json!(body)),
    ] {
        object.insert(name.to_owned(), value);
    }
    Ok(format!("{}\n", Value::Object(object)).into_bytes())
}

/// A list of captured requests as JSON: what each of them has there, without its content.
pub(in crate::cli) fn list_json(list: &CaptureList) -> Value {
    let captures = list.captures.iter().map(about_json).map(Value::Object);
    json!({ "total": list.total, "captures": captures.collect::<Vec<_>>() })
}

/// A captured request without its content. The target is that of the access log.
fn about_json(about: &CaptureSummary) -> Map<String, Value> {
    let object = json!({
        "id": about.id,
        "time": humantime::format_rfc3339_millis(time(about.time)).to_string(),
        "client": about.client,
        "route": about.route,
        "reason": about.reason,
        "at": about.at,
        "method": about.method,
        "target": about.target,
        "body_length": about.body,
        "cut": about.is_cut(),
    });
    match object {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
