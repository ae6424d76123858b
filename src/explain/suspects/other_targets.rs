//! What can have happened to a request's target, and its method.

use http::{HeaderMap, Method};

use super::form_writing::{FORM_STYLES, decoded};
use crate::explain::diagnosis::Diagnosis;
use crate::explain::variation::{Mend, Suspect, Suspects, Variation};

/// Headers in which front proxies report the target that they were asked for.
const REPORTED: &[&str] = &[
    "x-original-uri",
    "x-original-url",
    "x-forwarded-uri",
    "x-rewrite-url",
    "x-envoy-original-path",
    "x-request-uri",
    "x-forwarded-path",
];

/// What providers' URLs often begin with, and front proxies take away.
pub(super) const PREFIXES: &[&str] = &[
    "/api",
    "/v1",
    "/v2",
    "/api/v1",
    "/api/v2",
    "/callback",
    "/callbacks",
    "/webhook",
    "/webhooks",
    "/notify",
    "/notification",
    "/notifications",
    "/payment",
    "/payments",
    "/pay",
    "/hooks",
    "/gateway",
    "/public",
    "/app",
    "/service",
    "/rest",
    "/prod",
    "/test",
    "/stage",
    "/staging",
];

/// The most segments of a path, or parameters, that are looked at one by one: each costs a copy of the target.
const EACH: usize = 32;

fn suspect(diagnosis: Diagnosis, what: impl Into<String>, target: Vec<u8>) -> Suspect {
    Suspect {
        diagnosis,
        what: what.into(),
        mend: Mend::FrontProxy,
        variation: Variation::target(target),
    }
}

/// Other targets that may have been signed. `paths` are those of the configuration's routes.
pub(super) fn targets<'t>(
    target: &'t [u8],
    headers: &'t HeaderMap,
    paths: &'t [String],
) -> Suspects<'t> {
    let all = reported(headers)
        .chain(prefixes(target, headers, paths))
        .chain(codes(target))
        .chain(queries(target));
    Box::new(all.filter(move |one| one.variation.target.as_deref() != Some(target)))
}

/// The path, and the query with its question mark.
fn parts(target: &[u8]) -> (&[u8], &[u8]) {
    let at = target.iter().position(|byte| *byte == b'?');
    target
        .split_at_checked(at.unwrap_or(target.len()))
        .unwrap_or((target, &[]))
}

fn reported(headers: &HeaderMap) -> Suspects<'_> {
    let named = REPORTED
        .iter()
        .filter_map(|name| Some((name, headers.get(*name)?)));
    let found = named.filter(|(_, value)| value.as_bytes().starts_with(b"/"));
    Box::new(found.map(|(name, value)| {
        let what =
            format!("the target is taken from the header `{name}`, which any client can send");
        let found = suspect(Diagnosis::TargetRewritten, what, value.as_bytes().to_vec());
        Suspect {
            mend: Mend::Route,
            ..found
        }
    }))
}

fn prefixes<'t>(target: &'t [u8], headers: &'t HeaderMap, paths: &'t [String]) -> Suspects<'t> {
    let rewritten = Diagnosis::TargetRewritten;
    let (path, query) = parts(target);
    let forwarded = headers
        .get("x-forwarded-prefix")
        .and_then(|value| value.to_str().ok());
    let forwarded = forwarded.filter(|prefix| prefix.starts_with('/'));
    let own = paths.iter().map(|path| path.trim_end_matches('/'));
    // Each path of the configuration, and what it begins with.
    let own = own.flat_map(|path| {
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .skip(1)
            .chain([path.len()]);
        ends.filter_map(move |end| path.get(..end))
    });
    let is_forwarded = move |prefix: &str| forwarded == Some(prefix);
    let mut seen: Vec<&str> = Vec::new();
    for prefix in forwarded
        .into_iter()
        .chain(own)
        .chain(PREFIXES.iter().copied())
    {
        if !prefix.is_empty() && !seen.contains(&prefix) {
            seen.push(prefix);
        }
    }
    let added = seen.into_iter().map(move |prefix| {
        let warning = match is_forwarded(prefix) {
            true => ", taken from the header `x-forwarded-prefix`, which any client can send",
            false => "",
        };
        let what = format!("the prefix `{prefix}` is put in front of the path{warning}");
        let found = suspect(rewritten, what, [prefix.as_bytes(), target].concat());
        Suspect {
            mend: Mend::Route,
            ..found
        }
    });
    let mut cut = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.iter().skip(1).position(|byte| *byte == b'/') {
        if cut.len() >= EACH {
            break;
        }
        rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let shown = String::from_utf8_lossy(rest).into_owned();
        let what = format!("the path is cut to `{shown}`");
        cut.push(suspect(rewritten, what, [rest, query].concat()));
    }
    let slash = match path.strip_suffix(b"/") {
        Some(b"") => None,
        Some(cut) => {
            let what = "the slash at the end of the path is taken away";
            Some(suspect(rewritten, what, [cut, query].concat()))
        }
        None => {
            let what = "a slash is put at the end of the path";
            Some(suspect(rewritten, what, [path, b"/", query].concat()))
        }
    };
    let root = suspect(rewritten, "the path is `/`", [b"/", query].concat());
    Box::new(slash.into_iter().chain(added).chain(cut).chain([root]))
}

