//! Other URLs that the provider may have called.

use http::header::HOST;
use http::{HeaderMap, HeaderValue};

use super::other_targets::PREFIXES;
use crate::explain::diagnosis::Diagnosis;
use crate::explain::variation::{Mend, Suspect, Suspects, Variation};

/// Headers in which front proxies report the host that they were asked for.
const REPORTED: &[&str] = &["host", "x-forwarded-host", "x-original-host", "x-host"];

/// A host that may have been asked for, and a warning if any client can have named it.
type NamedHost = (String, String);

/// The hosts that headers report.
fn hosts(headers: &HeaderMap) -> Vec<NamedHost> {
    let named = REPORTED.iter().flat_map(|name| {
        let values = headers.get_all(*name).iter();
        values.map(move |value| (*name, value))
    });
    let hosts = named.filter_map(|(name, value)| {
        let host = value.to_str().ok()?.split(',').next()?.trim();
        let warning = format!(", taken from the header `{name}`, which any client can send");
        (!host.is_empty()).then(|| (host.to_owned(), warning))
    });
    hosts.collect()
}

/// Other forms of a host that is known.
fn forms(bare: &str) -> Vec<NamedHost> {
    let mut names: Vec<String> = { ["443", "80", "8443", "8080"].iter() }
        .map(|port| format!("{bare}:{port}"))
        .collect();
    names.push(match bare.strip_prefix("www.") {
        Some(short) => short.to_owned(),
        None => format!("www.{bare}"),
    });
    names.into_iter().map(own).collect()
}

const fn own(name: String) -> NamedHost {
    (name, String::new())
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
    let mut names = vec![own(host.to_owned()), own(bare.to_owned())];
    names.extend(forms(bare));
    names.extend(hosts(headers));
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
        names.clone().into_iter().flat_map(move |(name, warning)| {
            let urls = paths.clone().into_iter();
            urls.map(move |path| (format!("{scheme}://{name}{path}"), warning.clone()))
        })
    });
    // A prefix that the front proxy takes away, and one too many in the configuration.
    let origin = format!("{scheme}://{host}");
    let begun = |prefix: &&str| format!("{origin}{prefix}{path}");
    let mut rewritten: Vec<String> = PREFIXES.iter().map(begun).collect();
    let ends = path.match_indices('/').skip(1);
    let cut = ends.filter_map(|(at, _)| path.get(at..));
    rewritten.extend(cut.map(|rest| format!("{origin}{rest}")));
    let all = all.chain(rewritten.into_iter().map(own));
    let all = all.filter(move |(other, _)| Some(other.as_str()) != url);
    let configured = url.unwrap_or_default();
    Box::new(all.map(move |(url, warning)| Suspect {
        diagnosis: Diagnosis::PublicUrl,
        what: format!("`public_url` is `{url}` instead of `{configured}`{warning}"),
        mend: Mend::Route,
        variation: Variation {
            public_url: Some(url),
            ..Variation::default()
        },
    }))
}

/// Other hosts that the provider may have signed.
pub(super) fn other_hosts(headers: &HeaderMap) -> Suspects<'_> {
    if headers.get_all(HOST).iter().nth(1).is_some() {
        return Box::new(std::iter::empty());
    }
    let asked = headers.get(HOST).and_then(|host| host.to_str().ok());
    let asked = asked.unwrap_or_default().to_owned();
    let bare = asked.split(':').next().unwrap_or_default().to_owned();
    let mut names = vec![own(bare.clone())];
    names.extend(forms(&bare));
    names.extend(hosts(headers));
    let names = names.into_iter().filter(move |(name, _)| *name != asked);
    Box::new(names.filter_map(|(name, warning)| {
        let mut changed = headers.clone();
        changed.insert(HOST, HeaderValue::from_str(&name).ok()?);
        Some(Suspect {
            diagnosis: Diagnosis::HostChanged,
            what: format!("the Host is `{name}`{warning}"),
            mend: Mend::FrontProxy,
            variation: Variation::headers(changed),
        })
    }))
}
