//! Which requests a route accepts.

use http::Method;

use crate::config::backend::{MAX_HOST, is_ambiguous_path};
use crate::config::diagnostic::WarningName;
use crate::config::model::{HostPattern, PathPattern};
use crate::config::reader::{Table, Text, Value, describe, quote};

pub(super) fn host(table: &Table<'_>) -> Option<HostPattern> {
    let host = table.optional("host", |value| {
        let text = value.text()?;
        let lower = text.text.to_ascii_lowercase();
        let (name, suffix) = match lower.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (lower.as_str(), false),
        };
        check_host(text, name, suffix)?;
        Some(if suffix {
            HostPattern::Suffix(format!(".{name}"))
        } else {
            HostPattern::Exact(lower)
        })
    })?;
    Some(host.unwrap_or(HostPattern::Any))
}

fn check_host(text: Text<'_>, name: &str, suffix: bool) -> Option<()> {
    let is_v6 = |name: &str| {
        let address = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        address.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
    };
    if is_v6(name) && !suffix {
        return Some(());
    }
    let without_port = name
        .rsplit_once(':')
        .map(|(host, port)| (host, port.parse::<u16>().is_ok()));
    let (why, help) = if name.chars().all(|c| "*_-".contains(c)) {
        (
            "this is not a host name".to_owned(),
            "remove `host` to accept every host".to_owned(),
        )
    } else if name.contains('/') {
        (
            "a host is a name without scheme and path".to_owned(),
            "write \"pay.example.com\", and the path as `path`".to_owned(),
        )
    } else if let Some((host, true)) = without_port {
        (
            "hosts are compared without the port".to_owned(),
            format!(
                "write \"{}{}\"",
                if suffix { "*." } else { "" },
                host.escape_debug()
            ),
        )
    } else if name.contains('*') {
        (
            "`*` can only be the first part".to_owned(),
            "write \"*.example.com\"".to_owned(),
        )
    } else if let Some(bad) = name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || "-_.".contains(*c)))
    {
        let help = if bad.is_ascii() {
            "write a name such as \"pay.example.com\""
        } else {
            "write the name in its ASCII form, which starts with `xn--`"
        };
        (
            format!("a host must not contain {}", describe(bad)),
            help.to_owned(),
        )
    } else if name.split('.').any(str::is_empty) {
        (
            "a part of the name is empty".to_owned(),
            if name.starts_with('.') && !suffix {
                format!("write \"*{name}\" for every host with this ending")
            } else {
                "remove the extra dot".to_owned()
            },
        )
    } else if name.len() > MAX_HOST {
        (
            format!("a host has at most {MAX_HOST} characters"),
            "use a shorter name".to_owned(),
        )
    } else {
        return Some(());
    };
    text.error("invalid host", why).help(help).report()
}

/// The path or path prefix, with its place.
pub(super) fn path<'a>(table: &Table<'a>) -> Option<(PathPattern, Text<'a>)> {
    let help = "add `path = \"/...\"` for one path, or `path_prefix = \"/.../\"` for all paths that \
         start with it";
    let (key, value) = table.require_one(["path", "path_prefix"], help)?;
    let text = value.text()?;
    check_path(text)?;
    warn_of_pattern(text);
    if key == "path_prefix" {
        check_prefix(text)?;
    }
    let path = text.text.to_owned();
    Some((
        if key == "path" {
            PathPattern::Exact(path)
        } else {
            PathPattern::Prefix(path)
        },
        text,
    ))
}

