//! The defaults, as a file would say them. A test holds them to docs/configuration.md, whose
//! defaults another one holds to what the validation takes.

use toml::de::{DeTable, DeValue};

const DEFAULTS: &[(&str, &str)] = &[
    ("workers", r#""auto""#),
    ("watch", "false"),
    ("daemon", "false"),
    ("shutdown_timeout", r#""30s""#),
    ("trusted_proxies", "[]"),
    ("client_ip_header", r#""X-Forwarded-For""#),
    ("allow", "[]"),
    ("deny", "[]"),
    ("header_prefix", r#""X-Verified-""#),
    ("include", "[]"),
    ("log.access", r#""stdout""#),
    ("log.format", r#""text""#),
    ("log.escape", r#""default""#),
    ("log.sample_success", "1.0"),
    ("log.error", r#""stderr""#),
    ("log.level", r#""info""#),
    ("log.library_level", r#""warn""#),
    ("limits.body", r#""1MiB""#),
    ("limits.buffer", r#""256MiB""#),
    ("limits.connections", "10000"),
    ("limits.connections_per_client", "256"),
    ("once.store", r#""memory""#),
    ("once.on_store_failure", r#""fail_closed""#),
    ("once.waiters", "1000"),
    ("once.memory.entries", "1000000"),
    ("once.memory.size", r#""256MiB""#),
    ("limits.decrypt_threads", r#""auto""#),
    ("limits.decrypt_in_flight", "64"),
    ("limits.decrypt_operations", "256"),
    ("once.redis.mode", r#""single""#),
    ("once.redis.prefix", r#""countersign:once:""#),
    ("once.redis.connect_timeout", r#""500ms""#),
    ("once.redis.timeout", r#""1s""#),
    ("timeouts.header", r#""10s""#),
    ("timeouts.body", r#""30s""#),
    ("timeouts.min_rate", r#""500B""#),
    ("timeouts.keepalive", r#""60s""#),
    ("timeouts.write", r#""60s""#),
    ("timeouts.decrypt", r#""5s""#),
    ("listener.http2", "false"),
    ("listener.proxy_protocol", "false"),
    ("listener.tls.min_version", r#""1.2""#),
    ("listener.tls.client_auth", r#""required""#),
    ("key.legacy", "false"),
    ("decryption.paths", "[]"),
    ("decryption.headers", "{}"),
    ("decryption.encoding", r#""base64""#),
    ("decryption.value", r#""text""#),
    ("decryption.output", r#""in_place""#),
    ("decryption.suffix", r#""_clear""#),
    ("decryption.on_failure", r#""keep""#),
    ("decryption.iv.encoding", r#""text""#),
    ("decryption.iv.prefix", "false"),
    ("decryption.aad.encoding", r#""text""#),
    ("upstream.balance", r#""round_robin""#),
    ("upstream.connect_timeout", r#""5s""#),
    ("upstream.read_timeout", r#""60s""#),
    ("upstream.write_timeout", r#""60s""#),
    ("upstream.keepalive", r#""1s""#),
    ("upstream.resolve", r#""30s""#),
    ("upstream.servers.weight", "1"),
    ("upstream.servers.backup", "false"),
    ("upstream.servers.down", "false"),
    ("upstream.servers.max_fails", "1"),
    ("upstream.servers.fail_timeout", r#""10s""#),
    ("upstream.health_check.status", r#""200-399""#),
    ("upstream.health_check.interval", r#""5s""#),
    ("upstream.health_check.timeout", r#""2s""#),
    ("upstream.health_check.rises", "2"),
    ("upstream.health_check.falls", "3"),
    ("upstream.tls.verify", "true"),
    ("route.methods", r#"["POST"]"#),
    ("route.fields", "{}"),
    ("route.require", "{}"),
    ("route.ambiguous", r#""flag""#),
    ("route.unsigned_fields", r#""pass""#),
    ("route.in_flight", r#""off""#),
    ("route.expose_reason", "false"),
    ("route.success.status", r#""200-299""#),
    ("route.success_as_200", "false"),
    ("route.access_log", r#""on""#),
    ("route.retry", r#"["connect"]"#),
    ("route.once.repeat", r#""acknowledge""#),
    ("route.once.in_flight", r#""refuse""#),
    ("route.once.wait", r#""5s""#),
    ("route.once.lease", r#""10s""#),
    ("route.once.answer_limit", r#""16KiB""#),
    ("route.rate_limit.key", r#""client""#),
    ("scheme.ambiguous_join", "false"),
    ("scheme.identity", r#"["{content}"]"#),
    ("scheme.keep", r#""1day""#),
    ("scheme.failure", "[]"),
    ("scheme.signature.encoding", r#""base64""#),
    ("scheme.timestamp.unit", r#""seconds""#),
    ("scheme.nonce.max_length", "128"),
    ("scheme.content.escapes", r#"["php"]"#),
    ("scheme.content.order", r#""bytes""#),
    ("scheme.content.omit_empty", "false"),
    ("scheme.content.assign", r#""=""#),
    ("scheme.content.separator", r#""&""#),
    ("scheme.content.json_fields", "[]"),
    ("scheme.content.numbers", r#"["as-written"]"#),
    ("scheme.content.members.number", "false"),
    ("admin.mode", r#""660""#),
    ("listener.mode", r#""660""#),
];

/// Those that must not stand in a table without another key, or without a value that begins so.
const ONLY_WITH: &[(&str, &str, &str)] = &[
    ("admin.mode", "address", "unix:"),
    ("listener.mode", "address", "unix:"),
    ("listener.tls.client_auth", "client_ca", ""),
    ("decryption.suffix", "output", "beside"),
    ("decryption.iv.encoding", "field", ""),
    ("decryption.iv.prefix", "field", ""),
    ("upstream.health_check.status", "path", ""),
    ("route.once.wait", "in_flight", "wait"),
    ("scheme.content.escapes", "form", "json-object"),
    ("scheme.content.order", "form", "sorted-fields"),
    ("scheme.content.omit_empty", "form", "sorted-fields"),
    ("scheme.content.assign", "form", "sorted-fields"),
    ("scheme.content.separator", "form", "sorted-fields"),
    ("scheme.content.json_fields", "form", "sorted-fields"),
    ("scheme.content.numbers", "form", "sorted-fields"),
];

/// Whether a table has its effect without being written.
pub(super) fn is_always_there(table: &str) -> bool {
    matches!(table, "log" | "limits" | "timeouts")
}

/// What a key is where the table does not have it.
pub(super) fn of(key: &str, table: &DeTable<'_>) -> Option<String> {
    let text = |key: &str| match table.get(key)?.get_ref() {
        DeValue::String(text) => Some(text.as_ref()),
        _ => None,
    };
    if let Some((_, other, begins)) = ONLY_WITH.iter().find(|(name, ..)| *name == key)
        && !text(other).is_some_and(|text| text.starts_with(begins))
    {
        return None;
    }
    match key {
        "log.error_format" => {
            let json = text("format") == Some("json");
            Some(if json { "\"json\"" } else { "\"text\"" }.to_owned())
        }
        // Where the top level has none either.
        "route.allow" | "route.deny" => Some("[]".to_owned()),
        "route.body_limit" => of("limits.body", table),
        "limits.in_flight" => of("limits.connections", table),
        "route.rate_limit.burst" => Some(text("rate")?.split('/').next()?.to_owned()),
        _ => {
            let (_, default) = DEFAULTS.iter().find(|(name, _)| *name == key)?;
            Some((*default).to_owned())
        }
    }
}
