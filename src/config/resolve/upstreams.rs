//! Where verified callbacks go.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use super::names::Names;
use super::settings::timeout;
use crate::config::model::{Server, Upstream, UpstreamTarget};
use crate::config::reader::{Table, Text, Value, quote};

pub(super) type Upstreams<'a> = Names<'a, Arc<Upstream>>;

const ECHO: &str = "echo";
const CONNECT: u64 = 5;
const READ: u64 = 60;
const WRITE: u64 = 60;
/// Short: a backend that closes an idle connection first may lose a callback.
const KEEPALIVE: u64 = 1;

pub(super) fn resolve<'a>(tables: &[Table<'a>], incomplete: bool) -> Upstreams<'a> {
    let mut upstreams = Names::new("upstream");
    upstreams.built_in(ECHO, Arc::new(echo()));
    if incomplete {
        upstreams.may_be_incomplete();
    }
    // A name is looked up once, however many upstreams have it.
    let mut resolver = HashMap::new();
    for table in tables {
        let name = table
            .require(
                "name",
                "add `name = \"...\"`: routes name the upstream by it",
            )
            .and_then(|value| value.text())
            .filter(|name| name.name().is_some());
        let upstream = upstream(table, name.map_or("", |name| name.text), &mut resolver);
        match name {
            Some(name) => upstreams.define(name, upstream.map(Arc::new)),
            None => upstreams.may_be_incomplete(),
        }
    }
    upstreams
}

fn echo() -> Upstream {
    Upstream {
        name: ECHO.to_owned(),
        target: UpstreamTarget::Echo,
        connect_timeout: Duration::from_secs(CONNECT),
        read_timeout: Duration::from_secs(READ),
        write_timeout: Duration::from_secs(WRITE),
        keepalive: Duration::from_secs(KEEPALIVE),
    }
}

/// The addresses of each `host:port`, or the system's message.
type Resolver<'a> = HashMap<&'a str, Result<Vec<SocketAddr>, String>>;

fn upstream<'a>(table: &Table<'a>, name: &str, resolver: &mut Resolver<'a>) -> Option<Upstream> {
    let connect_timeout = timeout(table, "connect_timeout", CONNECT);
    let read_timeout = timeout(table, "read_timeout", READ);
    let write_timeout = timeout(table, "write_timeout", WRITE);
    let keepalive = timeout(table, "keepalive", KEEPALIVE);
    let servers = servers(table, resolver)?;
    Some(Upstream {
        name: name.to_owned(),
        target: UpstreamTarget::Servers(servers),
        connect_timeout: connect_timeout?,
        read_timeout: read_timeout?,
        write_timeout: write_timeout?,
        keepalive: keepalive?,
    })
}

fn servers<'a>(table: &Table<'a>, resolver: &mut Resolver<'a>) -> Option<Vec<Server>> {
    let value = table.require("servers", "add `servers = [\"127.0.0.1:9000\"]`")?;
    let mut seen = HashMap::new();
    let servers = value.list_of(|item| {
        let text = item.text()?;
        if let Some(first) = seen.insert(text.text, text.place) {
            return text
                .error(
                    "duplicate server",
                    format!("{} is listed a second time", quote(text.text)),
                )
                .and(first, "first listed here")
                .help("list each server once")
                .report();
        }
        server(text, resolver)
    })?;
    not_empty(value, servers.into_iter().flatten().collect())
}

fn not_empty(value: Value<'_>, servers: Vec<Server>) -> Option<Vec<Server>> {
    if servers.is_empty() {
        return value
            .error("empty list", "an upstream needs at least one server")
            .help("write `servers = [\"127.0.0.1:9000\"]`")
            .report();
    }
    Some(servers)
}

/// The server under each of its addresses.
fn server<'a>(text: Text<'a>, resolver: &mut Resolver<'a>) -> Option<Vec<Server>> {
    check_form(text)?;
    let addresses = resolver
        .entry(text.text)
        .or_insert_with(|| look_up(text.text));
    match addresses {
        Ok(addresses) => Some(
            addresses
                .iter()
                .map(|address| Server { name: text.text.to_owned(), address: *address })
                .collect(),
        ),
        Err(error) => text
            .error("unknown host", format!("{} has no address", quote(text.text)))
            .note(error.as_str())
            .help("server names are resolved when the configuration is read: correct the name, or write an IP address")
            .report(),
    }
}

fn look_up(server: &str) -> Result<Vec<SocketAddr>, String> {
    match server.to_socket_addrs() {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.collect();
            if addresses.is_empty() {
                Err("the name has no address".to_owned())
            } else {
                Ok(addresses)
            }
        }
        Err(error) => Err(error.to_string()),
    }
}

/// `host:port` and nothing else.
fn check_form(text: Text<'_>) -> Option<()> {
    let server = text.text;
    let (host, port) = server.rsplit_once(':').unwrap_or((server, ""));
    let (why, help) = if let Some(rest) = server.strip_prefix("http://") {
        (
            "a server is a host and a port, without scheme and path",
            with_port(rest),
        )
    } else if server.starts_with("https://") {
        (
            "TLS to a server is not known",
            "name a server that speaks plain HTTP, such as \"127.0.0.1:9000\"".to_owned(),
        )
    } else if server.starts_with("unix:") || server.starts_with('/') {
        (
            "Unix sockets are not known",
            "name a server by host and port, such as \"127.0.0.1:9000\"".to_owned(),
        )
    } else if server.contains('/') {
        (
            "a server is a host and a port, without path",
            with_port(server),
        )
    } else if let Ok(IpAddr::V6(address)) = server.parse() {
        (
            "an IPv6 address stands in brackets, and the port is missing",
            format!("write \"[{address}]:9000\""),
        )
    } else if host.is_empty() {
        ("the host is missing", "write \"127.0.0.1:9000\"".to_owned())
    } else if !server.contains(':') || port.is_empty() {
        ("the port is missing", with_port(host))
    } else if !port.parse::<u16>().is_ok_and(|port| port != 0) {
        ("the port is not a number from 1 to 65535", with_port(host))
    } else if host.contains(char::is_whitespace) {
        (
            "a host has no spaces",
            "write \"127.0.0.1:9000\"".to_owned(),
        )
    } else {
        return Some(());
    };
    text.error("invalid server", why).help(help).report()
}

/// The server that was probably meant.
fn with_port(server: &str) -> String {
    let authority = server.split('/').next().unwrap_or_default();
    let port = authority
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse::<u16>().ok());
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    match port {
        Some(port) => format!("write \"{host}:{port}\""),
        None => format!("write \"{host}:80\", or another port"),
    }
}
