//! The servers of one upstream, and which of them is next.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;

use super::balance::{self, Turn};
use super::known::{Known, ServerMemory};
use super::own_host::own_host;
use super::rarely::Rarely;
use super::server::{Address, InFlight, PassiveLimits, Pool, Server, ServerCounters};
use crate::config::{self, Balance, Endpoint, Upstream, UpstreamTarget};

/// The servers of one upstream.
pub(super) struct Group {
    pub(super) name: Arc<str>,
    pub(super) upstream: Arc<Upstream>,
    /// The servers with the addresses that they had when the configuration was read, or in the
    /// generation before if their names had none.
    pub(super) configured: Vec<config::UpstreamServer>,
    /// Limits the error log's lines about an upstream without usable servers.
    pub(super) down: Rarely,
    servers: ArcSwap<Servers>,
}

/// All servers, each with every address.
pub(super) struct Servers {
    primaries: Tier,
    backups: Tier,
    /// Those whose names have no address.
    unresolved: Vec<Unresolved>,
}

/// A server that gets nothing because its name has no address.
pub(super) struct Unresolved {
    pub(super) name: Arc<str>,
    pub(super) weight: u32,
    pub(super) backup: bool,
    /// Whether it would get nothing anyway.
    pub(super) down: bool,
    pub(super) count: Arc<ServerCounters>,
}

/// Servers that share callbacks among each other.
struct Tier {
    servers: Vec<Arc<Server>>,
    turns: Mutex<Vec<Turn>>,
}

/// The servers for one callback, in the order of trying.
pub(super) struct Candidates<'g> {
    group: &'g Group,
    servers: Arc<Servers>,
    client: Option<IpAddr>,
    tried: Vec<Arc<Server>>,
}

impl Group {
    /// None for an upstream without servers, the built-in echo.
    pub(super) fn new(upstream: &Arc<Upstream>, known: &mut Known<'_>) -> Option<Self> {
        let UpstreamTarget::Servers(servers) = &upstream.target else {
            return None;
        };
        let configured: Vec<_> = servers
            .iter()
            .map(|server| known.with_addresses(&upstream.name, server))
            .collect();
        Some(Self {
            name: upstream.name.as_str().into(),
            servers: ArcSwap::from_pointee(Servers::new(upstream, &configured, None, known)),
            configured,
            upstream: Arc::clone(upstream),
            down: Rarely::default(),
        })
    }

    /// All current servers.
    pub(super) fn servers(&self) -> Arc<Servers> {
        self.servers.load_full()
    }

    /// Sets other addresses for its servers; unchanged ones keep their connections.
    pub(super) fn replace(&self, servers: &[config::UpstreamServer], memory: &ServerMemory) {
        let mut known = memory.recall();
        let old = self.servers();
        let new = Servers::new(&self.upstream, servers, Some(&old), &mut known);
        for server in servers {
            known.note_addresses(&self.upstream.name, server);
        }
        known.add(&self.name);
        self.servers.store(Arc::new(new));
    }

    /// The servers to try for a callback of this client.
    pub(super) fn candidates(&self, client: Option<IpAddr>) -> Candidates<'_> {
        Candidates {
            group: self,
            servers: self.servers(),
            client,
            tried: Vec::new(),
        }
    }
}

