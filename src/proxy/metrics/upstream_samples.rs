//! The current state of the upstreams' servers.

use std::collections::BTreeMap;

use prometheus::proto::MetricFamily;

use super::catalogue as all;
use super::metric_samples::{count, family, large};
use crate::proxy::upstreams::{Condition, ServerSnapshot, UpstreamSnapshot};

/// A server, over all addresses of its name.
#[derive(Default)]
struct ServerTotals {
    /// The addresses that may get callbacks, and how many of them do.
    meant: usize,
    up: usize,
    in_flight: usize,
    idle: usize,
    picked: u64,
    fails: u64,
}

impl ServerTotals {
    fn add(&mut self, address: &ServerSnapshot) {
        if address.condition != Condition::Down {
            self.meant = self.meant.saturating_add(1);
        }
        if address.condition == Condition::Up {
            self.up = self.up.saturating_add(1);
        }
        self.in_flight = self.in_flight.saturating_add(address.in_flight);
        self.idle = self.idle.saturating_add(address.idle);
        self.picked = address.picked_by_name;
        self.fails = address.fails_by_name;
    }

    /// None if the configuration excludes it from callbacks.
    fn share_up(&self) -> Option<f64> {
        (self.meant > 0).then(|| count(self.up) / count(self.meant))
    }
}

/// The metrics of the servers.
pub(super) fn families(upstreams: &[UpstreamSnapshot]) -> Vec<MetricFamily> {
    let mut servers: BTreeMap<(&str, &str), ServerTotals> = BTreeMap::new();
    for upstream in upstreams {
        for address in &upstream.servers {
            let name = (upstream.name.as_str(), address.name.as_str());
            servers.entry(name).or_default().add(address);
        }
    }
    let series = |value: fn(&ServerTotals) -> Option<f64>| {
        let found = servers
            .iter()
            .filter_map(move |((upstream, name), server)| {
                let labels = vec![(*upstream).to_owned(), (*name).to_owned()];
                Some((labels, value(server)?))
            });
        found.collect::<Vec<_>>()
    };
    let mut families = vec![
        family(&all::UPSTREAM_UP, series(ServerTotals::share_up)),
        family(&all::UPSTREAM_REQUESTS, series(|s| Some(large(s.picked)))),
        family(&all::UPSTREAM_FAILS, series(|s| Some(large(s.fails)))),
        family(
            &all::UPSTREAM_IN_FLIGHT,
            series(|s| Some(count(s.in_flight))),
        ),
        family(&all::UPSTREAM_IDLE, series(|s| Some(count(s.idle)))),
    ];
    // The format cannot express a metric without series.
    families.retain(|family| !family.get_metric().is_empty());
    families
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_name_are_one_server() {
        let address = |condition, picked| ServerSnapshot {
            name: "shop:9000".to_owned(),
            address: Some("192.0.2.1:9000".to_owned()),
            weight: 1,
            backup: false,
            condition,
            in_flight: 1,
            picked,
            fails: 2,
            picked_by_name: 20,
            fails_by_name: 7,
            idle: 3,
        };
        let upstreams = [UpstreamSnapshot {
            name: "shop".to_owned(),
            servers: vec![
                address(Condition::Up, 5),
                address(Condition::Unhealthy, 7),
                address(Condition::Down, 0),
            ],
        }];
        let text = prometheus::TextEncoder::new()
            .encode_to_string(&families(&upstreams))
            .unwrap();
        let labels = "{upstream=\"shop\",server=\"shop:9000\"}";
        for (name, value) in [
            ("up", "0.5"),
            ("requests_total", "20"),
            ("fails_total", "7"),
            ("in_flight_requests", "3"),
            ("idle_connections", "9"),
        ] {
            let line = format!("countersign_upstream_{name}{labels} {value}\n");
            assert!(text.contains(&line), "{line}{text}");
        }
    }
}
