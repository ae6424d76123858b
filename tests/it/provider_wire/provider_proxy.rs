//! A proxy with the routes of many providers, at the time of each of their requests.

use std::cell::Cell;
use std::fs;
use std::sync::Arc;
use std::time::SystemTime;

use countersign::config::{self, Route};
use countersign::verify::{Callback, VerifyPolicy, verify};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::provider_routes::{folder, host, tables};
use super::signed_request::SignedRequest;
use crate::config_files::Files;
use crate::support::http1::Response;
use crate::support::{Client, Origin, Proxy, Setup};

/// A proxy with a route for each of these requests.
pub(super) struct ProviderProxy {
    pub(super) requests: Vec<SignedRequest>,
    pub(super) origin: Origin,
    proxy: Proxy,
    routes: Vec<Arc<Route>>,
    files: Files,
    /// How many seconds its clock is ahead.
    ahead: Cell<i64>,
}

/// What the library says of a request that is genuine.
pub(super) struct LibraryVerdict {
    pub(super) scheme: String,
    pub(super) key: String,
    pub(super) timestamp: Option<String>,
    pub(super) is_ambiguous: bool,
    pub(super) content: Vec<u8>,
}

impl ProviderProxy {
    pub(super) fn start(requests: Vec<SignedRequest>) -> Self {
        let files = Files::new();
        let clock = files.write("clock", "+0");
        let origin = Origin::start();
        let tables: Vec<_> = { requests.iter() }
            .map(|request| tables(request, &files))
            .collect();
        let proxy = Setup::new()
            .top(&format!(
                "include = \"{}\"",
                folder().join("schemes").display()
            ))
            .tables(&tables.join("\n"))
            .origin(&origin)
            .clock(&clock)
            .start();
        let loaded = config::load(&proxy.file("countersign.toml"));
        let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
        Self {
            requests,
            origin,
            proxy,
            routes: loaded.config.routes.clone(),
            files,
            ahead: Cell::new(0),
        }
    }

    /// Sends the request, or a changed copy of it, at the time of the original.
    pub(super) fn send(&self, original: &SignedRequest, request: &SignedRequest) -> Response {
        self.set_clock(time(original));
        let mut client = Client::connect(self.proxy.address);
        client.send(&bytes(request));
        client.response()
    }

    /// Sends these bytes, at the time of the request.
    pub(super) fn send_bytes(&self, request: &SignedRequest, bytes: &[u8]) -> Response {
        self.set_clock(time(request));
        let mut client = Client::connect(self.proxy.address);
        client.send(bytes);
        client.response()
    }

    /// The next line of the access log.
    pub(super) fn access_line(&self) -> String {
        self.proxy.access_line()
    }

    /// What the library says at that time.
    pub(super) fn verified(
        &self,
        original: &SignedRequest,
        request: &SignedRequest,
    ) -> Result<LibraryVerdict, String> {
        let policy = &self.route(original).policy;
        judge(policy, request, time(original))
    }

    /// The status with which the scheme refuses what is not verified.
    pub(super) fn refusal(&self, request: &SignedRequest) -> u16 {
        self.route(request).policy.scheme.refuse.code()
    }

    fn route(&self, request: &SignedRequest) -> &Route {
        let mut routes = self.routes.iter();
        routes.find(|route| *route.name == *request.id).unwrap()
    }

    fn set_clock(&self, time: i64) {
        let ahead = time - now();
        if self.ahead.replace(ahead) == ahead {
            return;
        }
        // Renamed into place, so that nobody reads half of it.
        let new = self.files.write("new", format!("{ahead:+}"));
        fs::rename(new, self.files.path().join("clock")).unwrap();
    }
}

/// A time at which the request is fresh.
fn time(request: &SignedRequest) -> i64 {
    request.verify_at.unwrap_or_else(now)
}

fn now() -> i64 {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    now.try_into().unwrap()
}

fn judge(
    policy: &VerifyPolicy,
    request: &SignedRequest,
    now: i64,
) -> Result<LibraryVerdict, String> {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::try_from(host(request)).unwrap());
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name).unwrap();
        if name != "host" {
            headers.append(name, HeaderValue::try_from(value).unwrap());
        }
    }
    let target = request.target.as_bytes();
    let callback = Callback::new(&request.method, target, &headers, &request.body);
    let verified = verify(policy, callback, now).map_err(|rejection| rejection.to_string())?;
    Ok(LibraryVerdict {
        scheme: verified.scheme().name.clone(),
        key: verified.key().id().to_owned(),
        timestamp: verified.timestamp().map(|time| time.to_string()),
        is_ambiguous: verified.ambiguous().is_some(),
        content: verified.signed_content().to_vec(),
    })
}

/// The request as its sender writes it, with what it would like the backend to believe.
pub(super) fn bytes(request: &SignedRequest) -> Vec<u8> {
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: {}\r\nX-Verified-Scheme: forged\r\n",
        request.method,
        request.target,
        host(request)
    );
    let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    for (name, value) in &request.headers {
        if !is(name, "host") {
            head += &format!("{name}: {value}\r\n");
        }
    }
    let mut headers = request.headers.iter();
    let has_length = headers.any(|(name, _)| is(name, "content-length"));
    if !has_length && (request.method != "GET" || !request.body.is_empty()) {
        head += &format!("Content-Length: {}\r\n", request.body.len());
    }
    head += "\r\n";
    [head.as_bytes(), &request.body].concat()
}
