//! The Host that servers get.

use std::net::Ipv6Addr;

use crate::config::backend::MAX_HOST;
use crate::config::model::SentHost;
use crate::config::reader::{Text, Value, describe};

pub(super) fn sent_host(value: Value<'_>) -> Option<SentHost> {
    let text = value.text()?;
    match text.text {
        "client" => Some(SentHost::Client),
        "server" => Some(SentHost::Server),
        word if ["client", "server"].contains(&&*word.to_ascii_lowercase()) => text
            .error("invalid host", "this word is written in lower case")
            .help(format!("write \"{}\"", word.to_ascii_lowercase()))
            .report(),
        _ => host(text).map(SentHost::Name),
    }
}

/// A host name or address, with or without port: nothing that two servers could read differently.
pub(super) fn host(text: Text<'_>) -> Option<String> {
    let written = text.text;
    let (name, port) = match written.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, "")) => (address, None),
            Some((address, rest)) => (address, rest.strip_prefix(':').or(Some(""))),
            None => (rest, None),
        },
        None => match written.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (written, None),
        },
    };
    let is_bracketed = written.starts_with('[');
    let (why, help) = if written.contains('/') {
        (
            "a Host is a name without scheme and path".to_owned(),
            "write \"pay.example.com\"",
        )
    } else if written.parse::<Ipv6Addr>().is_ok() {
        (
            "an IPv6 address must be in brackets".to_owned(),
            "write \"[::1]\"",
        )
    } else if port.is_some_and(|port| !is_port(port)) {
        (
            "the port is not a number from 1 to 65535".to_owned(),
            "write \"pay.example.com:8443\", or remove the port",
        )
    } else if is_bracketed {
        if name.parse::<Ipv6Addr>().is_ok() && written.contains(']') {
            return Some(written.to_owned());
        }
        (
            "what is in brackets is not an IPv6 address".to_owned(),
            "write \"[::1]\", or a name without brackets",
        )
    } else if let Some(bad) = name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || "-_.".contains(*c)))
    {
        (
            format!("a Host must not contain {}", describe(bad)),
            "write a name, \"client\" for the Host that the client sent, or \"server\" for the \
             server's own",
        )
    } else if name.split('.').any(str::is_empty) || name.len() > MAX_HOST {
        (
            "this is not a host name".to_owned(),
            "write \"pay.example.com\"",
        )
    } else {
        return Some(written.to_owned());
    };
    text.error("invalid host", why).help(help).report()
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok_and(|port| port != 0)
}
