//! The backend's header: the client's, without what could pass for ours or applies to one
//! connection only, plus what was verified.

use bytes::Bytes;
use http::{Method, header};

use super::client::Client;
use super::end_to_end;
use super::head::Head;
use super::header_lines::HeaderBuilder;
use super::names::{FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO, OurNames, REPORT, REQUEST_ID};
use super::refusal::{Fault, Refusal};
use super::verdict::{Verdict, field_text};
use crate::config::backend::{MAX_FIELD_HEADER, fold_header};
use crate::config::{Route, SentHost};
use crate::decrypt::{Clear, Places};
use crate::verify::{At, Verified, header_text};

/// What to tell the backend about a callback that may not be new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// A backend has already accepted it.
    Yes,
    /// It is unknown whether it is new.
    Unknown,
}

/// Builds the header of the request to the backend of a verified callback.
pub(super) fn build(
    verdict: &Verdict<'_>,
    client: Client<'_>,
    names: &OurNames,
    body_length: usize,
    clear: Option<&Clear>,
    repeated: Option<Repeated>,
) -> Result<HeaderBuilder, Refusal> {
    let received = verdict.received();
    let (head, route) = (received.head(), received.route());
    let is_edited = clear.is_some_and(|clear| clear.body().is_some());
    let mut lines = passed_on(head, route, client, names, body_length, is_edited)?;
    add_verified(verdict.verified(), route, names, &mut lines)?;
    if let Some(clear) = clear {
        add_clear(clear, names, &mut lines)?;
    }
    add_sender(head, client, &mut lines)?;
    if let Some(repeated) = repeated {
        let value = match repeated {
            Repeated::Yes => "true",
            Repeated::Unknown => "unknown",
        };
        lines.add(names.repeat.clone(), value)?;
    }
    Ok(lines)
}

/// Builds the header of a request that its route forwards in report mode, with this report.
pub(super) fn reported(
    head: Head<'_>,
    route: &Route,
    client: Client<'_>,
    names: &OurNames,
    body_length: usize,
    report: &str,
) -> Result<HeaderBuilder, Refusal> {
    let mut lines = passed_on(head, route, client, names, body_length, false)?;
    add_sender(head, client, &mut lines)?;
    lines.add(Bytes::from_static(REPORT.as_bytes()), report)?;
    Ok(lines)
}

/// The lines that frame the request, and those of the client that are forwarded.
fn passed_on(
    head: Head<'_>,
    route: &Route,
    client: Client<'_>,
    names: &OurNames,
    body_length: usize,
    is_edited: bool,
) -> Result<HeaderBuilder, Refusal> {
    let mut lines = HeaderBuilder::with_capacity(head.headers.len().saturating_add(16));
    let host = match &route.upstream.host {
        SentHost::Client => head.host,
        SentHost::Name(name) => Some(name.as_str()),
        // Which server is not known yet.
        SentHost::Server => None,
    };
    if let Some(host) = host {
        lines.add(Bytes::from_static(b"Host"), host)?;
    }
    end_to_end::copy(
        head,
        route,
        names,
        client.is_trusted(),
        is_edited,
        &mut lines,
    );
    if route.success.reads_body() {
        lines.remove(|name| fold_header(name) == header::ACCEPT_ENCODING.as_str());
    }
    if body_length > 0 || expects_body(head) {
        lines.add(
            Bytes::from_static(b"Content-Length"),
            &body_length.to_string(),
        )?;
    }
    Ok(lines)
}

/// Adds the id of the request, and from where it came.
fn add_sender(
    head: Head<'_>,
    client: Client<'_>,
    lines: &mut HeaderBuilder,
) -> Result<(), Refusal> {
    let mut add =
        |name: &'static str, value: &str| lines.add(Bytes::from_static(name.as_bytes()), value);
    add(REQUEST_ID, head.request_id)?;
    add(FORWARDED_FOR, &client.forwarded_for())?;
    add(FORWARDED_PROTO, &client.forwarded_proto())?;
    if let Some(host) = client.forwarded_host() {
        add(FORWARDED_HOST, &host)?;
    }
    Ok(())
}

/// Whether a backend may wait for a body if no length is sent.
fn expects_body(head: Head<'_>) -> bool {
    matches!(*head.method, Method::POST | Method::PUT | Method::PATCH)
        || head.headers.contains_key(header::CONTENT_LENGTH)
}

fn add_verified(
    verified: &Verified<'_>,
    route: &Route,
    names: &OurNames,
    lines: &mut HeaderBuilder,
) -> Result<(), Refusal> {
    let mut add = |name: &Bytes, value: &str| lines.add(name.clone(), value);
    add(&names.scheme, &verified.scheme().name)?;
    add(&names.key, verified.key().id())?;
    add(&names.route, &route.name)?;
    add(&names.at, &verified.at().to_string())?;
    let coverage = &route.coverage;
    lines.add_made(names.covers.clone(), coverage.covers.clone());
    lines.add_made(names.means.clone(), coverage.means.clone());
    let mut add = |name: &Bytes, value: &str| lines.add(name.clone(), value);
    if let Some(timestamp) = verified.timestamp().filter(|_| coverage.timestamp) {
        add(&names.timestamp, &timestamp.to_string())?;
    }
    if let Some(nonce) = verified.nonce().filter(|_| coverage.nonce) {
        add(&names.nonce, &header_text(nonce))?;
    }
    if let Some(event) = verified.event().filter(|_| coverage.event) {
        let event = header_text(&event);
        let name = verified.scheme().event();
        let name = name.map_or_else(String::new, |path| path.to_string());
        add(&names.event, &bounded(event, || At::Field(name))?)?;
    }
    if verified.ambiguous().is_some() {
        add(&names.ambiguous, "true")?;
    }
    for field in &route.fields {
        let found = verified.body().find(&field.field);
        if let Some(text) = found.and_then(field_text) {
            let at = || At::Field(field.field.to_string());
            let name = Bytes::copy_from_slice(field.header.as_bytes());
            add(&name, &bounded(header_text(&text), at)?)?;
        }
    }
    Ok(())
}

/// Adds the result of the decryption: which values were decrypted, which were not, and those that
/// are passed as headers.
fn add_clear(clear: &Clear, names: &OurNames, lines: &mut HeaderBuilder) -> Result<(), Refusal> {
    let mut add = |name: &Bytes, value: &str| lines.add(name.clone(), value);
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
        add(
            &Bytes::copy_from_slice(header.name.as_bytes()),
            &header.value,
        )?;
    }
    Ok(())
}

/// The places as a list; `None` if there are none. Places that do not fit into a header are left
/// out; the list then ends with `*`, so that it cannot pass for a complete one.
fn pointers(places: &Places, marks_rest: bool) -> Option<String> {
    /// Marks an incomplete list. No JSON Pointer looks like this.
    const REST: &str = "*";
    if places.count() == 0 {
        return None;
    }
    let mut list = String::new();
    let mut listed: usize = 0;
    for pointer in places.known() {
        // A comma would split it in two.
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

fn bounded(encoded: String, at: impl FnOnce() -> At) -> Result<String, Refusal> {
    if encoded.len() > MAX_FIELD_HEADER {
        return Err(Refusal::At(Fault::FieldTooLong, at().to_string()));
    }
    Ok(encoded)
}