impl Servers {
    fn new(
        upstream: &Upstream,
        servers: &[config::UpstreamServer],
        old: Option<&Self>,
        known: &mut Known<'_>,
    ) -> Self {
        let count: usize = servers.iter().map(|server| addresses(server).count()).sum();
        let mut tiers = [Vec::new(), Vec::new()];
        let mut unresolved = Vec::new();
        for server in servers {
            if addresses(server).next().is_none() {
                unresolved.push(Unresolved {
                    name: server.name.as_str().into(),
                    weight: server.weight,
                    backup: server.backup,
                    down: server.down,
                    count: known.count(&upstream.name, &server.name),
                });
            }
            for address in addresses(server) {
                let mut limits = PassiveLimits {
                    max_fails: server.max_fails,
                    fail_timeout: server.fail_timeout,
                };
                // Without another one, there is no alternative.
                if count == 1 {
                    limits.max_fails = 0;
                }
                let state = known.state(&upstream.name, &address);
                if upstream.health_check.is_none() {
                    state.forget_checks();
                }
                let built = Server {
                    name: server.name.as_str().into(),
                    host: own_host(&upstream.host, server, &address).into(),
                    state,
                    count: known.count(&upstream.name, &server.name),
                    tls: server.tls.clone(),
                    address,
                    weight: server.weight,
                    down: server.down,
                    is_checked: upstream.health_check.is_some(),
                    limits,
                    pool: Pool::new(upstream.keepalive),
                    connect_timeout: upstream.connect_timeout,
                };
                let [primaries, backups] = &mut tiers;
                let tier = if server.backup { backups } else { primaries };
                let kept = old.and_then(|old| old.all().find(|(kept, _)| kept.is_like(&built)));
                tier.push(kept.map_or_else(|| Arc::new(built), |(kept, _)| Arc::clone(kept)));
            }
        }
        let [primaries, backups] = tiers.map(Tier::new);
        Self {
            primaries,
            backups,
            unresolved,
        }
    }

    /// The servers without an address.
    pub(super) fn unresolved(&self) -> &[Unresolved] {
        &self.unresolved
    }

    /// Every server with an address, and whether it is a backup.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Arc<Server>, bool)> {
        let primaries = self.primaries.servers.iter().map(|server| (server, false));
        primaries.chain(self.backups.servers.iter().map(|server| (server, true)))
    }
}

fn addresses(server: &config::UpstreamServer) -> impl Iterator<Item = Address> {
    let (inet, unix) = match &server.endpoint {
        Endpoint::Inet { addresses, .. } => (addresses.as_slice(), None),
        Endpoint::Unix(path) => (&[][..], Some(path)),
    };
    let unix = unix.map(|path| Address::Unix(path.clone()));
    inet.iter().copied().map(Address::Inet).chain(unix)
}

impl Tier {
    fn new(servers: Vec<Arc<Server>>) -> Self {
        let turns = servers.iter().map(|server| Turn::new(server.weight));
        Self {
            turns: Mutex::new(turns.collect()),
            servers,
        }
    }

    fn pick(
        &self,
        balance: Balance,
        client: Option<IpAddr>,
        usable: impl Fn(&Arc<Server>) -> bool,
    ) -> Option<&Arc<Server>> {
        if let [only] = self.servers.as_slice() {
            return usable(only).then_some(only);
        }
        let usable = |index: usize| self.servers.get(index).is_some_and(&usable);
        let in_flight = |index: usize| {
            let server = self.servers.get(index);
            server.map_or(0, |server| server.state.in_flight())
        };
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match balance {
            Balance::RoundRobin => balance::round_robin(&mut turns, usable),
            Balance::LeastConn => balance::least_conn(&mut turns, in_flight, usable),
            Balance::IpHash => balance::ip_hash(&mut turns, client, usable),
        };
        self.servers.get(index?)
    }

    fn failed(&self, server: &Arc<Server>) {
        let index = self
            .servers
            .iter()
            .position(|other| Arc::ptr_eq(other, server));
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = index.and_then(|index| turns.get_mut(index)) {
            turn.failed(server.limits.max_fails);
        }
    }
}

