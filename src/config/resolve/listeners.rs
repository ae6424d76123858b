//! Listeners and their addresses.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::files::FilesRead;
use super::{health_path, tls};
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::listen_address::ListenAddress;
use crate::config::model::Listener;
use crate::config::reader::{Table, Text, Value, quote};

pub(super) fn resolve(
    top: &Table<'_>,
    tables: &[Table<'_>],
    incomplete: bool,
    read: &mut FilesRead,
    has_trusted_proxies: Option<bool>,
) -> Option<Vec<Listener>> {
    if tables.is_empty() && !incomplete {
        top.missing(
            "a configuration needs at least one `[[listener]]`",
            "add `[[listener]]` followed by `address = \"127.0.0.1:8080\"`",
        );
    }
    let mut taken = HashMap::new();
    let listeners: Vec<_> = tables
        .iter()
        .map(|table| listener(table, &mut taken, read, has_trusted_proxies))
        .collect();
    listeners.into_iter().collect()
}

fn listener(
    table: &Table<'_>,
    taken: &mut HashMap<ListenAddress, Place>,
    read: &mut FilesRead,
    has_trusted_proxies: Option<bool>,
) -> Option<Listener> {
    let http2 = table.read("http2", Value::boolean);
    let proxy_protocol = table.read("proxy_protocol", |value| {
        let on = value.boolean()?;
        if on && has_trusted_proxies == Some(false) {
            return value
                .error(
                    "nobody to believe",
                    "only trusted proxies may use the PROXY protocol, and there are none",
                )
                .help("add the load balancer to `trusted_proxies` at the top level")
                .report();
        }
        Some(on)
    });
    let tls = table.optional("tls", |value| {
        tls::tls(value, http2.unwrap_or_default(), read)
    });
    let health = health_path::read(table);
    let text = table
        .require("address", "add `address = \"127.0.0.1:8080\"`")?
        .text()?;
    let mode = mode(table, text);
    let address = listen_address(text)?;
    if let Some(first) = find_overlap(taken, &address) {
        table.problems().report(
            Diagnostic::error(
                "duplicate listener",
                text.place,
                "this address is already in use",
            )
            .and(first, "by this listener")
            .help(
                "an address can be used once; 0.0.0.0 includes all IPv4 interfaces, and [::] all \
                  of IPv4 and IPv6",
            ),
        );
        return None;
    }
    taken.insert(address.clone(), text.place);
    Some(Listener {
        address,
        mode: mode?,
        http2: http2?,
        proxy_protocol: proxy_protocol?,
        health: health?,
        tls: tls?,
    })
}

/// The first listener that conflicts with this address.
fn find_overlap(taken: &HashMap<ListenAddress, Place>, address: &ListenAddress) -> Option<Place> {
    let beside = taken.iter().filter(|(other, _)| overlap(other, address));
    beside.map(|(_, place)| *place).min()
}

/// Whether the system allows only one of the two listeners.
pub(super) fn overlap(one: &ListenAddress, other: &ListenAddress) -> bool {
    match (one.tcp(), other.tcp()) {
        // Port 0 stands for any free port.
        (Some(one), Some(other)) => {
            one.port() == other.port()
                && one.port() != 0
                && (takes(one.ip(), other.ip()) || takes(other.ip(), one.ip()))
        }
        _ => one == other,
    }
}

/// The address to listen on: an address and port, or `unix:` and a path.
pub(super) fn listen_address(text: Text<'_>) -> Option<ListenAddress> {
    match text.text.strip_prefix("unix:") {
        Some(path) => socket_path(text, path).map(ListenAddress::Unix),
        None => address(text).map(ListenAddress::Tcp),
    }
}

/// The path of a Unix socket.
fn socket_path(text: Text<'_>, path: &str) -> Option<PathBuf> {
    let resolved = text.relative(path);
    let why = match std::os::unix::net::SocketAddr::from_pathname(&resolved) {
        Ok(_) if !path.is_empty() => return Some(resolved),
        Ok(_) => "the path of the socket is missing".to_owned(),
        Err(error) => format!("`{}`: {error}", resolved.display()),
    };
    text.error("invalid address", why)
        .help("write \"unix:/run/countersign/http.sock\", of at most 107 bytes")
        .report()
}

/// The mode of a Unix socket's file.
pub(super) fn mode(table: &Table<'_>, address: Text<'_>) -> Option<u32> {
    if table.has("mode") && !address.text.starts_with("unix:") {
        return table
            .get("mode")?
            .text()?
            .error(
                "needless setting",
                "only the file of a Unix socket has a mode",
            )
            .help("remove `mode`; use a firewall to limit who may connect to an address")
            .report();
    }
    table.read("mode", |value| {
        let text = value.text()?;
        let digits = text.text.len() == 3 && text.text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        let mode = u32::from_str_radix(text.text, 8).ok().filter(|_| digits);
        mode.or_else(|| {
            text.error("invalid mode", "a mode has three digits from 0 to 7")
                .help("write \"660\" for the owner and the group, or \"666\" for everybody on this machine")
                .report()
        })
    })
}

/// Whether a listener on one address also accepts connections to another.
fn takes(listener: IpAddr, other: IpAddr) -> bool {
    match listener {
        IpAddr::V4(ip) if ip.is_unspecified() => other.to_canonical().is_ipv4(),
        // By default, systems let an IPv6 socket accept IPv4 connections as well.
        IpAddr::V6(ip) if ip.is_unspecified() => true,
        ip => ip.to_canonical() == other.to_canonical(),
    }
}

fn address(text: Text<'_>) -> Option<SocketAddr> {
    if let Ok(address) = text.text.parse() {
        return Some(address);
    }
    let (host, port) = text.text.rsplit_once(':').unwrap_or((text.text, ""));
    let port_ok = port.parse::<u16>().is_ok();
    let (why, help) = if let Ok(ip) = text.text.parse::<IpAddr>() {
        (
            "the port is missing".to_owned(),
            SocketAddr::new(ip, 8080).to_string(),
        )
    } else if host.is_empty() && port_ok {
        (
            "the IP address is missing".to_owned(),
            format!("0.0.0.0:{port}\" for all interfaces, or \"127.0.0.1:{port}"),
        )
    } else if text.text.parse::<u16>().is_ok() {
        (
            "the IP address is missing".to_owned(),
            format!(
                "0.0.0.0:{0}\" for all interfaces, or \"127.0.0.1:{0}",
                text.text
            ),
        )
    } else if host == "localhost" && port_ok {
        (
            "a listener needs an IP address, not a name".to_owned(),
            format!("127.0.0.1:{port}"),
        )
    } else if port_ok {
        (
            format!("{} is not an IP address", quote(host)),
            format!("127.0.0.1:{port}"),
        )
    } else {
        (
            format!("{} is not an IP address and a port", quote(text.text)),
            "127.0.0.1:8080".to_owned(),
        )
    };
    text.error("invalid address", why)
        .help(format!("write \"{help}\""))
        .report()
}
