//! The pages of the admin listener: each is a line of [`PAGES`], with a file of its own if it is
//! long.

mod status_page;

use std::fmt::Write as _;

use super::host;
use crate::proxy::process::Proxy;

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One answer.
pub(super) struct Page {
    status: u16,
    content_type: &'static str,
    pub(super) body: String,
}

/// Who may see a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// Everybody who reaches the listener: monitoring uses any name, and the pages show only
    /// numbers.
    Everybody,
    /// Clients that use a host name that no foreign web page can have: the page shows the
    /// configuration.
    Operators,
}

/// Builds a page.
type Make = fn(&Proxy) -> Page;

/// Every page: its path, who may see it, and the function that builds it.
const PAGES: &[(&str, For, Make)] = &[
    ("/healthz", For::Everybody, |_| Page::new(200, TEXT, "ok\n")),
    ("/readyz", For::Everybody, readiness),
    ("/metrics", For::Everybody, metrics),
    ("/status", For::Operators, status_page::page),
];

/// The page at a path, for a client that calls this listener by this Host.
pub(super) fn find(path: &str, host: Option<&str>, proxy: &Proxy) -> Page {
    let is_elsewhere = host.is_some_and(|host| !host::is_ours(host));
    match PAGES.iter().find(|page| page.0 == path) {
        Some((_, For::Operators, _)) if is_elsewhere => Page::refusal(
            421,
            &format!("request {path} by this listener's address, or by localhost"),
        ),
        Some((_, _, make)) => make(proxy),
        None => Page::refusal(404, &format!("the pages are {}", paths())),
    }
}

/// The paths as a list in a sentence.
fn paths() -> String {
    let paths: Vec<&str> = PAGES.iter().map(|page| page.0).collect();
    match paths.split_last() {
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn readiness(proxy: &Proxy) -> Page {
    if proxy.drain.is_ending() {
        Page::new(503, TEXT, "ending\n")
    } else {
        Page::new(200, TEXT, "ready\n")
    }
}

fn metrics(proxy: &Proxy) -> Page {
    match proxy.metrics.page(&proxy.now()) {
        Ok(body) => Page::new(200, METRICS, body),
        Err(error) => Page::refusal(500, &error.to_string()),
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

    fn json(value: &serde_json::Value) -> Self {
        Self::new(200, "application/json", format!("{value:#}\n"))
    }

    /// Why there is no page.
    pub(super) fn refusal(status: u16, why: &str) -> Self {
        Self::new(status, TEXT, format!("{why}\n"))
    }

    /// The allowed methods.
    pub(super) fn method() -> Self {
        Self::refusal(405, "only GET and HEAD are allowed")
    }

    /// The header of the answer, including its empty line.
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
