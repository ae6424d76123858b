//! The keys of `[[upstream]]`.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{DAY, MILLISECOND, ValueKind, ZERO, words};
use crate::config::model::Balance;
use ValueKind::{
    Any, Boolean, Duration, Integer, List, Map, Matching, Name, Off, Path, Status, Table, Text,
    Word,
};

/// The table `[[upstream]]`.
pub(in crate::config) static UPSTREAM: Section = Section {
    path: "upstream",
    header: "[[upstream]]",
    settings: &[
        setting(
            "name",
            Name,
            r#"Routes refer to the upstream by it"#,
        )
        .required(),
        setting(
            "servers",
            List(&Any(&[Text, Table(&SERVER)])),
            r#"At least one that is not a backup. They speak HTTP/1.1, with TLS for `https://` or
            if there is a `tls`. Each address of a name counts as a server. A server as a table
            is described [below](#upstreamservers)"#,
        )
        .written(r#"list of `"host:port"`, `"https://host:port"`, `"unix:/path"` and tables"#)
        .required()
        .holds(Holds::Server),
        setting(
            "balance",
            Word(words::<Balance>),
            r#"How the next server is chosen, by nginx's rules: each in turn by weight; the one
            with the fewest callbacks in flight relative to its weight; or the one that the
            client's address selects (its first three bytes for IPv4). See
            [Upstreams](upstreams.md#balancing)"#,
        )
        .default(r#""round_robin""#),
        setting(
            "connect_timeout",
            Duration(MILLISECOND, DAY),
            r#"For a new connection, per server. If it fails, the next server is tried. If all
            fail: 502 `upstream_unreachable`, or 504 `upstream_timeout` if the last one did not
            answer in time"#,
        )
        .default(r#""5s""#),
        setting(
            "read_timeout",
            Duration(MILLISECOND, DAY),
            r#"For the whole header of the answer: 504 `upstream_timeout`. And for each further part of
            the answer, which is then broken off (with `once`: 504)"#,
        )
        .default(r#""60s""#),
        setting(
            "write_timeout",
            Duration(MILLISECOND, DAY),
            r#"For sending the request: 504 `upstream_timeout`"#,
        )
        .default(r#""60s""#),
        setting(
            "keepalive",
            Any(&[Duration(ZERO, DAY), Off]),
            r#"How long an idle connection is kept, at most 128 for each server. Keep it shorter
            than the backend's own: if a backend closes a connection just when a callback is
            sent, it is unknown whether the backend acted on it. Connections of a server that
            closes them without announcing it are not reused
            ([Upstreams](upstreams.md#servers-that-close-without-saying-so)). `"off"` or
            `"0s"`: a new connection for each callback"#,
        )
        .default(r#""1s""#),
        setting(
            "host",
            Text,
            r#"The `Host` that the servers get. `"client"`: the one that the client sent. `"server"`:
            the server's own, which is its `server_name` or host, with the port if that is not the
            usual one. Any other text is sent as it is. Unless a route names its `host`, the first
            lets whoever holds a route's key choose among the servers' virtual hosts"#,
        )
        .written(r#"`"client"`, `"server"`, or a host name or address with or without port"#)
        .default(r#""client""#),
        setting(
            "tries",
            Any(&[Integer(1, 1000), Off]),
            r#"On how many servers one callback is tried at most. `"off"`: on all of them, each
            once. What goes to the next server at all is the route's `retry`"#,
        )
        .default(r#""off""#),
        setting(
            "retry_timeout",
            Any(&[Duration(ZERO, DAY), Off]),
            r#"No further server is tried once this time has passed since the first one was. An
            attempt that has begun keeps its own time limits, so connecting takes at most
            `retry_timeout` and one `connect_timeout`. `"off"` or `"0s"`: no limit"#,
        )
        .default(r#""off""#),
        setting(
            "health_check",
            Table(&HEALTH_CHECK),
            r#"How servers are checked: see [below](#upstreamhealth_check). `{}` checks whether a
            connection is established"#,
        ),
        setting(
            "resolve",
            Any(&[Duration(ZERO, DAY), Off]),
            r#"How often names are resolved again. A name that has no address when the configuration
            is read is a warning (with `"off"`, an error): it is looked up each second, and until it
            has an address its server gets no callbacks. One that loses its addresses later keeps
            the last ones, over reloads and upgrades, too. No callback waits for name resolution"#,
        )
        .default(r#""30s""#),
        setting(
            "tls",
            Table(&UPSTREAM_TLS),
            r#"TLS to the servers: see [below](#upstreamtls). With it, all of them use TLS"#,
        ),
    ],
    one_of: &[],
};

/// The table `upstream.health_check`.
pub(in crate::config) static HEALTH_CHECK: Section = Section {
    path: "upstream.health_check",
    header: "health_check",
    settings: &[
        setting(
            "path",
            Matching("^/"),
            r#"The target of a GET request: `"/health"`. Without it, the check only connects, with
            TLS if the server uses it"#,
        ),
        setting("status", Status(100, 599), r#"The statuses that pass"#)
            .written(r#"100 to 599, or `"first-last"`"#)
            .default(r#""200-399""#)
            .only_with("path", ""),
        setting("host", Text, r#"The `Host` of the request"#)
            .written(r#"host name or address, with or without port"#)
            .otherwise(
                r#"the upstream's `host`; if that is `"client"`, the server as it is listed"#,
            )
            .only_with("path", ""),
        setting(
            "headers",
            Map(&Text),
            r#"Further headers of the request, such as `{ X-Forwarded-Proto = "https" }`. `-T` shows
            them: they are no place for secrets"#,
        )
        .holds(Holds::HeaderValues)
        .written(r#"table of header = value"#)
        .default("{}")
        .only_with("path", ""),
        setting(
            "interval",
            Duration(MILLISECOND, DAY),
            r#"The time between two checks. The first one is made at once"#,
        )
        .default(r#""5s""#),
        setting(
            "timeout",
            Duration(MILLISECOND, DAY),
            r#"The time limit of a check"#,
        )
        .default(r#""2s""#),
        setting(
            "rises",
            Integer(1, 1000),
            r#"How many in a row must pass before an unfit server gets callbacks again"#,
        )
        .default("2"),
        setting(
            "falls",
            Integer(1, 1000),
            r#"How many in a row must fail before a server gets no more callbacks"#,
        )
        .default("3"),
    ],
    one_of: &[],
};

/// The table `upstream.tls`.
pub(in crate::config) static UPSTREAM_TLS: Section = Section {
    path: "upstream.tls",
    header: "tls",
    settings: &[
        setting(
            "ca",
            Path,
            r#"A PEM file with the certificates of the authorities that may issue the server's, or
            with the server's own ([Upstreams](upstreams.md#tls))"#,
        )
        .otherwise(r#"the system's authorities"#)
        .holds(Holds::Path),
        setting(
            "server_name",
            Text,
            r#"The name that the certificate must be for; a host name is also sent to the server
            (SNI). Required for a Unix socket"#,
        )
        .written(r#"host name or IP address"#)
        .otherwise(r#"the server's own"#),
        setting(
            "verify",
            Boolean,
            r#"Whether the certificate is verified. `false` gives a warning: whoever is in between
            can then read and answer callbacks"#,
        )
        .default("true"),
    ],
    one_of: &[],
};

/// The table `upstream.servers`.
pub(in crate::config) static SERVER: Section = Section {
    path: "upstream.servers",
    header: "a server",
    settings: &[
        setting("address", Text, r#"Where it is"#)
            .written(r#"`"host:port"`, `"https://host:port"`, `"unix:/path"`"#)
            .required()
            .holds(Holds::Server),
        setting(
            "weight",
            Integer(1, 1_000_000),
            r#"Its share of the callbacks"#,
        )
        .default("1"),
        setting(
            "backup",
            Boolean,
            r#"Whether it gets callbacks only if all others are out or unreachable"#,
        )
        .default("false"),
        setting(
            "down",
            Boolean,
            r#"Whether it gets no callbacks. With `ip_hash`, a server that is down keeps the
            positions of the others"#,
        )
        .default("false"),
        setting(
            "max_fails",
            Integer(0, 1_000_000),
            r#"After this many failures within `fail_timeout`, it gets no callbacks for
            `fail_timeout`; `0`: it is never taken out. Ignored for an only server. A failure
            is a connection that cannot be established or breaks, or an answer that is
            malformed or takes too long"#,
        )
        .default("1"),
        setting(
            "fail_timeout",
            Duration(MILLISECOND, DAY),
            r#"See `max_fails`. After it, one callback probes the server, and its answer brings it
            back. If all servers are out, they are tried anyway"#,
        )
        .default(r#""10s""#),
    ],
    one_of: &[],
};
