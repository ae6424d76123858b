//! Servers that turn out to be another upstream's, too, once their names have addresses.
//!
//! Routes are compared by what leads to their servers when the configuration is read.

use std::collections::HashSet;
use std::sync::Arc;

use log::warn;

use crate::config::same_server::ServerIdentity;
use crate::proxy::upstreams::group::Group;
use crate::proxy::upstreams::server::Address;

/// The upstreams of a generation, as one of them looks at them.
pub(super) struct SharedLater {
    groups: Arc<[Arc<Group>]>,
    /// Those that this one shares a server with: known, and told once.
    known: HashSet<Arc<str>>,
}

impl SharedLater {
    pub(super) fn new(own: &Group, groups: &Arc<[Arc<Group>]>) -> Self {
        let configured: HashSet<_> = ServerIdentity::all_of(&own.upstream).collect();
        let is_known = |group: &&Arc<Group>| {
            ServerIdentity::all_of(&group.upstream).any(|server| configured.contains(&server))
        };
        let known = groups.iter().filter(is_known);
        Self {
            known: known.map(|group| Arc::clone(&group.name)).collect(),
            groups: Arc::clone(groups),
        }
    }

    /// Warns of upstreams that share a server with this one by now.
    pub(super) fn warn(&mut self, own: &Group) {
        let now: HashSet<_> = servers(own).collect();
        for other in self.groups.iter() {
            if !self.known.contains(&other.name)
                && servers(other).any(|server| now.contains(&server))
            {
                self.known.insert(Arc::clone(&other.name));
                warn!(
                    "upstream {}: it has a server of upstream {}, which was not known when the \
                     configuration was read: reload it, so that the paths of their routes are compared",
                    own.name, other.name
                );
            }
        }
    }
}

fn servers(group: &Group) -> impl Iterator<Item = ServerIdentity> {
    let servers = group.servers();
    let identities: Vec<_> = servers
        .all()
        .map(|(server, _)| match &server.address {
            Address::Inet(address) => ServerIdentity::of_address(*address),
            Address::Unix(path) => ServerIdentity::of_socket(path),
        })
        .collect();
    identities.into_iter()
}
