//! Connections to backends: which server gets a callback, and the exchange with it.

mod attempts;
mod background;
mod balance;
pub(super) mod echo;
mod group;
mod known;
mod own_host;
mod rarely;
mod round_trip;
mod scripted;
mod server;
mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

pub(super) use self::attempts::Delivered;
use self::background::Tasks;
use self::group::Group;
pub(super) use self::known::ServerMemory;
pub(super) use self::round_trip::Answer;
use self::round_trip::Wire;
pub(super) use self::scripted::{Script, answer};
pub(super) use self::snapshot::{Condition, ServerSnapshot, UpstreamSnapshot};
use crate::config::Config;
use crate::judge::Delivery;

/// All upstreams of a configuration.
pub(super) struct UpstreamGroups {
    by_name: HashMap<String, Arc<Group>>,
    tasks: Tasks,
}

impl UpstreamGroups {
    /// Prepares the upstreams that routes name. What is known about their servers comes from
    /// `memory`, which outlives every generation.
    pub(super) fn new(config: &Config, memory: &Arc<ServerMemory>) -> Self {
        let mut known = memory.recall();
        let mut by_name = HashMap::new();
        let mut tasks = Tasks::default();
        for upstream in config.routes.iter().map(|route| &route.upstream) {
            if !by_name.contains_key(&upstream.name)
                && let Some(group) = Group::new(upstream, &mut known)
            {
                by_name.insert(upstream.name.clone(), Arc::new(group));
            }
        }
        known.keep();
        let all: Arc<[Arc<Group>]> = by_name.values().map(Arc::clone).collect();
        for group in all.iter() {
            tasks.watch(group, &all, memory);
        }
        Self { by_name, tasks }
    }

    /// Stops the background tasks: another generation took over.
    pub(super) fn retire(&self) {
        self.tasks.stop();
        for group in self.by_name.values() {
            for (server, _) in group.servers().all() {
                server.pool.close();
            }
        }
    }

    /// Sends the callback to the route's upstream, and reads the header of its answer. `client`
    /// sent it; servers may be chosen by its address.
    pub(super) async fn deliver(&self, delivery: &Delivery, client: Option<IpAddr>) -> Delivered {
        let route = delivery.route();
        let group = self.by_name.get(&route.upstream.name);
        match (group, Wire::new(delivery)) {
            (Some(group), Ok(wire)) => {
                let id = delivery.request_id();
                group.send(wire, id, client, route.retry).await
            }
            (None, _) => Delivered::not_sent("the upstream is unknown".to_owned()),
            (_, Err(error)) => {
                Delivered::not_sent(format!("cannot build the upstream header: {error}"))
            }
        }
    }
}
