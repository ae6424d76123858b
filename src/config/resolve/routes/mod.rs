//! Routes: which requests they accept, how they verify them, and where they send them.

mod answer_from;
mod conflicts;
mod context;
mod decrypt;
mod fields;
mod forward;
mod get_answer;
mod given_away;
mod keys;
mod literal_path;
mod matching;
mod meeting;
mod readable_fields;
mod requirements;
mod retry;
mod route_mode;
mod scheme;
mod scheme_values;
mod signing_keys;
mod success;
mod target;
mod uncovered;
mod upstream_path;

use std::collections::HashMap;
use std::sync::Arc;

pub(super) use context::Context;
pub(super) use scheme_values::route_values;

use conflicts::Conflicts;
use given_away::Siblings;
use meeting::Meetings;
use readable_fields::ReadableFields;
use uncovered::{BodyRule, ToldGaps};

use http::Method;

use super::accepted_warnings::accept;
use super::networks;
use super::once;
use super::rates;
use super::settings::Limits;
use crate::config::diagnostic::Place;
use crate::config::keys::OnOff;
use crate::config::model::{CoverageHeaders, FieldHeader, Route};
use crate::config::reader::{Table, Text, Value, quote};
use crate::verify::VerifyPolicy;
use crate::verify::scheme::IdentityPart;

