//! Host names, resolved again periodically.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use tokio::net::lookup_host;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::shared_later::SharedLater;
use crate::config::{Endpoint, UpstreamServer};
use crate::proxy::upstreams::group::Group;
use crate::proxy::upstreams::known::ServerMemory;

/// How long a name server may take.
const LIMIT: Duration = Duration::from_secs(30);

/// How often a name that has never had an address is resolved.
const NEW_NAME: Duration = Duration::from_secs(1);

/// Resolves the names of an upstream's servers, for ever. No request waits for it.
pub(super) async fn watch(
    group: Arc<Group>,
    memory: Arc<ServerMemory>,
    mut shared: SharedLater,
    every: Duration,
) {
    let mut servers = group.configured.clone();
    // Those that had no address last time: logged only once.
    let mut lost = HashSet::new();
    // An earlier generation may have left addresses that the configuration did not find.
    shared.warn(&group);
    loop {
        let has_none = servers.iter().any(has_no_address);
        sleep(if has_none { every.min(NEW_NAME) } else { every }).await;
        let mut changed = false;
        for (index, found) in look_up(&servers).await {
            if let Some(server) = servers.get_mut(index) {
                changed |= renew(&group, server, found, &mut lost);
            }
        }
        if changed {
            group.replace(&servers, &memory);
            shared.warn(&group);
        }
    }
}

/// Resolves all names concurrently, so that one slow name server does not delay the others. Returns
/// the results by the servers' indices.
async fn look_up(servers: &[UpstreamServer]) -> Vec<(usize, io::Result<Vec<SocketAddr>>)> {
    let mut lookups = JoinSet::new();
    for (index, server) in servers.iter().enumerate() {
        if let Endpoint::Inet {
            host: Some(host), ..
        } = &server.endpoint
        {
            let host = host.clone();
            lookups.spawn(async move {
                let found = timeout(LIMIT, lookup_host(host.as_str())).await;
                let found = found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
                (index, found.map(Iterator::collect))
            });
        }
    }
    let mut found = lookups.join_all().await;
    found.sort_unstable_by_key(|(index, _)| *index);
    found
}

/// Sets the addresses that were found for a server; `true` if they differ from before.
fn renew(
    group: &Group,
    server: &mut UpstreamServer,
    found: io::Result<Vec<SocketAddr>>,
    lost: &mut HashSet<String>,
) -> bool {
    let UpstreamServer { name, endpoint, .. } = server;
    let Endpoint::Inet { addresses, .. } = endpoint else {
        return false;
    };
    let upstream = &group.name;
    let mut found = match found {
        Ok(found) => found,
        Err(error) => {
            // Servers seldom move while their name cannot be resolved. That one has never had an
            // address was reported with the configuration.
            if !addresses.is_empty() && lost.insert(name.clone()) {
                warn!("upstream {upstream}: {name} keeps its addresses: {error}");
            }
            return false;
        }
    };
    lost.remove(name);
    // The order changes from answer to answer.
    found.sort_unstable();
    found.dedup();
    if found.is_empty() || found == *addresses {
        return false;
    }
    let list: Vec<String> = found.iter().map(SocketAddr::to_string).collect();
    info!("upstream {upstream}: {name} is now {}", list.join(", "));
    *addresses = found;
    true
}

fn has_no_address(server: &UpstreamServer) -> bool {
    matches!(&server.endpoint, Endpoint::Inet { addresses, .. } if addresses.is_empty())
}

/// Whether there is anything to resolve.
pub(super) fn has_names(servers: &[UpstreamServer]) -> bool {
    servers
        .iter()
        .any(|server| matches!(server.endpoint, Endpoint::Inet { host: Some(_), .. }))
}