fn codes(target: &[u8]) -> Suspects<'_> {
    let encoding = Diagnosis::TargetEncoding;
    let (path, query) = parts(target);
    let mut all = Vec::new();
    let plain = |text: &[u8], plus| decoded(text, plus).unwrap_or_else(|| text.to_vec());
    for plus in [false, true] {
        let what = "percent codes in the target are decoded";
        all.push(suspect(
            encoding,
            what,
            [plain(path, false), plain(query, plus)].concat(),
        ));
        let what = "percent codes in the query are decoded";
        all.push(suspect(
            encoding,
            what,
            [path.to_vec(), plain(query, plus)].concat(),
        ));
    }
    let what = "percent codes in the path are decoded";
    all.push(suspect(
        encoding,
        what,
        [plain(path, false), query.to_vec()].concat(),
    ));
    for style in FORM_STYLES {
        for (kept, name) in [
            (&b"/"[..], ""),
            (b"/:@!$&'()*+,;=", ", without the signs that paths may have"),
        ] {
            let what = format!("the target is encoded {}{name}", style.name);
            let path = style.encoded(&plain(path, false), kept);
            let query = query_encoded(query, |text| style.encoded(&plain(text, true), b""));
            all.push(suspect(encoding, what, [path, query].concat()));
        }
        // What was encoded once too often, or not often enough.
        let what = format!("the query is encoded once more, {}", style.name);
        let query = query_encoded(query, |text| style.encoded(text, b""));
        all.push(suspect(encoding, what, [path.to_vec(), query].concat()));
    }
    for upper in [true, false] {
        let what = format!(
            "percent codes are in {} case",
            if upper { "upper" } else { "lower" }
        );
        all.push(suspect(encoding, what, cased(target, upper)));
    }
    Box::new(all.into_iter())
}

/// A query in which names and values are encoded anew.
fn query_encoded(query: &[u8], encode: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let Some(query) = query.strip_prefix(b"?") else {
        return Vec::new();
    };
    let parts = query.split(|byte| *byte == b'&').map(|part| {
        let sides: Vec<_> = part.splitn(2, |byte| *byte == b'=').map(&encode).collect();
        sides.join(&b'=')
    });
    let parts: Vec<_> = parts.collect();
    [b"?", &parts.join(&b'&')[..]].concat()
}

/// The target with the digits of percent codes in one case.
fn cased(target: &[u8], upper: bool) -> Vec<u8> {
    let mut since = usize::MAX;
    let cased = target.iter().map(|byte| {
        since = if *byte == b'%' {
            0
        } else {
            since.saturating_add(1)
        };
        match (since, upper) {
            (1 | 2, true) => byte.to_ascii_uppercase(),
            (1 | 2, false) => byte.to_ascii_lowercase(),
            _ => *byte,
        }
    });
    cased.collect()
}

fn queries(target: &[u8]) -> Suspects<'_> {
    let changed = Diagnosis::TargetQuery;
    let (path, query) = parts(target);
    let Some(query) = query.strip_prefix(b"?") else {
        let found = suspect(
            changed,
            "a question mark is put behind the path",
            [path, b"?"].concat(),
        );
        return Box::new([found].into_iter());
    };
    let parameters: Vec<_> = query.split(|byte| *byte == b'&').collect();
    let joined = |parameters: &[&[u8]]| {
        if parameters.is_empty() {
            return path.to_vec();
        }
        [path, b"?", &parameters.join(&b'&')].concat()
    };
    let mut all = vec![suspect(changed, "the query is taken away", path.to_vec())];
    for nth in 0..parameters.len().min(EACH) {
        let mut fewer = parameters.clone();
        let left_out = String::from_utf8_lossy(fewer.remove(nth)).into_owned();
        let name = left_out.split('=').next().unwrap_or_default();
        let what = format!("the parameter `{name}` is taken away");
        all.push(suspect(changed, what, joined(&fewer)));
    }
    let mut sorted = parameters.clone();
    sorted.sort_unstable();
    all.push(suspect(
        changed,
        "the parameters are sorted",
        joined(&sorted),
    ));
    let mut reversed = parameters;
    reversed.reverse();
    all.push(suspect(
        changed,
        "the parameters are in reverse order",
        joined(&reversed),
    ));
    Box::new(all.into_iter())
}

/// Other methods that may have been signed.
pub(super) fn methods(method: &Method) -> Suspects<'_> {
    let others = [
        Method::POST,
        Method::GET,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    let others = others.into_iter().filter(move |other| other != method);
    Box::new(others.map(|other| Suspect {
        diagnosis: Diagnosis::MethodChanged,
        what: format!("the method is {other}"),
        mend: Mend::FrontProxy,
        variation: Variation {
            method: Some(other),
            ..Variation::default()
        },
    }))
}
