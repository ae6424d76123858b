//! Host names, looked up again at intervals.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use tokio::net::lookup_host;
use tokio::time::sleep;

use super::{Group, Memory};
use crate::config::{Endpoint, Server};

/// Looks up the names of an upstream's servers, for ever. No request waits for it.
pub(super) async fn watch(group: Arc<Group>, memory: Arc<Memory>, every: Duration) {
    let mut servers = group.configured.clone();
    // Those that had no address last time: told once.
    let mut lost = HashSet::new();
    loop {
        sleep(every).await;
        let mut changed = false;
        for server in &mut servers {
            changed |= look_up(&group, server, &mut lost).await;
        }
        if changed {
            group.replace(&servers, &memory);
        }
    }
}

/// Looks up one server; `true` if it has other addresses than before.
async fn look_up(group: &Group, server: &mut Server, lost: &mut HashSet<String>) -> bool {
    let Server { name, endpoint, .. } = server;
    let Endpoint::Inet {
        host: Some(host),
        addresses,
    } = endpoint
    else {
        return false;
    };
    let upstream = &group.name;
    let found = lookup_host(host.as_str()).await;
    let mut found: Vec<SocketAddr> = match found {
        Ok(found) => found.collect(),
        Err(error) => {
            // Servers seldom move while their name is out of order.
            if lost.insert(name.clone()) {
                warn!("upstream {upstream}: {name} keeps its addresses: {error}");
            }
            return false;
        }
    };
    lost.remove(name);
    // Their order changes from answer to answer.
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

/// Whether there is anything to look up.
pub(super) fn has_names(servers: &[Server]) -> bool {
    servers
        .iter()
        .any(|server| matches!(server.endpoint, Endpoint::Inet { host: Some(_), .. }))
}
