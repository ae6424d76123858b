//! The current state of the servers, as plain values for metrics and the status page.

use std::time::Instant;

use super::UpstreamGroups;
use super::group::{Group, Unresolved};
use super::server::Server;

/// One upstream at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::proxy) struct UpstreamSnapshot {
    pub(in crate::proxy) name: String,
    pub(in crate::proxy) servers: Vec<ServerSnapshot>,
}

/// One server with one address at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::proxy) struct ServerSnapshot {
    /// As configured; the same for all addresses of a name.
    pub(in crate::proxy) name: String,
    /// IP address and port, or `unix:` and the path; `None` if its name has no address.
    pub(in crate::proxy) address: Option<String>,
    pub(in crate::proxy) weight: u32,
    pub(in crate::proxy) backup: bool,
    pub(in crate::proxy) condition: Condition,
    /// Callbacks that it has not answered yet.
    pub(in crate::proxy) in_flight: usize,
    /// How often it was chosen, since the proxy started.
    pub(in crate::proxy) picked: u64,
    /// How often it failed, since the proxy started.
    pub(in crate::proxy) fails: u64,
    /// The same over all addresses that its name has or had.
    pub(in crate::proxy) picked_by_name: u64,
    pub(in crate::proxy) fails_by_name: u64,
    /// Idle connections.
    pub(in crate::proxy) idle: usize,
}

/// Whether a server gets callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proxy) enum Condition {
    /// It does.
    Up,
    /// Not for now: it failed too often.
    Out,
    /// Not until its health checks pass.
    Unhealthy,
    /// Not until its name has an address.
    Unresolved,
    /// Not until the configuration changes.
    Down,
}

impl Condition {
    /// One word, for labels.
    pub(in crate::proxy) const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Out => "out",
            Self::Unhealthy => "unhealthy",
            Self::Unresolved | Self::Down => "down",
        }
    }

    /// Why it gets no callbacks.
    pub(in crate::proxy) const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Up => None,
            Self::Out => Some("it failed too often"),
            Self::Unhealthy => Some("its health checks fail"),
            Self::Unresolved => Some("its name has no address"),
            Self::Down => Some("the configuration says so"),
        }
    }
}

impl UpstreamGroups {
    /// Every upstream with its servers, by name.
    pub(in crate::proxy) fn snapshot(&self) -> Vec<UpstreamSnapshot> {
        let now = Instant::now();
        let mut groups: Vec<_> = self.by_name.values().collect();
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        groups.iter().map(|group| of_group(group, now)).collect()
    }
}

fn of_group(group: &Group, now: Instant) -> UpstreamSnapshot {
    let servers = group.servers();
    let resolved = servers
        .all()
        .map(|(server, backup)| of_server(server, backup, now));
    let unresolved = servers.unresolved().iter().map(of_unresolved);
    UpstreamSnapshot {
        name: group.name.to_string(),
        servers: resolved.chain(unresolved).collect(),
    }
}

fn of_server(server: &Server, backup: bool, now: Instant) -> ServerSnapshot {
    ServerSnapshot {
        name: server.name.to_string(),
        address: Some(server.address.to_string()),
        weight: server.weight,
        backup,
        condition: if server.down {
            Condition::Down
        } else if server.is_unhealthy() {
            Condition::Unhealthy
        } else if server.is_out(now) {
            Condition::Out
        } else {
            Condition::Up
        },
        in_flight: server.state.in_flight(),
        picked: server.state.count.picked(),
        fails: server.state.count.fails(),
        picked_by_name: server.count.picked(),
        fails_by_name: server.count.fails(),
        idle: server.pool.len(),
    }
}

fn of_unresolved(server: &Unresolved) -> ServerSnapshot {
    ServerSnapshot {
        name: server.name.to_string(),
        address: None,
        weight: server.weight,
        backup: server.backup,
        condition: match server.down {
            true => Condition::Down,
            false => Condition::Unresolved,
        },
        in_flight: 0,
        picked: 0,
        fails: 0,
        picked_by_name: server.count.picked(),
        fails_by_name: server.count.fails(),
        idle: 0,
    }
}