impl Candidates<'_> {
    /// The next server to try: one that is not out; a backup only if there is no other; and finally
    /// even one that is out, because it may be back.
    pub(super) fn next(&mut self, now: Instant) -> Option<InFlight> {
        let Servers {
            primaries, backups, ..
        } = &*self.servers;
        let fit = |server: &Arc<Server>| server.is_fit() && !self.has_tried(server);
        let good = |server: &Arc<Server>| fit(server) && !server.is_out(now);
        let (balance, client) = (self.group.upstream.balance, self.client);
        let picked = primaries
            .pick(balance, client, good)
            .or_else(|| backups.pick(balance, client, good))
            .or_else(|| primaries.pick(balance, client, fit))
            .or_else(|| backups.pick(balance, client, fit))?;
        Some(picked.pick(now))
    }

    /// Whether there is another server to try.
    pub(super) fn are_left(&self) -> bool {
        let mut servers = self.servers.all();
        servers.any(|(server, _)| server.is_fit() && !self.has_tried(server))
    }

    fn has_tried(&self, server: &Arc<Server>) -> bool {
        self.tried.iter().any(|other| Arc::ptr_eq(other, server))
    }

    /// That one failed.
    pub(super) fn failed(&mut self, server: &Arc<Server>, now: Instant) {
        server.failed(&self.group.name, now);
        self.servers.primaries.failed(server);
        self.servers.backups.failed(server);
        self.tried.push(Arc::clone(server));
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use super::*;
    use crate::config::{HealthCheck, Probe, SentHost};
    use crate::proxy::upstreams::ServerMemory;

    fn server(addresses: &[SocketAddr]) -> config::UpstreamServer {
        config::UpstreamServer {
            name: "shop:80".to_owned(),
            endpoint: Endpoint::Inet {
                host: Some("shop:80".to_owned()),
                addresses: addresses.to_vec(),
            },
            weight: 1,
            backup: false,
            down: false,
            max_fails: 1,
            fail_timeout: Duration::from_secs(10),
            tls: None,
        }
    }

    fn group(memory: &ServerMemory, health_check: Option<HealthCheck>) -> Group {
        let upstream = Upstream {
            name: "test".to_owned(),
            target: UpstreamTarget::Servers(vec![server(&[address(1)])]),
            host: SentHost::Client,
            balance: Balance::RoundRobin,
            tries: None,
            retry_timeout: Duration::ZERO,
            connect_timeout: Duration::from_secs(1),
            read_timeout: Duration::from_secs(1),
            write_timeout: Duration::from_secs(1),
            keepalive: Duration::from_secs(1),
            health_check,
            resolve: Duration::from_secs(1),
        };
        let mut known = memory.recall();
        let group = Group::new(&Arc::new(upstream), &mut known).unwrap();
        known.keep();
        group
    }

    fn address(last: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], last))
    }

    #[test]
    fn a_check_that_ends_after_checks_were_switched_off_takes_no_server_out() {
        let check = HealthCheck {
            probe: Probe::Connect,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
            rises: 1,
            falls: 1,
        };
        let memory = ServerMemory::default();
        let old = group(&memory, Some(check.clone()));
        let new = group(&memory, None);
        let (checked, _) = old
            .servers()
            .all()
            .next()
            .map(|(s, b)| (Arc::clone(s), b))
            .unwrap();
        checked.state.checked(false, &check);
        assert!(!checked.is_fit());
        assert!(new.servers().all().all(|(server, _)| server.is_fit()));
    }

    #[test]
    fn former_addresses_of_a_name_are_forgotten() {
        let memory = ServerMemory::default();
        let group = group(&memory, None);
        let first = group.candidates(None).next(Instant::now()).unwrap();
        for last in 2..100 {
            group.replace(&[server(&[address(last)])], &memory);
            assert!(memory.len() <= 3, "{}", memory.len());
        }
        // What a callback is under way to is still known, and what goes and comes back.
        group.replace(&[server(&[address(1)])], &memory);
        group.replace(&[server(&[address(2)])], &memory);
        group.replace(&[server(&[address(1)])], &memory);
        let servers = group.servers();
        let (back, _) = servers.all().next().unwrap();
        assert!(Arc::ptr_eq(&back.state, &first.server().state));
        // Monitoring sees the name: its counts must not go back when an address goes.
        assert_eq!((back.state.count.picked(), back.count.picked()), (1, 1));
        group.candidates(None).next(Instant::now()).unwrap();
        group.replace(&[server(&[address(3)])], &memory);
        let (other, _) = group
            .servers()
            .all()
            .next()
            .map(|(s, b)| (Arc::clone(s), b))
            .unwrap();
        assert_eq!((other.state.count.picked(), other.count.picked()), (0, 2));
    }
}
