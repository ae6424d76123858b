//! The keys of `[limits]`.

use super::section::Section;
use super::setting::setting;
use super::value_kind::{GIB, TIB, ValueKind, words};
use super::words::Auto;
use ValueKind::{Any, Integer, Off, Size, Word};

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
