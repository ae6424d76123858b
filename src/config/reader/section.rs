//! The keys that there are, as data: what the reader knows, and what the documentation lists.

/// A table of the configuration and its keys.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::config) struct Section {
    /// The keys that lead to it, joined by dots; empty for the top level.
    pub(in crate::config) path: &'static str,
    /// How it is opened in a file.
    pub(in crate::config) header: &'static str,
    /// Its keys. Where there may be several of the table, the first one tells them apart.
    pub(in crate::config) keys: &'static [&'static str],
    /// Those of the keys whose values hold a path, or may hold a secret.
    pub(in crate::config) paths: &'static [(&'static str, Holds)],
}

/// How a value holds a path or may hold a secret. Only values of such keys can be read as a path, and a
/// dump makes the path absolute. What may be a secret is masked wherever it would be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Holds {
    /// It is one.
    Path,
    /// Behind `unix:`; otherwise it is an address.
    Socket,
    /// Of a log: a file, or the socket of a syslog server.
    Destination,
    /// It is the path of a file with a secret or, by mistake, the secret.
    SecretFile,
    /// It is the name of an environment variable with a secret or, by mistake, the secret.
    SecretVariable,
    /// It is the address or URL of a server, into which a password does not belong.
    Server,
}

impl Holds {
    /// Whether the whole value may be a secret.
    pub(super) const fn may_be_secret(self) -> bool {
        matches!(self, Self::SecretFile | Self::SecretVariable)
    }
}

impl Section {
    /// Whether there may be several of it, side by side at the top level.
    pub(in crate::config) fn is_several(&self) -> bool {
        self.header.starts_with("[[")
    }

    /// How the values of a key hold a path or a secret, if they do.
    pub(in crate::config) fn holds(&self, key: &str) -> Option<Holds> {
        let found = self.paths.iter().find(|(name, _)| *name == key);
        found.map(|(_, holds)| *holds)
    }

    /// How messages call it.
    pub(super) fn name(&self) -> String {
        // One with a space describes what is not written in the file.
        if self.header.contains(' ') {
            self.header.to_owned()
        } else {
            format!("`{}`", self.header)
        }
    }

    /// How it can be written.
    pub(super) fn example(&self) -> String {
        match self.keys {
            [first, ..] if !self.header.starts_with('[') => format!("{{ {first} = \"...\" }}"),
            _ => self.header.to_owned(),
        }
    }
}

/// Declares the sections and the list of all of them. A key whose value holds a path, or may hold a
/// secret, says so with `as` and how it [`Holds`] it.
macro_rules! sections {
    ($($name:ident = $path:literal, $header:literal, [
        $($key:literal $(as $holds:ident)?),+ $(,)?
    ];)+) => {
        $(pub(in crate::config) const $name: Section = Section {
            path: $path,
            header: $header,
            keys: &[$($key),+],
            paths: &[$($(($key, Holds::$holds),)?)+],
        };)+

        /// Every section.
        pub(in crate::config) const ALL: &[Section] = &[$($name),+];
    };
}

