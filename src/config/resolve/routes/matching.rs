//! Which requests a route accepts.

use http::Method;

use super::literal_path::{self, PathUse};
use crate::config::backend::{MAX_HOST, is_ambiguous_path};
use crate::config::diagnostic::WarningName;
use crate::config::model::{HostPattern, PathPattern};
use crate::config::reader::{Table, Text, Value, describe, misspelt_by_one, quote};

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
    literal_path::check(text, PathUse::Compared)?;
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
        Ok(method) if text.text == upper && method != Method::CONNECT => {
            if !known.contains(&upper.as_str())
                && let Some(meant) = misspelt_by_one(text.text, known)
            {
                let why = format!(
                    "{} is almost `{meant}`, but not a known method",
                    quote(text.text)
                );
                text.warning(WarningName::UnknownMethod, why)
                    .help(format!("write \"{meant}\", if that is meant"))
                    .report::<()>();
            }
            return Some(method);
        }
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
