//! The keys of `[[upstream]]`.

use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{DAY, MILLISECOND, ValueKind, ZERO, words};
use crate::config::model::Balance;
use ValueKind::{
    Any, Boolean, Duration, Integer, List, Matching, Name, Off, Path, Status, Table, Text, Word,
};

/// The table `[[upstream]]`.
pub(in crate::config) static UPSTREAM: Section = Section {
    path: "upstream",
    header: "[[upstream]]",
    settings: &[
        setting(
            "name",
            Name,
            r#"Routes name the upstream by it"#,
        )
        .required(),
        setting(
            "servers",
            List(&Any(&[Text, Table(&SERVER)])),
            r#"At least one that is no backup. They speak HTTP/1.1, in TLS under `https://` or where
            there is a `tls`. Each address of a name counts as a server. What a table can say of a
            server is [below](#upstreamservers)"#,
        )
        .written(r#"list of `"host:port"`, `"https://host:port"`, `"unix:/path"` and tables"#)
        .required()
        .holds(Holds::Server),
        setting(
            "balance",
            Word(words::<Balance>),
            r#"Which server is next, by nginx's rules: each in turn by weight; the one with the fewest
            callbacks in flight for its weight; or the one that belongs to the client's address (its
            first three bytes for IPv4). See [Upstreams](upstreams.md#balancing)"#,
        )
        .default(r#""round_robin""#),
        setting(
            "connect_timeout",
            Duration(MILLISECOND, DAY),
            r#"For a new connection, for each server. If none comes about, the next server is tried.
            None at all: 502 `upstream_unreachable`, or 504 `upstream_timeout` if the last one did
            not answer in time"#,
        )
        .default(r#""5s""#),
        setting(
            "read_timeout",
            Duration(MILLISECOND, DAY),
            r#"For the answer's header, and for each further part of the answer: 504 `upstream_timeout`"#,
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
            r#"How long an idle connection is kept, at most 128 for each server. Keep it shorter than
            the backend's own: a backend that closes a connection just when a callback is sent
            leaves open whether it acted on it. A server that closes them without saying so has none
            reused ([Upstreams](upstreams.md#servers-that-close-without-saying-so)). `"off"` or
            `"0s"`: a new connection for each callback"#,
        )
        .default(r#""1s""#),
        setting(
            "health_check",
            Table(&HEALTH_CHECK),
            r#"How servers are asked whether they are fit: see [below](#upstreamhealth_check). `{}`
            asks whether a connection comes about"#,
        ),
        setting(
            "resolve",
            Any(&[Duration(ZERO, DAY), Off]),
            r#"How often names are looked up again. A name that has no address when the configuration
            is read is an error; one that loses them later keeps the last ones. No callback waits
            for a look-up"#,
        )
        .default(r#""30s""#),
        setting(
            "tls",
            Table(&UPSTREAM_TLS),
            r#"How TLS is spoken with the servers: see [below](#upstreamtls). With it, all of them
            speak TLS"#,
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
            r#"What is asked for with GET: `"/health"`. Without it, the check is that a connection
            comes about, with TLS where the server has it"#,
        ),
        setting("status", Status(100, 599), r#"The answers that pass"#)
            .written(r#"100 to 599, or `"first-last"`"#)
            .default(r#""200-399""#)
            .only_with("path", ""),
        setting(
            "interval",
            Duration(MILLISECOND, DAY),
            r#"From one check to the next. The first one is made at once"#,
        )
        .default(r#""5s""#),
        setting(
            "timeout",
            Duration(MILLISECOND, DAY),
            r#"The longest that a check may take"#,
        )
        .default(r#""2s""#),
        setting(
            "rises",
            Integer(1, 1000),
            r#"So many in a row must pass before an unfit server gets callbacks again"#,
        )
        .default("2"),
        setting(
            "falls",
            Integer(1, 1000),
            r#"So many in a row must fail before a server gets no more callbacks"#,
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
            r#"A PEM file with the certificates of those who may issue the server's"#,
        )
        .otherwise(r#"the system's authorities"#)
        .holds(Holds::Path),
        setting(
            "server_name",
            Text,
            r#"Whom the certificate must be for; a host name is also what the server is asked for
            (SNI). Required for a Unix socket"#,
        )
        .written(r#"host name or IP address"#)
        .otherwise(r#"the server's own"#),
        setting(
            "verify",
            Boolean,
            r#"Whether the certificate is looked at. `false` gives a warning: whoever stands in between
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
        setting(
            "address",
            Text,
            r#"Where it is"#,
        )
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
            r#"Whether it gets callbacks only where all others are out or cannot be reached"#,
        )
        .default("false"),
        setting(
            "down",
            Boolean,
            r#"Whether it gets none. Under `ip_hash`, a server that is down keeps the places of the
            others"#,
        )
        .default("false"),
        setting(
            "max_fails",
            Integer(0, 1_000_000),
            r#"After so many failures within `fail_timeout` it gets no callbacks for `fail_timeout`;
            `0`: it stays. Ignored for an only server. A failure is a connection that does not come
            about, one that breaks, an answer that is malformed or takes too long"#,
        )
        .default("1"),
        setting(
            "fail_timeout",
            Duration(MILLISECOND, DAY),
            r#"See `max_fails`. After it, one callback tries the server, and its answer brings it back.
            Where all servers are out, they are tried all the same"#,
        )
        .default(r#""10s""#),
    ],
    one_of: &[],
};
