//! The keys of `[once]` and its stores.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{MIB, MILLISECOND, SECOND, TIB, ValueKind, words};
use super::words::RedisMode;
use super::words::StoreName;
use crate::once::OnStoreFailure;
use ValueKind::{Duration, Integer, List, Path, Size, Table, Text, Word};

/// The table `[once]`.
pub(in crate::config) static ONCE: Section = Section {
    path: "once",
    header: "[once]",
    settings: &[
        setting(
            "store",
            Word(words::<StoreName>),
            r#"The kind of store. [once.md](once.md#the-stores) compares them. The tables of the
            other two are checked, but have no effect. A reload that changes the store starts
            with an empty one"#,
        )
        .default(r#""memory""#),
        setting(
            "on_store_failure",
            Word(words::<OnStoreFailure>),
            r#"What to do with callbacks while the store is unavailable. `fail_closed`: 503
            `once_store_unavailable`, and the provider tries again. `fail_open`: they go to the
            backend, with `X-Verified-Repeat: unknown`"#,
        )
        .default(r#""fail_closed""#),
        setting(
            "waiters",
            Integer(0, 1_000_000),
            r#"How many copies may wait for the outcome of another at once, on routes with
            `in_flight = "wait"`. Further ones are refused"#,
        )
        .default("1000"),
        setting(
            "memory",
            Table(&ONCE_MEMORY),
            r#"The limits of the memory store: see [`once.memory`](#oncememory)"#,
        ),
        setting(
            "disk",
            Table(&ONCE_DISK),
            r#"The file of the disk store: see [`once.disk`](#oncedisk)"#,
        ),
        setting(
            "redis",
            Table(&ONCE_REDIS),
            r#"The servers of the Redis store: see [`once.redis`](#onceredis)"#,
        ),
    ],
    one_of: &[],
};

/// The table `once.memory`.
pub(in crate::config) static ONCE_MEMORY: Section = Section {
    path: "once.memory",
    header: "memory",
    settings: &[
        setting(
            "entries",
            Integer(1, 1_000_000_000),
            r#"The most callbacks that are remembered. Above it, those that expire next are
            evicted, which `countersign_once_evictions_total` counts. Callbacks in flight are
            never evicted: if they take up everything, 503 `once_store_unavailable`"#,
        )
        .default("1000000"),
        setting(
            "size",
            Size(MIB, TIB),
            r#"The most memory that they take, with the same eviction; but large answers lose
            their bodies first. The memory is split into up to 64 parts of at least 1 MiB; one
            answer may take a quarter of a part: 1 MiB by default"#,
        )
        .default(r#""256MiB""#),
    ],
    one_of: &[],
};

/// The table `once.disk`.
pub(in crate::config) static ONCE_DISK: Section = Section {
    path: "once.disk",
    header: "disk",
    settings: &[setting(
        "path",
        Path,
        r#"The file, such as `"/var/lib/countersign/once.db"`. It is created if necessary,
        readable for its user only; its directory must exist, and be writable for the user that
        the process switches to. Next to it are two more, with `-wal` and `-shm` appended to
        its name"#,
    )
    .required()
    .holds(Holds::Path)],
    one_of: &[],
};

/// The table `once.redis`.
pub(in crate::config) static ONCE_REDIS: Section = Section {
    path: "once.redis",
    header: "redis",
    settings: &[
        setting("mode", Word(words::<RedisMode>), r#"The kind of `servers`"#)
            .default(r#""single""#),
        setting(
            "servers",
            List(&Text),
            r#"`"redis://host:6379"`, with TLS `"rediss://host:6379"`, with another database
            `"redis://host:6379/2"`, on a Unix socket `"redis+unix:///run/redis.sock"`. One
            server; or sentinels; or some nodes of a cluster, which report the others. Secrets
            in a URL are refused"#,
        )
        .written(r#"list of URLs"#)
        .required()
        .holds(Holds::Server),
        setting(
            "master",
            Text,
            r#"The name of the server among the sentinels"#,
        )
        .otherwise(r#"required by sentinels"#),
        setting("username", Text, r#"The user to authenticate as (ACL)"#)
            .otherwise(r#"the default user"#),
        setting(
            "password_file",
            Path,
            r#"The file whose first line is the password. It must not be world-readable"#,
        )
        .holds(Holds::SecretFile),
        setting(
            "sentinel_password_file",
            Path,
            r#"The same for the sentinels"#,
        )
        .holds(Holds::SecretFile),
        setting(
            "ca",
            Path,
            r#"A PEM file with the certificates of the authorities that may issue the servers'"#,
        )
        .otherwise(r#"the system's authorities"#)
        .holds(Holds::Path),
        setting(
            "cert",
            Path,
            r#"The client certificate as PEM, for servers that require one"#,
        )
        .holds(Holds::Path),
        setting(
            "key",
            Path,
            r#"Its private key, in a file that others cannot read"#,
        )
        .holds(Holds::SecretFile),
        setting(
            "prefix",
            Text,
            r#"The prefix of the keys. Proxies that share callbacks use the same one"#,
        )
        .default(r#""countersign:once:""#),
        setting(
            "connect_timeout",
            Duration(MILLISECOND, SECOND.saturating_mul(60)),
            r#"The time limit for connecting"#,
        )
        .default(r#""500ms""#),
        setting(
            "timeout",
            Duration(MILLISECOND, SECOND.saturating_mul(60)),
            r#"The time limit for an operation, including a new connection if the old one broke.
            After that, the store counts as unavailable"#,
        )
        .default(r#""1s""#),
    ],
    one_of: &[],
};
