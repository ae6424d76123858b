//! `[[scheme.case]]`: signed requests, and what must come out of them.
//!
//! Whoever serves only checks how they are written: keys of cases are never read, and files neither.

mod contents;
mod expected;
mod keys;
mod request;

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderValue, header};

use crate::config::diagnostic::Place;
use crate::config::model::{ExpectedVerdict, SchemeCase};
use crate::config::reader::{Table, Text, Value, quote};
use crate::config::resolve::routes::route_values;
use crate::verify::language::RouteValues;
use crate::verify::{Scheme, VerifyPolicy};
use crate::written_request::WrittenRequest;
use contents::WrittenContents;
use keys::WrittenKeys;

/// A case as it is written.
struct WrittenCase<'a> {
    name: Text<'a>,
    request: WrittenRequest,
    body: Option<WrittenContents<'a>>,
    keys: WrittenKeys<'a>,
    route: RouteValues,
    at: Option<i64>,
    expected: ExpectedVerdict,
    content: Option<WrittenContents<'a>>,
    identity: Option<Vec<String>>,
}

/// Reports cases that are not written as they must be.
pub(super) fn check(table: &Table<'_>, scheme: &Scheme) -> Option<()> {
    written(table, scheme).map(drop)
}

/// The cases of a scheme, with their keys.
pub(super) fn cases(table: &Table<'_>, scheme: &Arc<Scheme>) -> Option<Vec<SchemeCase>> {
    let cases = written(table, scheme)?.into_iter();
    let cases: Vec<_> = cases.map(|case| case.complete(scheme)).collect();
    cases.into_iter().collect()
}

fn written<'a>(table: &Table<'a>, scheme: &Scheme) -> Option<Vec<WrittenCase<'a>>> {
    let (tables, _) = table.tables("case");
    let mut names = HashMap::new();
    let cases: Vec<_> = tables
        .iter()
        .map(|case| WrittenCase::read(case, scheme, &mut names))
        .collect();
    cases.into_iter().collect()
}

impl<'a> WrittenCase<'a> {
    fn read(
        table: &Table<'a>,
        scheme: &Scheme,
        names: &mut HashMap<&'a str, Place>,
    ) -> Option<Self> {
        // Everything is read before the first `?`, so that all problems are reported.
        let name = name(table, names);
        let request = request::request(table);
        let body = contents::any_of(table, &["body", "body_base64", "body_file"]);
        let keys = keys::written_keys(table, scheme);
        let route = route_values(table, Some(scheme));
        let has_host = |request: &WrittenRequest| request.headers.contains_key(header::HOST);
        if scheme.rules().reads_host() && request.as_ref().is_some_and(|request| !has_host(request))
        {
            table.missing(
                "a case of a scheme that reads `{host}` needs the header `Host`",
                "add it to `headers`, as the provider sends it: `headers = { Host = \"shop.example\" }`",
            );
        }
        let at = at(table, scheme);
        let expected = table.read("expect", expected::verdict);
        let content = contents::any_of(table, &["content", "content_base64"]);
        let identity = table.optional("identity", |value| {
            value.list_of(|item| Some(item.text()?.text.to_owned()))
        });
        Some(Self {
            name: name?,
            request: request?,
            body: body?,
            keys: keys?,
            route: route?,
            at: at?,
            expected: expected?,
            content: content?,
            identity: identity?,
        })
    }

    /// Decodes the keys and reads the file of the body.
    fn complete(self, scheme: &Arc<Scheme>) -> Option<SchemeCase> {
        let keys = self.keys.decode(scheme);
        let body = self.body.map(WrittenContents::bytes);
        let content = self.content.map(WrittenContents::bytes);
        let keys = keys?;
        let request = with_length(WrittenRequest {
            body: match body {
                Some(body) => body?.into(),
                None => self.request.body,
            },
            ..self.request
        });
        let policy = |keys| {
            VerifyPolicy::new(Arc::clone(scheme), keys).with_route_values(self.route.clone())
        };
        Some(SchemeCase {
            name: self.name.text.to_owned(),
            policy: policy(keys.set(scheme)),
            ageless: policy(keys.set(scheme)).with_max_age(None),
            request,
            at: self.at.unwrap_or_default(),
            expected: self.expected,
            content: match content {
                Some(content) => Some(content?),
                None => None,
            },
            identity: self.identity,
        })
    }
}

/// The request as every client sends it: with the length of its body.
fn with_length(mut request: WrittenRequest) -> WrittenRequest {
    if !request.body.is_empty() && !request.headers.contains_key(header::CONTENT_LENGTH) {
        let length = HeaderValue::from(request.body.len());
        request.headers.insert(header::CONTENT_LENGTH, length);
    }
    request
}

fn name<'a>(table: &Table<'a>, names: &mut HashMap<&'a str, Place>) -> Option<Text<'a>> {
    let help = "add `name = \"...\"`: what the request shows";
    let name = table.require("name", help)?.text()?;
    name.not_empty()?;
    if name.text.contains(char::is_control) {
        return name
            .error("invalid name", "a name must be one line of text")
            .help("write one line")
            .report();
    }
    if let Some(first) = names.insert(name.text, name.place) {
        return name
            .error(
                "duplicate name",
                format!("a second case {}", quote(name.text)),
            )
            .and(first, "the first one is here")
            .help("rename one of the two")
            .report();
    }
    Some(name)
}

/// When the request arrives; `Some(None)` if that does not matter.
fn at(table: &Table<'_>, scheme: &Scheme) -> Option<Option<i64>> {
    if !table.has("at") && scheme.max_age.is_some() {
        table.missing(
            "a case of a scheme with `max_age` needs the key `at`",
            "add `at = ...`, the time at which the request arrives: that of its timestamp, as Unix \
             seconds or as \"2026-07-01T12:00:00Z\"",
        );
        return None;
    }
    table.optional("at", moment)
}

fn moment(value: Value<'_>) -> Option<i64> {
    let text = match value.written_time() {
        Some(time) => time,
        None if value.is_text() => value.text()?.text.to_owned(),
        None => return value.integer(),
    };
    let seconds = text.parse::<u32>().ok().map(i64::from);
    let moment = || {
        let moment = chrono::DateTime::parse_from_rfc3339(&text).ok()?;
        Some(moment.timestamp())
    };
    seconds.or_else(moment).or_else(|| {
        let why = "it is neither Unix seconds nor a time with its zone";
        value
            .error("invalid time", why)
            .help("write `at = 1782907200` or `at = \"2026-07-01T12:00:00Z\"`")
            .report()
    })
}
