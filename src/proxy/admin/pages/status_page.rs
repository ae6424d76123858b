//! The current state of the proxy, as JSON.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::Page;
use crate::config::{HostPattern, PathPattern, Route};
use crate::proxy::process::{Generation, Proxy};
use crate::proxy::upstreams::{ServerSnapshot, UpstreamSnapshot};

pub(super) fn page(proxy: &Proxy) -> Page {
    Page::json(&describe(proxy))
}

fn describe(proxy: &Proxy) -> Value {
    let generation = proxy.current();
    let config = &generation.config();
    let history = proxy.history.state();
    let now = proxy.now();
    let listeners = config.listeners.iter();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "pid": std::process::id(),
        "started": time(proxy.history.started),
        "uptime_seconds": proxy.history.started.elapsed().unwrap_or_default().as_secs(),
        "ending": proxy.drain.is_ending(),
        "configuration": {
            "file": history.file,
            "set_by_command_line": history.overridden,
            "generation": history.generation,
            "in_force_since": time(history.since),
            "last_reload": history.last_reload.map(|reload| json!({
                "time": time(reload.at),
                "ok": reload.error.is_none(),
                "error": reload.error,
            })),
        },
        "in_flight_requests": now.in_flight,
        "connections": now.connections,
        "buffered_body_bytes": now.buffered,
        "buffered_body_limit_bytes": now.buffer_limit,
        "once": now.once.map(|once| json!({
            "entries": once.entries,
            "bytes": once.bytes,
            "evicted": once.evicted,
        })),
        "log_lines_dropped": now.log_lines_dropped,
        "listeners": listeners.map(|listener| json!({
            "address": listener.address.to_string(),
            "tls": listener.tls.is_some(),
            "http2": listener.http2,
        })).collect::<Vec<_>>(),
        "routes": config.routes.iter().map(|route| of_route(route, &generation)).collect::<Vec<_>>(),
        "keys": keys(&generation),
        "upstreams": now.upstreams.iter().map(of_upstream).collect::<Vec<_>>(),
    })
}

fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

fn of_route(route: &Route, generation: &Generation) -> Value {
    let host = match &route.host {
        HostPattern::Any => None,
        HostPattern::Suffix(suffix) => Some(format!("*{suffix}")),
        HostPattern::Exact(host) => Some(host.clone()),
    };
    let (exact, prefix) = match &route.path {
        PathPattern::Exact(path) => (Some(path), None),
        PathPattern::Prefix(path) => (None, Some(path)),
    };
    let methods: Vec<_> = route.methods.iter().map(|method| method.as_str()).collect();
    let mut keys: Vec<_> = route.policy.keys.all().map(|key| key.id()).collect();
    keys.sort_unstable();
    keys.dedup();
    let counts = generation.series.counts(route);
    json!({
        "name": &*route.name,
        "host": host,
        "path": exact,
        "path_prefix": prefix,
        "methods": methods,
        "scheme": route.policy.scheme.name,
        "keys": keys,
        "upstream": route.upstream.name,
        "once": route.once.is_some(),
        "verified": counts.verified,
        "rejected": counts.rejected,
    })
}

/// The keys of all routes, by id.
fn keys(generation: &Generation) -> Vec<Value> {
    let mut keys = BTreeMap::new();
    for route in &generation.config().routes {
        let algorithms = route.policy.scheme.algorithms();
        for key in route.policy.keys.all() {
            let of_key = keys.entry(key.id()).or_insert_with(|| {
                let (uses, last_used) = generation.series.uses(route, key);
                json!({
                    "id": key.id(),
                    "bits": (!key.is_secret()).then(|| key.bits()),
                    "engines": [],
                    "uses": uses,
                    "last_used": last_used.map(time),
                })
            });
            // One route's legacy algorithm may need another engine than the others' algorithms, so
            // list all of them.
            let Some(engines) = of_key.get_mut("engines").and_then(Value::as_array_mut) else {
                continue;
            };
            for algorithm in &algorithms {
                let engine = json!(key.engine(*algorithm).name());
                if !engines.contains(&engine) {
                    engines.push(engine);
                }
            }
        }
    }
    keys.into_values().collect()
}

fn of_upstream(upstream: &UpstreamSnapshot) -> Value {
    let of_server = |server: &ServerSnapshot| {
        json!({
            "name": server.name,
            "address": server.address,
            "condition": server.condition.name(),
            "reason": server.condition.reason(),
            "weight": server.weight,
            "backup": server.backup,
            "requests": server.picked,
            "fails": server.fails,
            "in_flight_requests": server.in_flight,
            "idle_connections": server.idle,
        })
    };
    let servers: Vec<_> = upstream.servers.iter().map(of_server).collect();
    json!({ "name": upstream.name, "servers": servers })
}
