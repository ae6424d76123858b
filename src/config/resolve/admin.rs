//! The admin listener.

use std::net::SocketAddr;

use super::listeners;
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::listen_address::ListenAddress;
use crate::config::model::{Admin, Listener};
use crate::config::reader::Table;

/// `None` after an error, `Some(None)` if there is no `[admin]` table.
pub(super) fn resolve(top: &Table<'_>, traffic: Option<&[Listener]>) -> Option<Option<Admin>> {
    if !top.has("admin") {
        return Some(None);
    }
    let table = top.table("admin")?;
    let text = table
        .require("address", "add `address = \"127.0.0.1:9180\"`")?
        .text()?;
    let mode = listeners::mode(&table, text);
    let address = listeners::listen_address(text)?;
    let overlaps = |listener: &&Listener| listeners::overlap(&listener.address, &address);
    if let Some(listener) = traffic.unwrap_or_default().iter().find(overlaps) {
        let mine = match address {
            ListenAddress::Tcp(_) => "port of its own, such as 127.0.0.1:9180",
            ListenAddress::Unix(_) => "file of its own",
        };
        return text
            .error(
                "duplicate listener",
                format!("a `[[listener]]` already uses {}", listener.address),
            )
            .help(format!("give the admin listener a {mine}"))
            .report();
    }
    let is_public = |address: SocketAddr| !address.ip().to_canonical().is_loopback();
    if address.tcp().is_some_and(is_public) {
        table.problems().report(
            Diagnostic::warning(
                WarningName::PublicAdmin,
                text.place,
                "everybody who reaches this address can read names of routes, keys and servers, \
                 and the traffic",
            )
            .help("write \"127.0.0.1:9180\", or use a firewall that lets only monitoring through"),
        );
    }
    Some(Some(Admin {
        address,
        mode: mode?,
    }))
}
