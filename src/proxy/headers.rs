//! The header that a backend gets: the client's, less what could pass for ours or has meaning for
//! one connection only, plus what was verified.

use std::borrow::Cow;

use http::{HeaderName, Method, header};
use log::error;
use pingora::http::RequestHeader;

use super::client::Client;
use super::end_to_end;
use super::own_answer::{REPEAT, REQUEST_ID};
use super::refusal::Fault;
use super::upstream_request::UpstreamRequest;
use crate::config::FieldPath;
use crate::config::backend::{MAX_FIELD_HEADER, fold_header};
use crate::config::{Config, Route, SignedTarget};
use crate::decrypt::{Clear, Places};
use crate::verify::body::Field;
use crate::verify::{At, Verified, header_text};

const FORWARDED_FOR: &str = "X-Forwarded-For";
const FORWARDED_PROTO: &str = "X-Forwarded-Proto";
const FORWARDED_HOST: &str = "X-Forwarded-Host";

/// The names that only the proxy may set, of all routes: a name that one route gives a meaning
/// must not be free on another route to the same backend.
pub(super) struct OurNames {
    prefix: String,
    exact: Vec<String>,
    /// The headers in which trusted proxies say who and what was called.
    reported: Vec<String>,
    /// The headers that are read to verify and decrypt.
    read: Vec<String>,
    scheme: String,
    key: String,
    route: String,
    at: String,
    timestamp: String,
    nonce: String,
    event: String,
    ambiguous: String,
    repeat: String,
    body_sha256: String,
    decrypted: String,
    decrypt_failed: String,
}

impl OurNames {
    pub(super) fn new(config: &Config) -> Self {
        let routes = config.routes.iter();
        let fields = routes.clone().flat_map(|route| &route.fields);
        let rules = routes.filter_map(|route| Some(&route.decrypt.as_ref()?.rule));
        let clear = rules.flat_map(|rule| &rule.headers);
        let mut exact: Vec<String> = fields
            .map(|field| field.header.as_str())
            .chain(clear.map(|clear| clear.header.as_str()))
            .chain([REQUEST_ID, REPEAT, FORWARDED_FOR])
            .chain([FORWARDED_PROTO, FORWARDED_HOST])
            .map(fold_header)
            .collect();
        exact.sort_unstable();
        exact.dedup();
        let targets = config.routes.iter();
        let targets = targets.filter_map(|route| match &route.signed_target {
            SignedTarget::FromHeader(name) => Some(name),
            SignedTarget::AsReceived | SignedTarget::Prefixed(_) => None,
        });
        let reported = targets.chain([&config.client_ip_header]);
        let read = config.routes.iter().flat_map(|route| route.read_headers());
        let name = |end: &str| format!("{}{end}", config.header_prefix);
        Self {
            prefix: fold_header(&config.header_prefix),
            exact,
            reported: folded(reported),
            read: folded(read),
            scheme: name("Scheme"),
            key: name("Key"),
            route: name("Route"),
            at: name("At"),
            timestamp: name("Timestamp"),
            nonce: name("Nonce"),
            event: name("Event"),
            ambiguous: name("Ambiguous"),
            repeat: name("Repeat"),
            body_sha256: name("Body-SHA256"),
            decrypted: name("Decrypted"),
            decrypt_failed: name("Decrypt-Failed"),
        }
    }

    /// Whether only the proxy may set a header, by its folded name.
    pub(super) fn contains(&self, folded: &str) -> bool {
        folded.starts_with(&self.prefix) || is_among(&self.exact, folded)
    }

    /// Whether trusted proxies say in a header who or what was called, by its folded name.
    pub(super) fn is_reported(&self, folded: &str) -> bool {
        is_among(&self.reported, folded)
    }

    /// Whether a header is read to verify or decrypt, by its folded name.
    pub(super) fn is_read(&self, folded: &str) -> bool {
        is_among(&self.read, folded)
    }
}

/// The names, folded, in order.
fn folded<'n>(names: impl Iterator<Item = &'n HeaderName>) -> Vec<String> {
    let mut folded: Vec<String> = names.map(|name| fold_header(name.as_str())).collect();
    folded.sort_unstable();
    folded.dedup();
    folded
}

fn is_among(sorted: &[String], folded: &str) -> bool {
    let found = sorted.binary_search_by(|name| name.as_str().cmp(folded));
    found.is_ok()
}

/// Builds the header of the request to the backend. Only a verified callback has one.
pub(super) fn build(
    verified: &Verified<'_>,
    route: &Route,
    names: &OurNames,
    received: &RequestHeader,
    client: &Client<'_>,
    body_length: usize,
    clear: Option<&Clear>,
) -> Result<Box<RequestHeader>, HeaderFault> {
    let target = received.raw_path();
    let capacity = received.headers.len().saturating_add(16);
    let mut request = RequestHeader::build(received.method.clone(), target, Some(capacity))?;
    if let Some(host) = client.host() {
        request.append_header("Host", host)?;
    }
    let is_edited = clear.is_some_and(|clear| clear.body().is_some());
    end_to_end::copy(
        received,
        route,
        names,
        client.is_trusted(),
        is_edited,
        &mut request,
    )?;
    if route.success.reads_body() {
        end_to_end::remove(header::ACCEPT_ENCODING.as_str(), &mut request);
    }
    if body_length > 0 || expects_body(received) {
        request.append_header("Content-Length", body_length)?;
    }
    add_verified(verified, route, names, &mut request)?;
    if let Some(clear) = clear {
        add_clear(clear, names, &mut request)?;
    }
    request.append_header(REQUEST_ID, client.request_id())?;
    request.append_header(FORWARDED_FOR, client.forwarded_for())?;
    request.append_header(FORWARDED_PROTO, client.forwarded_proto())?;
    if let Some(host) = client.forwarded_host() {
        request.append_header(FORWARDED_HOST, host)?;
    }
    Ok(Box::new(request))
}

