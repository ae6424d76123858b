//! Other URLs that the provider may have called.

use http::header::HOST;
use http::{HeaderMap, HeaderValue};

use super::other_targets::PREFIXES;
use crate::explain::diagnosis::Diagnosis;
use crate::explain::variation::{Mend, Suspect, Suspects, Variation};

/// Headers in which front proxies report the host that they were asked for.
const REPORTED: &[&str] = &["host", "x-forwarded-host", "x-original-host", "x-host"];

fn hosts(headers: &HeaderMap) -> Vec<String> {
    let named = REPORTED.iter().flat_map(|name| headers.get_all(*name));
    let texts = named.filter_map(|value| value.to_str().ok());
    let first = texts.filter_map(|text| Some(text.split(',').next()?.trim().to_owned()));
    let mut hosts: Vec<String> = first.filter(|host| !host.is_empty()).collect();
    hosts.dedup();
    hosts
}

/// Other public URLs of the route, if it has one.
pub(super) fn public_urls<'t>(
    url: Option<&'t str>,
    headers: &'t HeaderMap,
    target: &'t [u8],
) -> Suspects<'t> {
    let Some((scheme, rest)) = url.and_then(|url| url.split_once("://")) else {
        return Box::new(std::iter::empty());
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let other_scheme = if scheme == "https" { "http" } else { "https" };
    let bare = host.split(':').next().unwrap_or(host);
    let mut names = vec![host.to_owned(), bare.to_owned()];
    names.extend(hosts(headers));
    for port in ["443", "80", "8443", "8080"] {
        names.push(format!("{bare}:{port}"));
    }
    names.push(match bare.strip_prefix("www.") {
        Some(short) => short.to_owned(),
        None => format!("www.{bare}"),
    });
    let target = String::from_utf8_lossy(target).into_owned();
    let target_path = target.split('?').next().unwrap_or_default().to_owned();
    let slashed = match path.strip_suffix('/') {
        Some(cut) => cut.to_owned(),
        None => format!("{path}/"),
    };
    let mut paths = vec![path.to_owned(), slashed, String::new(), "/".to_owned()];
    paths.extend([target_path, target]);
    let schemes = [scheme, other_scheme];
    let all = schemes.into_iter().flat_map(move |scheme| {
        let paths = paths.clone();
        names.clone().into_iter().flat_map(move |name| {
            let urls = paths.clone().into_iter();
            urls.map(move |path| format!("{scheme}://{name}{path}"))
        })
    });
    // A prefix that the front proxy takes away, and one too many in the configuration.
    let own = format!("{scheme}://{host}");
    let begun = |prefix: &&str| format!("{own}{prefix}{path}");
    let mut rewritten: Vec<String> = PREFIXES.iter().map(begun).collect();
    let ends = path.match_indices('/').skip(1);
    let cut = ends.filter_map(|(at, _)| path.get(at..));
    rewritten.extend(cut.map(|rest| format!("{own}{rest}")));
    let all = all.chain(rewritten);
    let all = all.filter(move |other| Some(other.as_str()) != url);
    Box::new(all.map(|url| Suspect {
        diagnosis: Diagnosis::PublicUrl,
        what: format!("`public_url` is `{url}`"),
        mend: Mend::Route,
        variation: Variation {
            public_url: Some(url),
            ..Variation::default()
        },
    }))
}

/// Other hosts that the provider may have signed.
pub(super) fn other_hosts(headers: &HeaderMap) -> Suspects<'_> {
    let own = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = own.unwrap_or_default().to_owned();
    let bare = own.split(':').next().unwrap_or_default().to_owned();
    let mut names = hosts(headers);
    names.push(bare.clone());
    for port in ["443", "80", "8443", "8080"] {
        names.push(format!("{bare}:{port}"));
    }
    names.push(match bare.strip_prefix("www.") {
        Some(short) => short.to_owned(),
        None => format!("www.{bare}"),
    });
    let names = names.into_iter().filter(move |name| *name != own);
    Box::new(names.filter_map(|name| {
        let mut changed = headers.clone();
        changed.insert(HOST, HeaderValue::from_str(&name).ok()?);
        Some(Suspect {
            diagnosis: Diagnosis::HostChanged,
            what: format!("the Host is `{name}`"),
            mend: Mend::FrontProxy,
            variation: Variation::headers(changed),
        })
    }))
}
