//! What the admin listener shows.

use std::fmt::Write as _;

use super::{host, status};
use crate::proxy::shared::Proxy;

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const JSON: &str = "application/json";

/// One answer.
pub(super) struct Page {
    status: u16,
    content_type: &'static str,
    pub(super) body: String,
}

/// The page at a path, for a client that calls this listener so.
pub(super) fn find(path: &str, host: Option<&str>, proxy: &Proxy) -> Page {
    match path {
        // Monitoring asks by any name, and for numbers; this says how everything is configured.
        "/status" if host.is_some_and(|host| !host::is_ours(host)) => Page::refusal(
            421,
            "ask for /status by this listener's address, or as localhost",
        ),
        "/healthz" => Page::new(200, TEXT, "ok\n"),
        "/readyz" if proxy.drain.is_ending() => Page::new(503, TEXT, "ending\n"),
        "/readyz" => Page::new(200, TEXT, "ready\n"),
        "/metrics" => match proxy.metrics.page(&proxy.now()) {
            Ok(body) => Page::new(200, METRICS, body),
            Err(error) => Page::refusal(500, &error.to_string()),
        },
        "/status" => Page::new(200, JSON, format!("{:#}\n", status::describe(proxy))),
        _ => Page::refusal(404, "there are /healthz, /readyz, /metrics and /status"),
    }
}

impl Page {
    fn new(status: u16, content_type: &'static str, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type,
            body: body.into(),
        }
    }

    /// Why there is no page.
    pub(super) fn refusal(status: u16, why: &str) -> Self {
        Self::new(status, TEXT, format!("{why}\n"))
    }

    /// The methods that there are.
    pub(super) fn method() -> Self {
        Self::refusal(405, "only GET and HEAD")
    }

    /// The header of the answer, to its empty line.
    pub(super) fn header(&self) -> String {
        let status = http::StatusCode::from_u16(self.status).unwrap_or_default();
        let mut header = format!("HTTP/1.1 {} ", self.status);
        let mut line = |text: std::fmt::Arguments<'_>| {
            // Writing to memory cannot fail.
            let _ = write!(header, "{text}\r\n");
        };
        line(format_args!("{}", status.canonical_reason().unwrap_or("")));
        line(format_args!("Content-Type: {}", self.content_type));
        line(format_args!("Content-Length: {}", self.body.len()));
        line(format_args!("Cache-Control: no-store"));
        line(format_args!("X-Content-Type-Options: nosniff"));
        if self.status == 405 {
            line(format_args!("Allow: GET, HEAD"));
        }
        line(format_args!("Connection: close"));
        line(format_args!(""));
        header
    }
}
