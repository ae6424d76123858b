//! What other servers call a setting, and which key has its place here.

use super::written_place::key_in_its_table;

/// A name from another server's configuration.
#[derive(Debug)]
pub(in crate::config) struct ForeignName {
    name: &'static str,
    /// The server that uses it; empty if it is a usual word.
    server: &'static str,
    /// The keys to use instead, with the tables that lead to them: `upstream.tls.verify`.
    keys: &'static [&'static str],
    /// What else to know, or why there is no such key.
    note: &'static str,
}

const fn name(
    server: &'static str,
    name: &'static str,
    keys: &'static [&'static str],
) -> ForeignName {
    ForeignName {
        name,
        server,
        keys,
        note: "",
    }
}

const fn nginx(name: &'static str, keys: &'static [&'static str]) -> ForeignName {
    self::name("nginx", name, keys)
}

/// A name of nginx's without a counterpart.
const fn none(name: &'static str, why: &'static str) -> ForeignName {
    nginx(name, &[]).note(why)
}

impl ForeignName {
    const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    /// Whether it stands for this key.
    pub(in crate::config) fn means(&self, key: &str) -> bool {
        self.keys.contains(&key)
    }

    /// What to write instead in the table with this path: a key of the table itself, if there is one.
    pub(in crate::config) fn help(&self, table: &str) -> String {
        let name = match self.server {
            "" => String::new(),
            server => format!("`{}` is a name of {server}'s: ", self.name),
        };
        let is_own = |key: &&str| key.rsplit_once('.').map_or("", |(table, _)| table) == table;
        let own: Vec<&str> = self.keys.iter().copied().filter(is_own).collect();
        let (keys, note) = match own.as_slice() {
            [] => (self.keys, self.note),
            own => (own, ""),
        };
        let keys: Vec<_> = keys.iter().map(|key| key_in_its_table(key)).collect();
        match (keys.as_slice(), note) {
            ([], note) => format!("{name}{note}"),
            (keys, "") => format!("{name}use {}", keys.join(", ")),
            (keys, note) => format!("{name}use {}; {note}", keys.join(", ")),
        }
    }
}

/// What another server's name stands for.
pub(in crate::config) fn foreign_name(name: &str) -> Option<&'static ForeignName> {
    FOREIGN_NAMES.iter().find(|foreign| foreign.name == name)
}

const NO_FILES: &str = "remove it: the proxy serves no files";
const NO_BLOCKS: &str = "remove it, and write what it contains at the top level";
const UNCHANGED: &str = "remove it: answers are passed on unchanged";
const WHOLE: &str = "remove it: a callback is read completely before the backend gets it";