sections! {
    TOP = "", "the top level", [
        "workers", "watch", "pid_file" as Path, "daemon", "user", "group", "shutdown_timeout",
        "trusted_proxies", "client_ip_header", "allow", "deny", "header_prefix",
        "include" as Path, "admin", "log", "limits", "once", "timeouts", "listener", "key",
        "decryption_key", "decryption", "upstream", "scheme", "route",
    ];
    LOG = "log", "[log]", [
        "access" as Destination, "format", "escape", "sample_success", "error" as Destination,
        "level", "library_level", "error_format",
    ];
    ADMIN = "admin", "[admin]", ["address" as Socket, "mode"];
    LIMITS = "limits", "[limits]", [
        "body", "buffer", "connections", "connections_per_client", "in_flight", "decrypt_threads",
        "decrypt_in_flight", "decrypt_operations",
    ];
    TIMEOUTS = "timeouts", "[timeouts]", ["header", "body", "min_rate", "keepalive", "write", "decrypt"];
    ONCE = "once", "[once]", [
        "store", "on_store_failure", "waiters", "memory", "disk", "redis",
    ];
    ONCE_MEMORY = "once.memory", "memory", ["entries", "size"];
    ONCE_DISK = "once.disk", "disk", ["path" as Path];
    ONCE_REDIS = "once.redis", "redis", [
        "mode", "servers" as Server, "master", "username", "password_file" as SecretFile,
        "sentinel_password_file" as SecretFile, "ca" as Path, "cert" as Path, "key" as SecretFile,
        "prefix",
        "connect_timeout", "timeout",
    ];
    LISTENER = "listener", "[[listener]]", [
        "address" as Socket, "mode", "http2", "proxy_protocol", "tls",
    ];
    TLS = "listener.tls", "tls", ["certificates", "min_version", "client_ca" as Path, "client_auth"];
    CERTIFICATE = "listener.tls.certificates", "a certificate", ["cert" as Path, "key" as SecretFile];
    KEY = "key", "[[key]]", ["id", "file" as Path, "public_key", "legacy"];
    DECRYPTION_KEY = "decryption_key", "[[decryption_key]]", [
        "id", "file" as SecretFile, "env" as SecretVariable, "encoding",
    ];
    DECRYPTION = "decryption", "[[decryption]]", [
        "name", "paths", "headers", "cipher", "mgf1", "encoding", "iv", "aad", "value", "output",
        "suffix", "on_failure",
    ];
    IV = "decryption.iv", "iv", ["field", "encoding", "prefix", "fixed"];
    AAD = "decryption.aad", "aad", ["field", "encoding"];
    UPSTREAM = "upstream", "[[upstream]]", [
        "name", "servers" as Server, "balance", "connect_timeout", "read_timeout", "write_timeout",
        "keepalive", "health_check", "resolve", "tls",
    ];
    HEALTH_CHECK = "upstream.health_check", "health_check", [
        "path", "status", "interval", "timeout", "rises", "falls",
    ];
    UPSTREAM_TLS = "upstream.tls", "tls", ["ca" as Path, "server_name", "verify"];
    SERVER = "upstream.servers", "a server", [
        "address" as Server, "weight", "backup", "down", "max_fails", "fail_timeout",
    ];
    SCHEME = "scheme", "[[scheme]]", [
        "name", "algorithm", "signature", "timestamp", "nonce", "key_id", "body", "event",
        "max_age", "identity", "keep", "failure", "content", "ambiguous_join",
    ];
    SIGNATURE = "scheme.signature", "signature", ["header", "field", "encoding"];
    TIMESTAMP = "scheme.timestamp", "timestamp", ["header", "field", "unit"];
    NONCE = "scheme.nonce", "nonce", ["header", "field", "max_length"];
    KEY_ID = "scheme.key_id", "key_id", ["header"];
    EVENT = "scheme.event", "event", ["field"];
    CONTENT = "scheme.content", "[scheme.content]", [
        "form", "digest", "parts", "members", "escapes", "order", "omit_empty", "assign",
        "separator", "json_fields", "numbers",
    ];
    MEMBER = "scheme.content.members", "a member", ["name", "value", "number"];
    ROUTE = "route", "[[route]]", [
        "name", "host", "path", "path_prefix", "methods", "scheme", "keys", "key_header",
        "upstream", "fields", "forward_headers", "max_age", "body_limit", "expose_reason", "success",
        "success_as_200",
        "access_log", "retry", "signed_target_prefix", "signed_target_header", "allow", "deny",
        "rate_limit", "in_flight", "once", "decrypt", "decrypt_keys", "require",
        "ambiguous", "unsigned_fields",
    ];
    ROUTE_ONCE = "route.once", "once", [
        "identity", "namespace", "keep", "repeat", "in_flight", "wait", "lease", "answer_limit",
    ];
    ROUTE_SUCCESS = "route.success", "success", ["status", "body", "json"];
    RATE_LIMIT = "route.rate_limit", "a rate limit", ["rate", "burst", "key"];
}

/// What a file of an include directory may hold.
pub(in crate::config) const INCLUDED: &[&str] = &[
    "key",
    "decryption_key",
    "decryption",
    "scheme",
    "upstream",
    "route",
];

/// How the values of a key, with the tables that lead to it, hold a path or a secret, if they do.
pub(in crate::config) fn holds(path: &str) -> Option<Holds> {
    let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
    let section = ALL.iter().find(|section| section.path == table)?;
    section.holds(key)
}

/// Every key that the configuration knows, with the tables that lead to it, such as
/// `route.body_limit`.
pub fn known_keys() -> impl Iterator<Item = String> {
    let path = |section: &Section, key: &str| match section.path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    ALL.iter()
        .flat_map(move |section| section.keys.iter().map(move |key| path(section, key)))
}
