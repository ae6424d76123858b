//! Parses and resolves servers' addresses.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::path::Path;

use crate::config::backend::MAX_HOST;
use crate::config::diagnostic::WarningName;
use crate::config::model::Endpoint;
use crate::config::reader::Text;

/// The addresses of each `host:port`, or the system's error message.
pub(super) type Resolver<'a> = HashMap<&'a str, Result<Vec<SocketAddr>, String>>;

/// The maximum length of a Unix socket's path on Linux, in bytes.
const MAX_PATH: usize = 107;

/// What backends speak behind a web server.
const OTHER_PROTOCOLS: &[&str] = &["fcgi", "fastcgi", "scgi", "uwsgi", "ajp", "grpc"];

/// A server's address, and whether it asks for TLS.
pub(super) struct Written<'a> {
    pub(super) endpoint: Endpoint,
    /// Its name or IP address; not used for a Unix socket.
    pub(super) host: &'a str,
    pub(super) https: bool,
}

/// Reads an address. A name without one is an error unless it is looked up again later.
pub(super) fn read<'a>(
    text: Text<'a>,
    is_looked_up_again: bool,
    resolver: &mut Resolver<'a>,
) -> Option<Written<'a>> {
    let (https, server) = match text.text.strip_prefix("https://") {
        Some(server) => (true, server),
        None => (false, text.text),
    };
    let endpoint = endpoint(text, server, is_looked_up_again, resolver)?;
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
    Some(Written {
        endpoint,
        host,
        https,
    })
}

fn endpoint<'a>(
    text: Text<'a>,
    server: &'a str,
    is_looked_up_again: bool,
    resolver: &mut Resolver<'a>,
) -> Option<Endpoint> {
    if let Some(path) = text.text.strip_prefix("unix:") {
        return unix(text, path);
    }
    check_form(text, server)?;
    if let Ok(address) = server.parse::<SocketAddr>() {
        return Some(Endpoint::Inet {
            host: None,
            addresses: vec![address],
        });
    }
    let found = resolver.entry(server).or_insert_with(|| look_up(server));
    let addresses = match found {
        Ok(addresses) => addresses.clone(),
        Err(error) => {
            without_address(text, server, is_looked_up_again, error)?;
            Vec::new()
        }
    };
    Some(Endpoint::Inet {
        host: Some(server.to_owned()),
        addresses,
    })
}

/// Reports a name without an address: as a warning if it may have one later.
fn without_address(
    text: Text<'_>,
    server: &str,
    is_looked_up_again: bool,
    error: &str,
) -> Option<()> {
    let title = "unknown host";
    let why = format!("{} has no address", text.quoted());
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
    if !is_name(host) {
        let why = format!("{why}: its host is neither a name nor an IP address");
        return text
            .error(title, why)
            .help("correct the name, or write an IP address")
            .report();
    }
    if !is_looked_up_again {
        return text
            .error(title, why)
            .note(error)
            .help(
                "with `resolve = \"off\"`, names are resolved only when the configuration is read: \
                 correct the name, write an IP address, or remove `resolve`",
            )
            .report();
    }
    text.warning(WarningName::HostWithoutAddress, why)
        .note(error)
        .help(
            "correct the name, unless it will have an address later: until then, the server gets \
             no callbacks, and if it is the only one, they are answered 502 (a reload or an upgrade \
             keeps the addresses from before)",
        )
        .report::<()>();
    Some(())
}

/// Whether it could be a host name. A last part of digits makes it a mistyped IPv4 address.
fn is_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_part = |part: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !part.is_empty() && part.bytes().all(is_letter)
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= MAX_HOST
        && host.split('.').all(is_part)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

fn unix(text: Text<'_>, path: &str) -> Option<Endpoint> {
    let (why, help) = if !path.starts_with('/') {
        (
            "the path of a Unix socket must be absolute".to_owned(),
            "write \"unix:/run/shop.sock\"",
        )
    } else if path.len() > MAX_PATH || path.contains('\0') {
        (
            format!("the system accepts paths of at most {MAX_PATH} bytes, without NUL"),
            "use a shorter path",
        )
    } else {
        return Some(Endpoint::Unix(Path::new(path).to_owned()));
    };
    text.error("invalid server", why).help(help).report()
}

fn look_up(server: &str) -> Result<Vec<SocketAddr>, String> {
    match server.to_socket_addrs() {
        Ok(addresses) => {
            let mut addresses: Vec<_> = addresses.collect();
            // Lookups return a name's addresses in varying order.
            addresses.sort_unstable();
            addresses.dedup();
            if addresses.is_empty() {
                Err("the name has no address".to_owned())
            } else {
                Ok(addresses)
            }
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Accepts `host:port` and nothing else.
fn check_form(text: Text<'_>, server: &str) -> Option<()> {
    let https = text.text.len() != server.len();
    let (host, port) = server.rsplit_once(':').unwrap_or((server, ""));
    let (why, help) = if let Some((scheme, _)) = server.split_once("://")
        && OTHER_PROTOCOLS.contains(&scheme)
    {
        (
            "servers are spoken to in HTTP, and this is another protocol",
            "name a web server, such as nginx in front of it, as \"127.0.0.1:9000\"".to_owned(),
        )
    } else if let Some((_, rest)) = server.split_once("://") {
        (
            "a server is a host and a port, without scheme and path",
            with_port(rest, https),
        )
    } else if server.starts_with('/') {
        (
            "this is a path, not a host and a port",
            format!("write \"unix:{server}\" for a Unix socket"),
        )
    } else if server.contains('/') {
        (
            "a server is a host and a port, without path",
            with_port(server, https),
        )
    } else if let Ok(IpAddr::V6(address)) = server.parse() {
        (
            "an IPv6 address must be in brackets, and the port is missing",
            format!("write \"[{address}]:9000\""),
        )
    } else if host.is_empty() {
        ("the host is missing", "write \"127.0.0.1:9000\"".to_owned())
    } else if !server.contains(':') || port.is_empty() {
        ("the port is missing", with_port(host, https))
    } else if !port.parse::<u16>().is_ok_and(|port| port != 0) {
        (
            "the port is not a number from 1 to 65535",
            with_port(host, https),
        )
    } else if host.contains(char::is_whitespace) {
        (
            "a host must not contain spaces",
            "write \"127.0.0.1:9000\"".to_owned(),
        )
    } else {
        return Some(());
    };
    text.error("invalid server", why).help(help).report()
}

/// Suggests the server that was probably meant.
fn with_port(server: &str, https: bool) -> String {
    let authority = server.split('/').next().unwrap_or_default();
    // A server's address never contains a name and password.
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let port = authority
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse::<u16>().ok());
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    let (scheme, usual) = if https { ("https://", 443) } else { ("", 80) };
    match port {
        Some(port) => format!("write \"{scheme}{host}:{port}\""),
        None => format!("write \"{scheme}{host}:{usual}\", or another port"),
    }
}
