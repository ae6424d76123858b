//! The Host of requests to a server that do not pass on the client's.

use std::borrow::Cow;

use super::server::Address;
use crate::config::{Endpoint, SentHost, UpstreamServer};

/// The Host that a server gets in health checks and, unless it gets the client's, in callbacks.
pub(super) fn own_host(sent: &SentHost, server: &UpstreamServer, address: &Address) -> String {
    match sent {
        SentHost::Name(name) => name.clone(),
        SentHost::Server => of_server(server, address),
        // Health checks have no client.
        SentHost::Client => listed(server, address).into_owned(),
    }
}

/// The server as the configuration lists it.
fn listed<'s>(server: &'s UpstreamServer, address: &Address) -> Cow<'s, str> {
    match (&server.endpoint, address) {
        (
            Endpoint::Inet {
                host: Some(host), ..
            },
            _,
        ) => host.into(),
        (_, Address::Inet(address)) => address.to_string().into(),
        (_, Address::Unix(_)) => "localhost".into(),
    }
}

/// As a client of the server would send it: the name that its certificate must be for, or its host;
/// with the port unless that is the usual one.
fn of_server(server: &UpstreamServer, address: &Address) -> String {
    let listed = listed(server, address);
    let (host, port) = match listed.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (&*listed, None),
    };
    let usual = if server.tls.is_some() { "443" } else { "80" };
    let host = match &server.tls {
        Some(tls) => match tls.name.to_str() {
            address if address.contains(':') => format!("[{address}]").into(),
            name => name,
        },
        None => host.into(),
    };
    match port.filter(|port| *port != usual) {
        Some(port) => format!("{host}:{port}"),
        None => host.into_owned(),
    }
}