pub(super) fn resolve(tables: &[Table<'_>], context: &Context<'_>) -> Option<Vec<Arc<Route>>> {
    let mut names = HashMap::new();
    let mut conflicts = Conflicts::default();
    let mut siblings = Siblings::default();
    let mut meetings = Meetings::default();
    let mut told = ToldGaps::default();
    let routes: Vec<_> = tables
        .iter()
        .enumerate()
        .map(|(nth, table)| {
            table.problems().in_route(nth, || {
                accept(table);
                let name = name(table, &mut names);
                let route = route(table, name, context, &mut conflicts)?;
                given_away::warn(table, &route);
                route_mode::warn(table, &route);
                told.warn(table, &route, context);
                siblings.check(nth, table, &route);
                let route = Arc::new(route);
                meetings.check(nth, table, &route);
                Some(route)
            })
        })
        .collect();
    signing_keys::check(tables, &routes);
    routes.into_iter().collect()
}

fn name<'a>(table: &Table<'a>, names: &mut HashMap<&'a str, Place>) -> Option<Text<'a>> {
    let name = table
        .require(
            "name",
            "add `name = \"...\"`: it identifies the route in logs and in verified headers",
        )?
        .text()?;
    name.name()?;
    if let Some(first) = names.get(name.text) {
        return name
            .error(
                "duplicate name",
                format!("a second route {}", quote(name.text)),
            )
            .and(*first, "the first one is here")
            .help("rename one of the two")
            .report();
    }
    names.insert(name.text, name.place);
    Some(name)
}

fn route<'a>(
    table: &Table<'a>,
    name: Option<Text<'a>>,
    context: &Context<'_>,
    conflicts: &mut Conflicts,
) -> Option<Route> {
    // Everything is read before the first `?`, so that all problems are reported.
    let host = matching::host(table);
    let path = matching::path(table);
    let upstream_path = upstream_path::upstream_path(table, path.as_ref().map(|(path, _)| path));
    let methods = matching::methods(table);
    let get_answer = get_answer::get_answer(table, methods.as_deref());
    let answers_get = matches!(get_answer, Some(Some(_)));
    let scheme = scheme::scheme(table, context);
    let handshakes = scheme
        .iter()
        .flat_map(|scheme| scheme.rules().handshake_methods());
    let of_get: &[Method] = match answers_get {
        true => &[Method::GET, Method::HEAD],
        false => &[],
    };
    let own = of_get.iter().chain(handshakes).cloned().collect();
    let matching = conflicts.check(table, host, path, methods, own);

    let key_header = keys::key_header(table, context);
    let keys = keys::verification_keys(table, &key_header, scheme.as_deref(), context);
    if let (Some(scheme), Some(keys)) = (&scheme, &keys) {
        scheme::check_key_id(table, scheme, keys);
    }
    let route_values = route_values(table, scheme.as_deref());
    let max_age = scheme::max_age(table, scheme.as_deref());
    let signed_target = target::signed_target(table, scheme.as_deref(), context);
    let uncovered_body = table.read("uncovered_body", Value::boolean);
    let signed = ReadableFields {
        scheme: scheme.as_deref(),
        uncovered_body: uncovered_body.unwrap_or(true),
        is_shipped: scheme
            .as_ref()
            .is_some_and(|scheme| context.is_shipped(scheme)),
    };
    let fields = fields::fields(table, signed, context.prefix);
    let forward_headers = forward::forward_headers(table, context.prefix);
    let requirements = requirements::requirements(table, signed);

    let upstream = table
        .require(
            "upstream",
            "add `upstream = \"...\"`; `\"echo\"` answers with what a backend would receive",
        )
        .and_then(|value| context.upstreams.find(value.text()?).map(Arc::clone));
    let decrypt = decrypt::decrypt(
        table,
        &key_header,
        scheme.as_deref(),
        upstream.as_deref(),
        fields.as_deref().unwrap_or_default(),
        context,
    );
    let access = networks::access(table, context.access);
    let rate_limits = rates::rate_limits(table);
    let in_flight = table.read("in_flight", rates::count_or_off);
    let body_limit = body_limit(table, context.limits);
    let [expose_reason, success_as_200] =
        ["expose_reason", "success_as_200"].map(|key| table.read(key, Value::boolean));
    let success = success::success(table, scheme.as_deref());
    let acknowledges = answer_from::acknowledge(table, scheme.as_deref(), success_as_200);
    let access_log = table.read("access_log", Value::word);
    let retry = retry::retry(table);
    let report = route_mode::report(table);
    let once = once::policy(
        table,
        &once::Of {
            name: name.map(|name| name.text),
            scheme: scheme.as_deref(),
            keys: keys.as_ref(),
            max_age,
            default: context.once,
            largest_answer: context.largest_answer,
        },
    );

    let body = uncovered::body(
        table,
        &uncovered::BodyOf {
            scheme: scheme.as_deref(),
            methods: matching.as_ref().map(|(_, _, methods)| methods.as_slice()),
            has_once: once.as_ref().map(Option::is_some),
            is_stated: uncovered_body,
        },
    );
    let (host, path, methods) = matching?;
    let (fields, decrypt, once) = (fields?, decrypt?, once?);
    let scheme = scheme?;
    let mut requirements = requirements?;
    requirements.no_body = matches!(body?, BodyRule::None);
    requirements.fields = reads_fields(&fields, decrypt.is_some(), once.as_ref());
    Some(Route {
        name: name?.text.into(),
        host,
        path,
        methods,
        get_answer: get_answer?,
        coverage: CoverageHeaders::of(&scheme),
        policy: VerifyPolicy::new(scheme, keys?)
            .with_max_age(max_age?)
            .with_route_values(route_values?)
            .with_requirements(requirements)
            .with_acknowledgement(acknowledges?),
        decrypt,
        signed_target: signed_target?,
        fields,
        forward_headers: forward_headers?,
        upstream: upstream?,
        upstream_path: upstream_path?,
        access: access?,
        rate_limits: rate_limits?,
        in_flight: in_flight?,
        body_limit: body_limit?,
        expose_reason: expose_reason?,
        success: success?,
        success_as_200: success_as_200?,
        access_log: matches!(access_log?, OnOff::On),
        retry: retry?,
        once,
        report: report?,
    })
}

/// Whether the route reads values from the body, apart from those that it requires.
fn reads_fields(
    fields: &[FieldHeader],
    decrypts: bool,
    once: Option<&crate::once::OncePolicy>,
) -> bool {
    let is_field = |part: &IdentityPart| matches!(part, IdentityPart::Field(_));
    !fields.is_empty() || decrypts || once.is_some_and(|once| once.identity.iter().any(is_field))
}

fn body_limit(table: &Table<'_>, limits: &Limits) -> Option<usize> {
    let Some(limit) = table.optional("body_limit", Value::size)? else {
        return limits.body;
    };
    let place = table
        .get("body_limit")
        .map_or(table.place(), |value| value.place());
    limits.check(table, limit, place);
    Some(limit)
}
