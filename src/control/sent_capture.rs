//! Captured requests, as they are sent to commands.

use core::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};

use crate::written_request::{WrittenRequest, append_header};

/// What a captured request is read for: the audit log says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapturePurpose {
    /// `countersign capture show`
    Show,
    /// `countersign capture export`
    Export,
    /// `countersign explain --id`
    Explain,
}

impl CapturePurpose {
    /// The command.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Show => "capture show",
            Self::Export => "capture export",
            Self::Explain => "explain",
        }
    }
}

/// A list of captured requests, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureList {
    /// How many there are.
    pub total: usize,
    /// Those that were asked for.
    pub captures: Vec<CaptureSummary>,
}

/// A captured request without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureSummary {
    /// Its id in the access log.
    pub id: String,
    /// When it began, in milliseconds since 1970.
    pub time: u64,
    /// Who sent it.
    pub client: String,
    /// The matching route.
    pub route: String,
    /// The stable code of why it was rejected.
    pub reason: String,
    /// The header, field or byte at fault.
    pub at: Option<String>,
    /// Its method.
    pub method: String,
    /// The target as the access log shows it.
    pub target: String,
    /// The length of its body.
    pub body: usize,
    /// How much of that was kept.
    pub kept: usize,
}

impl CaptureSummary {
    /// Whether only a part of its body was kept.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.kept < self.body
    }
}

/// A captured request. What may be any bytes is in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCapture {
    /// What a list has of it.
    pub summary: CaptureSummary,
    /// The connection's other end, if it has an address: it may be a trusted proxy.
    pub peer: Option<SocketAddr>,
    /// Whether it came over TLS.
    pub tls: bool,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// What was sent is not a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the process sent a captured request that cannot be read")]
pub struct UnreadCapture;

impl SentCapture {
    /// A request with its header's lines as they came.
    #[must_use]
    pub fn new<'l>(
        summary: CaptureSummary,
        request: &WrittenRequest,
        lines: impl Iterator<Item = (&'l [u8], &'l [u8])>,
        (peer, tls): (Option<SocketAddr>, bool),
    ) -> Self {
        let name = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        Self {
            summary,
            peer,
            tls,
            target: STANDARD.encode(&request.target),
            headers: lines
                .map(|(line, value)| (name(line), STANDARD.encode(value)))
                .collect(),
            body: STANDARD.encode(&request.body),
        }
    }

    /// The lines of its header, as they came.
    ///
    /// # Errors
    /// If what was sent is none.
    pub fn lines(&self) -> Result<Vec<(String, Vec<u8>)>, UnreadCapture> {
        let lines = self.headers.iter();
        lines
            .map(|(name, value)| Ok((name.clone(), bytes(value)?)))
            .collect()
    }

    /// The request.
    ///
    /// # Errors
    /// If what was sent is none.
    pub fn request(&self) -> Result<WrittenRequest, UnreadCapture> {
        let mut headers = HeaderMap::new();
        for (name, value) in self.lines()? {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| UnreadCapture)?;
            let value = HeaderValue::from_bytes(&value).map_err(|_| UnreadCapture)?;
            append_header(&mut headers, name, value).map_err(|_| UnreadCapture)?;
        }
        Ok(WrittenRequest {
            method: Method::from_bytes(self.summary.method.as_bytes())
                .map_err(|_| UnreadCapture)?,
            target: bytes(&self.target)?,
            headers,
            body: bytes(&self.body)?.into(),
        })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, UnreadCapture> {
    STANDARD.decode(text).map_err(|_| UnreadCapture)
}