pub(super) fn check_path(text: Text<'_>) -> Option<()> {
    let path = text.text;
    let (why, help) = if !path.starts_with('/') {
        (
            "a path must start with `/`".to_owned(),
            format!("write \"/{}\"", path.escape_debug()),
        )
    } else if path.contains(['?', '#']) {
        (
            "a path ends before the `?`".to_owned(),
            "remove the query: it has no influence on the choice of the route".to_owned(),
        )
    } else if path.contains('*') {
        (
            "a path cannot contain wildcards".to_owned(),
            "write `path_prefix` with the part before the `*`".to_owned(),
        )
    } else if let Some(bad) = path.chars().find(|c| !c.is_ascii_graphic()) {
        (
            format!(
                "paths are compared as sent, and {} is never sent unencoded",
                describe(bad)
            ),
            "write it percent-encoded, such as `%20` for a space".to_owned(),
        )
    } else {
        return Some(());
    };
    text.error("invalid path", why).help(help).report()
}

/// Warns of a path that another server or framework would take for a pattern.
fn warn_of_pattern(text: Text<'_>) {
    // Clients percent-encode these, so no request has them.
    const NEVER_SENT: &str = "{}<>^|\\[]`\"";
    let is_parameter = |segment: &str| {
        let name = segment.strip_prefix(':');
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    let is_pattern =
        |segment: &&str| is_parameter(segment) || segment.contains(|c| NEVER_SENT.contains(c));
    let Some(segment) = text.text.split('/').find(is_pattern) else {
        return;
    };
    let before = text.text.split(segment).next().unwrap_or_default();
    let help = match before {
        "" | "/" => "write the path as the provider calls it".to_owned(),
        before => format!(
            "write the path as the provider calls it, or `path_prefix = \"{}\"` for all paths that \
             start with this",
            before.escape_debug()
        ),
    };
    let why = format!(
        "paths are compared as they are: {} stands for itself, not for other text",
        quote(segment)
    );
    text.warning(WarningName::PatternInPath, why)
        .help(help)
        .report::<()>();
}

/// Reports a prefix below which the proxy rejects every path.
fn check_prefix(text: Text<'_>) -> Option<()> {
    // The prefix may end within a segment, so the check completes it.
    if !is_ambiguous_path(&format!("{}x", text.text)) {
        return Some(());
    }
    text.error(
        "invalid path",
        "below a prefix, paths with empty or dot segments or an encoded `/`, `\\` or `%` are \
         refused",
    )
    .help("write the prefix as backends normalise it, or complete paths with `path`")
    .report()
}

pub(super) fn methods(table: &Table<'_>) -> Option<Vec<Method>> {
    table.read("methods", |value| {
        let mut methods: Vec<Method> = Vec::new();
        let read = value.list_of(|item| {
            let method = method(item)?;
            if methods.contains(&method) {
                return item
                    .error("duplicate method", format!("`{method}` is already listed"))
                    .help("list each method once")
                    .report();
            }
            methods.push(method);
            Some(())
        });
        read?;
        if methods.is_empty() {
            return value
                .error("empty list", "the route would accept no request")
                .help("write `methods = [\"POST\"]`, or remove `methods`")
                .report();
        }
        Some(methods)
    })
}

fn method(value: Value<'_>) -> Option<Method> {
    let text = value.text()?;
    let upper = text.text.to_ascii_uppercase();
    let known = ["POST", "PUT", "PATCH", "GET", "HEAD", "DELETE", "OPTIONS"];
    let is_placeholder = matches!(upper.as_str(), "*" | "ANY" | "ALL");
    let draft = match Method::from_bytes(text.text.as_bytes()) {
        Ok(_) if is_placeholder => text.error(
            "invalid method",
            "a route lists its methods; nothing stands for all of them",
        ),
        // Operators may use methods of their own, but in upper case like all others.
        Ok(method) if text.text == upper && method != Method::CONNECT => return Some(method),
        Ok(_) if upper == "CONNECT" => text.error("invalid method", "a tunnel is not a callback"),
        Ok(_) => text.error("invalid method", "methods are case-sensitive"),
        Err(_) => text.error(
            "invalid method",
            format!("{} is not a method", quote(text.text)),
        ),
    };
    match known.into_iter().find(|known| *known == upper) {
        Some(meant) => draft.help(format!("write \"{meant}\"")),
        None => draft.help("callbacks use \"POST\""),
    }
    .report()
}