/// What a backend is told of a callback that is not certain to be new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeated {
    /// A backend took it before.
    Yes,
    /// Nobody knows.
    Unknown,
}

/// Tells the backend that it may have the callback already.
pub(super) fn mark_repeat(
    request: &mut UpstreamRequest,
    names: &OurNames,
    repeated: Repeated,
) -> Result<(), Fault> {
    let value = match repeated {
        Repeated::Yes => "true",
        Repeated::Unknown => "unknown",
    };
    let marked = request.header.append_header(names.repeat.clone(), value);
    marked.map(|_| ()).map_err(|error| {
        error!("cannot mark a repeat: {error}");
        Fault::Internal
    })
}

/// Why no header could be built.
pub(super) enum HeaderFault {
    /// A field's value is too long.
    Field(At),
    /// Something that was checked before does not hold.
    Internal(Box<pingora::Error>),
}

impl From<Box<pingora::Error>> for HeaderFault {
    fn from(error: Box<pingora::Error>) -> Self {
        Self::Internal(error)
    }
}

/// Whether a backend may wait for a body's length although there is none.
fn expects_body(received: &RequestHeader) -> bool {
    matches!(received.method, Method::POST | Method::PUT | Method::PATCH)
        || received.headers.contains_key(header::CONTENT_LENGTH)
}

fn add_verified(
    verified: &Verified<'_>,
    route: &Route,
    names: &OurNames,
    request: &mut RequestHeader,
) -> Result<(), HeaderFault> {
    let mut add = |name: &str, value: &str| request.append_header(name.to_owned(), value);
    add(&names.scheme, &verified.scheme().name)?;
    add(&names.key, verified.key().id())?;
    add(&names.route, &route.name)?;
    add(&names.at, &verified.at().to_string())?;
    if let Some(timestamp) = verified.timestamp() {
        add(&names.timestamp, &timestamp.to_string())?;
    }
    if let Some(nonce) = verified.nonce() {
        add(&names.nonce, &header_text(nonce))?;
    }
    if let Some(event) = verified.event() {
        let event = header_text(&event);
        let name = verified.scheme().event.clone().unwrap_or_default();
        add(&names.event, &bounded(event, || At::Field(name))?)?;
    }
    if verified.ambiguous().is_some() {
        add(&names.ambiguous, "true")?;
    }
    for field in &route.fields {
        let found = verified.body().find(&field.field);
        if let Some(text) = found.and_then(field_text) {
            let at = || At::Field(field.field.to_string());
            add(&field.header, &bounded(header_text(&text), at)?)?;
        }
    }
    Ok(())
}

/// Adds what was decrypted: which values, which not, and those that go into headers.
fn add_clear(
    clear: &Clear,
    names: &OurNames,
    request: &mut RequestHeader,
) -> Result<(), HeaderFault> {
    let mut add = |name: &str, value: &str| request.append_header(name.to_owned(), value);
    let digest = clear.body_sha256().iter();
    let digest: String = digest.map(|byte| format!("{byte:02x}")).collect();
    add(&names.body_sha256, &digest)?;
    if let Some(list) = pointers(clear.decrypted(), false) {
        add(&names.decrypted, &list)?;
    }
    if let Some(list) = pointers(clear.failed(), true) {
        add(&names.decrypt_failed, &list)?;
    }
    for header in clear.headers() {
        add(&header.name, &header.value)?;
    }
    Ok(())
}

/// The places as a list, `None` if there is none. What does not fit into a header is left out; the
/// list then ends with `*` if it must not pass for a whole one.
fn pointers(places: &Places, marks_rest: bool) -> Option<String> {
    /// Stands for all that is not listed. No JSON Pointer is written so.
    const REST: &str = "*";
    if places.count() == 0 {
        return None;
    }
    let mut list = String::new();
    let mut listed: usize = 0;
    for pointer in places.known() {
        // A comma would make two of it.
        let written = header_text(pointer).replace(',', "%2C");
        let length = list.len().saturating_add(written.len());
        if length.saturating_add(", , *".len()) > MAX_FIELD_HEADER {
            break;
        }
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(&written);
        listed = listed.saturating_add(1);
    }
    if marks_rest && listed < places.count() {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(REST);
    }
    Some(list).filter(|list| !list.is_empty())
}

/// A body field that the route hands on, as text.
pub(super) fn named_field(
    verified: &Verified<'_>,
    route: &Route,
    field: &FieldPath,
) -> Option<String> {
    let is_named = route.fields.iter().any(|named| named.field == *field);
    let found = is_named.then(|| verified.body().find(field)).flatten()?;
    field_text(found).map(Cow::into_owned)
}

fn bounded(encoded: String, at: impl FnOnce() -> At) -> Result<String, HeaderFault> {
    if encoded.len() > MAX_FIELD_HEADER {
        return Err(HeaderFault::Field(at()));
    }
    Ok(encoded)
}

/// A field's value as text. Empty values give no header: some schemes do not sign them.
fn field_text<'a>(field: Field<'_, 'a>) -> Option<Cow<'a, str>> {
    (!field.is_empty()).then(|| field.written())
}
