//! The keys of `[limits]` and `[timeouts]`.

use super::section::Section;
use super::setting::setting;
use super::value_kind::{DAY, GIB, MIB, MILLISECOND, TIB, ValueKind, words};
use super::words::Auto;
use ValueKind::{Any, Duration, Integer, Off, Size, Word};

/// The table `[limits]`.
pub(in crate::config) static LIMITS: Section = Section {
    path: "limits",
    header: "[limits]",
    settings: &[
        setting(
            "body",
            Size(1, GIB),
            r#"The largest body, unless a route says otherwise. Above it: 413 `body_too_large`"#,
        )
        .default(r#""1MiB""#),
        setting(
            "buffer",
            Size(1, TIB),
            r#"The most memory that bodies hold at once, over all requests. A body that arrives in
            pieces takes at most twice the bytes received so far. When the limit is reached,
            the body that has stalled for longest, for at least a second, is closed to make
            room (408 `body_timeout`); if there is none: 503 `overloaded`. A quarter is
            reserved for bodies of at most 64 KiB, so that a flood of large ones does not keep
            callbacks out; no body limit may be larger than the rest. The memory that a body of
            more than 256 KiB takes while it is verified counts, too: twice its length for most
            JSON, and up to 30 times for lists of short numbers. Leave room for that if you
            raise `body`"#,
        )
        .default(r#""256MiB""#),
        setting(
            "connections",
            Integer(1, 1_000_000),
            r#"The most client connections at once. When the limit is reached, another connection
            (of up to 10,240 that are examined in turn) is closed to make room for a new one.
            The candidates are connections that are idle, that are still sending their header
            or in their TLS handshake, or whose requests have all stalled: nothing of a body
            has arrived for 3 s (408 `body_timeout`), or the client has not read an answer for
            1 s. They are closed in this order: (1) connections that were accepted over a
            second ago and have not had a callback verified since, oldest first, whatever they
            do; (2) idle connections with a verified callback, longest idle first; (3)
            connections with a verified callback that have been in a header or stalled for
            another 3 s; (4) new connections: idle ones, then those in a header or handshake,
            then stalled ones; (5) other connections with a verified callback. Until a callback
            of a connection is verified, all its times count from when it was accepted: a new
            request, or another byte of a header or body, does not restart them. A connection
            whose callback is being verified or is with a backend is never closed. Only if
            there is no candidate is the new connection closed at once. The error log reports
            both now and then. The process needs two descriptors for each connection with a
            request in progress (`ulimit -n`); client connections may take at most three
            quarters of its descriptors, and the error log says so if that is less than
            configured"#,
        )
        .default("10000"),
        setting(
            "connections_per_client",
            Any(&[Integer(1, 1_000_000), Off]),
            r#"The most connections of one client: an IPv4 address, or a 64-bit IPv6 network. All
            clients in a 48-bit IPv6 network together may have four times as many. Further ones
            are closed at once, and the error log reports that now and then. Trusted proxies do
            not count, because all of their clients share their address: **a load balancer or
            proxy in front must be in `trusted_proxies`**, or it counts as one client"#,
        )
        .default("256"),
        setting(
            "in_flight",
            Any(&[Integer(1, 1_000_000), Off]),
            r#"The most requests at once, from their header to the end of their answer, including
            those that match no route. When the limit is reached, another request makes room:
            first, a refusal that its client does not read (its stream is reset, or its
            connection closed); then the body that has stalled for longest, for at least a
            second (408 `body_timeout`); then the answer to a callback whose client has read
            nothing for longest, for at least a second (the log says `client_closed`; what
            `[once]` remembers of the callback stays); then, if more than a quarter of the
            limit (at least one) are bodies that arrive in pieces, the oldest one of the client
            that has the most of them (408 `body_timeout`; bodies that have been waited for for
            over a second go before newer ones, and among either those on connections without a
            verified callback go first; clients count as in
            [`route.rate_limit`](#routerate_limit)). If there is none: 503 `overloaded`, which
            the client must read at once. Each request holds memory, and an HTTP/2 connection
            can have many: see [Memory](operations.md#under-load)"#,
        )
        .otherwise(r#"as many as `connections`"#),
        setting(
            "decrypt_threads",
            Any(&[Integer(1, 1024), Word(words::<Auto>)]),
            r#"How many threads decrypt at once; `"auto"`: half of the CPUs, rounded up. The rest
            is left for requests that need no decryption"#,
        )
        .written(r#"`"auto"` or 1 to 1024"#)
        .default(r#""auto""#),
        setting(
            "decrypt_in_flight",
            Integer(1, 65_536),
            r#"The most callbacks that are being decrypted, or wait for it, at once. Above it: 503
            `decryption_busy`"#,
        )
        .default("64"),
        setting(
            "decrypt_operations",
            Integer(1, 65_536),
            r#"The most private-key operations (RSA) for one callback: one for each block and key.
            A value that needs more than are left is not decrypted"#,
        )
        .default("256"),
    ],
    one_of: &[],
};

/// The table `[timeouts]`.
pub(in crate::config) static TIMEOUTS: Section = Section {
    path: "timeouts",
    header: "[timeouts]",
    settings: &[
        setting(
            "header",
            Duration(MILLISECOND, DAY),
            r#"From a request's first byte to the end of its header, in total: 408
            `header_timeout`. On a new connection, from its start (with TLS, from the end of
            the handshake, which may take as long): without a first byte, it is closed without
            an answer"#,
        )
        .written(r#"duration"#)
        .default(r#""10s""#),
        setting(
            "body",
            Duration(MILLISECOND, DAY),
            r#"The complete body, in total: 408 `body_timeout`"#,
        )
        .written(r#"duration"#)
        .default(r#""30s""#),
        setting(
            "min_rate",
            Any(&[Size(1, MIB), Off]),
            r#"The minimum rate per second of a header or a body, averaged over five seconds: the
            first 5 s are free, each byte earns its share of a second, and at most 5 s can be
            saved up by sending faster. So a client that stalls is disconnected after 5 s.
            Below it: 408 `header_timeout` or `body_timeout`. On HTTP/2, it applies to each
            body. Time in which the proxy itself did not run does not count"#,
        )
        .default(r#""500B""#),
        setting(
            "keepalive",
            Duration(MILLISECOND, DAY),
            r#"Between two requests on a connection, which is closed after that. As long as nginx's,
            and longer than the 60 s for which load balancers keep an idle connection: the side
            that sends requests should close first, so that none crosses a close"#,
        )
        .written(r#"duration"#)
        .default(r#""75s""#),
        setting(
            "write",
            Duration(MILLISECOND, DAY),
            r#"Each part of the answer. A client that does not read it counts as gone:
            `client_closed`"#,
        )
        .written(r#"duration"#)
        .default(r#""60s""#),
        setting(
            "decrypt",
            Duration(MILLISECOND, DAY),
            r#"The decryption of a callback, including the wait for its turn: 503
            `decryption_busy`"#,
        )
        .written(r#"duration"#)
        .default(r#""5s""#),
    ],
    one_of: &[],
};