#[rustfmt::skip]
static FOREIGN_NAMES: &[ForeignName] = &[
    // The process.
    nginx("worker_processes", &["workers"]),
    nginx("worker_connections", &["limits.connections"]),
    nginx("worker_shutdown_timeout", &["shutdown_timeout"]),
    none("worker_rlimit_nofile", "remove it: the soft limit is raised to the hard one at the start"),
    nginx("pid", &["pid_file"]),
    nginx("error_log", &["log.error", "log.level"]),
    nginx("access_log", &["log.access", "route.access_log"]).note("the first says where it goes, the second is `false` for a route without one"),
    nginx("log_format", &["log.format"]),
    none("events", NO_BLOCKS),
    none("http", NO_BLOCKS),
    none("stream", "remove it: the proxy speaks only HTTP"),
    nginx("stub_status", &["admin"]),
    // Listeners.
    nginx("server", &["listener", "route"]).note("addresses and certificates belong to the first, hosts and paths to the second"),
    nginx("listen", &["listener.address"]),
    nginx("ssl", &["listener.tls"]),
    nginx("ssl_certificate", &["listener.tls.certificates.cert"]),
    nginx("ssl_certificate_key", &["listener.tls.certificates.key"]),
    nginx("ssl_protocols", &["listener.tls.min_version"]),
    nginx("ssl_client_certificate", &["listener.tls.client_ca"]),
    nginx("ssl_trusted_certificate", &["listener.tls.client_ca"]),
    nginx("ssl_verify_client", &["listener.tls.client_auth"]),
    none("ssl_ciphers", "remove it: the cipher suites are fixed"),
    none("ssl_prefer_server_ciphers", "remove it: the cipher suites are fixed"),
    nginx("client_header_timeout", &["timeouts.header"]),
    nginx("client_body_timeout", &["timeouts.body"]),
    nginx("send_timeout", &["timeouts.write"]),
    nginx("keepalive_timeout", &["timeouts.keepalive", "upstream.keepalive"]).note("the first is for clients, the second for servers"),
    nginx("client_body_buffer_size", &["limits.buffer"]),
    nginx("limit_conn", &["limits.connections_per_client", "limits.in_flight", "route.in_flight"]),
    nginx("limit_conn_zone", &["limits.connections_per_client", "limits.in_flight", "route.in_flight"]),
    nginx("set_real_ip_from", &["trusted_proxies"]),
    nginx("real_ip_header", &["client_ip_header"]),
    // Selections of fields.
    name("", "sort", &["scheme.fields.order"]),
    name("", "sorted", &["scheme.fields.order"]),
    name("", "sort_by", &["scheme.fields.order"]),
    name("", "join", &["scheme.fields.between"]),
    name("", "joiner", &["scheme.fields.between"]),
    name("", "separator", &["scheme.fields.between"]),
    name("", "delimiter", &["scheme.fields.between"]),
    name("", "exclude", &["scheme.fields.leave_out"]),
    name("", "excluded", &["scheme.fields.leave_out"]),
    name("", "omit", &["scheme.fields.leave_out"]),
    name("", "ignore", &["scheme.fields.leave_out"]),
    // Routes.
    nginx("server_name", &["route.host"]),
    nginx("location", &["route.path", "route.path_prefix"]),
    nginx("client_max_body_size", &["route.body_limit", "limits.body"]),
    nginx("limit_req", &["route.rate_limit"]),
    nginx("limit_req_zone", &["route.rate_limit"]),
    nginx("limit_except", &["route.methods"]),
    nginx("rewrite", &["route.upstream_path"]),
    nginx("return", &["route.get_answer", "listener.health"]),
    nginx("proxy_set_header", &["route.forward_headers", "upstream.host"]).note("`X-Forwarded-For`, `-Proto` and `-Host` are always set"),
    nginx("proxy_pass_request_headers", &["route.forward_headers"]),
    nginx("proxy_next_upstream", &["route.retry"]),
    // Upstreams.
    nginx("proxy_pass", &["route.upstream", "upstream.servers"]),
    nginx("fastcgi_pass", &["route.upstream", "upstream.servers"]).note("servers must speak HTTP/1.1"),
    nginx("uwsgi_pass", &["route.upstream", "upstream.servers"]).note("servers must speak HTTP/1.1"),
    nginx("grpc_pass", &["route.upstream", "upstream.servers"]).note("servers must speak HTTP/1.1"),
    nginx("proxy_connect_timeout", &["upstream.connect_timeout"]),
    nginx("proxy_read_timeout", &["upstream.read_timeout"]),
    nginx("proxy_send_timeout", &["upstream.write_timeout"]),
    nginx("proxy_next_upstream_tries", &["upstream.tries"]),
    nginx("proxy_next_upstream_timeout", &["upstream.retry_timeout"]),
    nginx("proxy_ssl_verify", &["upstream.tls.verify"]),
    nginx("proxy_ssl_name", &["upstream.tls.server_name"]),
    nginx("proxy_ssl_server_name", &["upstream.tls.server_name"]),
    nginx("proxy_ssl_trusted_certificate", &["upstream.tls.ca"]),
    nginx("least_conn", &["upstream.balance"]),
    nginx("ip_hash", &["upstream.balance"]),
    nginx("resolver", &["upstream.resolve"]),
    none("proxy_ssl_certificate", "remove it: the proxy presents no certificate to servers"),
    none("proxy_ssl_certificate_key", "remove it: the proxy presents no certificate to servers"),
    none("proxy_http_version", "remove it: servers are spoken to with HTTP/1.1"),
    none("proxy_buffering", UNCHANGED),
    none("proxy_request_buffering", WHOLE),
    none("proxy_cache", UNCHANGED),
    none("proxy_redirect", UNCHANGED),
    none("add_header", UNCHANGED),
    none("gzip", UNCHANGED),
    none("root", NO_FILES),
    none("alias", NO_FILES),
    none("index", NO_FILES),
    none("try_files", NO_FILES),
    // Other servers.
    name("Envoy", "clusters", &["upstream"]),
    name("Envoy", "lb_policy", &["upstream.balance"]),
    name("Envoy", "virtual_hosts", &["route.host"]),
    name("Envoy", "domains", &["route.host"]),
    name("Caddy", "reverse_proxy", &["route.upstream", "upstream.servers"]),
    name("HAProxy", "frontend", &["listener", "route"]),
    name("HAProxy", "backend", &["upstream"]),
    name("HAProxy", "bind", &["listener.address"]),
    name("HAProxy", "maxconn", &["limits.connections"]),
    // Usual words.
    name("", "port", &["listener.address", "admin.address"]),
    name("", "log_level", &["log.level"]),
    name("", "method", &["route.methods"]),
    name("", "upstream_timeout", &["upstream.read_timeout", "upstream.write_timeout", "upstream.connect_timeout"]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::config::keys::known_keys;

    #[test]
    fn every_key_that_is_recommended_exists() {
        let known: HashSet<String> = known_keys().collect();
        for foreign in FOREIGN_NAMES {
            for key in foreign.keys {
                assert!(known.contains(*key), "{}: {key}", foreign.name);
            }
        }
    }

    #[test]
    fn every_name_is_listed_once_and_has_a_mend() {
        let mut names = HashSet::new();
        for foreign in FOREIGN_NAMES {
            assert!(names.insert(foreign.name), "{}", foreign.name);
            assert!(
                !foreign.keys.is_empty() || !foreign.note.is_empty(),
                "{}",
                foreign.name
            );
        }
    }
}
