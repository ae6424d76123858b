//! Where the admin listener is.

use super::listeners::{self, takes};
use crate::config::diagnostic::Diagnostic;
use crate::config::model::{Admin, Listener};
use crate::config::reader::{Table, section};

/// `None` after an error, `Some(None)` without the table.
pub(super) fn resolve(top: &Table<'_>, traffic: Option<&[Listener]>) -> Option<Option<Admin>> {
    if !top.has("admin") {
        return Some(None);
    }
    let table = top.table("admin", &section::ADMIN)?;
    let text = table
        .require("address", "add `address = \"127.0.0.1:9180\"`")?
        .text()?;
    let address = listeners::address(text)?;
    let overlaps = |listener: &&Listener| {
        let Some((one, other)) = listener.address.tcp().zip(Some(address)) else {
            return false;
        };
        one.port() == other.port()
            && one.port() != 0
            && (takes(one.ip(), other.ip()) || takes(other.ip(), one.ip()))
    };
    if let Some(listener) = traffic.unwrap_or_default().iter().find(overlaps) {
        return text
            .error(
                "duplicate listener",
                format!("a `[[listener]]` takes {} already", listener.address),
            )
            .help("give the admin listener a port of its own, such as 127.0.0.1:9180")
            .report();
    }
    if !address.ip().to_canonical().is_loopback() {
        table.problems().report(
            Diagnostic::warning(
                "public admin listener",
                text.place,
                "whoever reaches this address reads names of routes, keys and servers, and how much comes in",
            )
            .help("write \"127.0.0.1:9180\", or see to it that a firewall lets only monitoring through"),
        );
    }
    Some(Some(Admin { address }))
}
