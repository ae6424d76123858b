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
            r#"The largest body, where a route does not say otherwise. Above it: 413 `body_too_large`"#,
        )
        .default(r#""1MiB""#),
        setting(
            "buffer",
            Size(1, TIB),
            r#"The most memory that bodies hold at once, over all requests. A body that comes in pieces
            takes at most twice the bytes received so far. Above the limit, the body of which
            nothing has come for longest, and for a second at least, makes room (408
            `body_timeout`); if there is none: 503 `overloaded`. A quarter is kept for bodies of at
            most 64 KiB, so that a flood of large ones does not keep callbacks out; no body limit
            may be larger than the rest. What a body of over 256 KiB takes while it is verified
            counts, too: twice its length for most JSON, and up to 30 times for lists of short
            numbers. Leave room for that where you raise `body`"#,
        )
        .default(r#""256MiB""#),
        setting(
            "connections",
            Integer(1, 1_000_000),
            r#"The most connections of clients at once. Where there are as many, a new one takes the
            place of another (of up to 10,240 that are looked at in turn). The candidates are
            connections that are idle, that are still sending their header or in their TLS
            handshake, or whose requests have all stalled: nothing of a body has come for 3 s (408
            `body_timeout`), or the client has not taken an answer for 1 s. They go in this order:
            (1) connections that came over a second ago and have not had a callback verified since,
            the oldest first, whatever they do; (2) idle connections with a verified callback, the
            one idle longest first; (3) connections with a verified callback that have been in a
            header or stalled for another 3 s; (4) newcomers: idle ones, then those in a header or
            handshake, then stalled ones; (5) other connections with a verified callback. Until a
            callback of a connection has been verified, all its times count from when it came: a new
            request, or another byte of a header or body, does not start them again. A connection
            whose callback is being verified or is with a backend never has to go. Only if there is
            no other is the new one closed at once. The error log says either now and then. The
            process needs two descriptors for each that has a request under way (`ulimit -n`); of
            those that it may have, connections of clients take three quarters at most, and the
            error log says so where that is less than wanted"#,
        )
        .default("10000"),
        setting(
            "connections_per_client",
            Any(&[Integer(1, 1_000_000), Off]),
            r#"The most connections of one client: an IPv4 address, or a network of IPv6 of 64 bits.
            All clients in an IPv6 network of 48 bits may have four times as many together. One more
            is closed at once, and the error log says so now and then. Trusted proxies are not
            counted, since all of their clients share their address: **a load balancer or proxy in
            front must be on `trusted_proxies`**, or it counts as one client"#,
        )
        .default("256"),
        setting(
            "in_flight",
            Any(&[Integer(1, 1_000_000), Off]),
            r#"The most requests at once, from their header to the end of their answer, those included
            that no route takes. At the limit, another request makes room: first a refusal that its
            client does not take (the stream is reset, or the connection closed); then the body of
            which nothing has come for longest, and for a second at least (408 `body_timeout`); then
            the answer to a callback of which its client has taken nothing for longest, and for a
            second at least (the log says `client_closed`; what `[once]` remembers of the callback
            stays); then, where more than a quarter of the limit (at least one) are bodies that come
            in pieces, the oldest of the client that has the most of them (408 `body_timeout`;
            bodies that have been waited for for over a second go before younger ones, and among
            either those of connections without a verified callback go first; clients count as in
            [`route.rate_limit`](#routerate_limit)). If there is none: 503 `overloaded`, which the
            client must take at once. Each request holds memory, and an HTTP/2 connection can have
            many: see [Memory](operations.md#under-load)"#,
        )
        .otherwise(r#"as many as `connections`"#),
        setting(
            "decrypt_threads",
            Any(&[Integer(1, 1024), Word(words::<Auto>)]),
            r#"How many threads decrypt at once; `"auto"`: half of the processors, rounded up. The rest
            is there for requests that need none of it"#,
        )
        .written(r#"`"auto"` or 1 to 1024"#)
        .default(r#""auto""#),
        setting(
            "decrypt_in_flight",
            Integer(1, 65_536),
            r#"The most callbacks that are decrypted, or wait for it, at once. Above it: 503
            `decryption_busy`"#,
        )
        .default("64"),
        setting(
            "decrypt_operations",
            Integer(1, 65_536),
            r#"The most private operations (RSA) for one callback: one for each block and key. A value
            that needs more than are left is not decrypted"#,
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
            r#"From a request's first byte to the end of its header, in total: 408 `header_timeout`. On
            a new connection, from its beginning (with TLS, from the end of the handshake, which may
            take as long): without a first byte it is closed without an answer"#,
        )
        .written(r#"duration"#)
        .default(r#""10s""#),
        setting(
            "body",
            Duration(MILLISECOND, DAY),
            r#"The whole body, in total: 408 `body_timeout`"#,
        )
        .written(r#"duration"#)
        .default(r#""30s""#),
        setting(
            "min_rate",
            Any(&[Size(1, MIB), Off]),
            r#"The least that a client sends of a header or a body in a second, averaged over five: the
            first 5 s are free, each byte gives its share of a second, and sending faster saves up 5
            s at most: a client that stalls is cut off after 5 s. Below it: 408 `header_timeout` or
            `body_timeout`. On HTTP/2 it is for each body. Time in which the proxy itself did not
            run does not count"#,
        )
        .default(r#""500B""#),
        setting(
            "keepalive",
            Duration(MILLISECOND, DAY),
            r#"Between two requests of one connection, which is then closed"#,
        )
        .written(r#"duration"#)
        .default(r#""60s""#),
        setting(
            "write",
            Duration(MILLISECOND, DAY),
            r#"Each part of the answer. A client that does not take it counts as gone: `client_closed`"#,
        )
        .written(r#"duration"#)
        .default(r#""60s""#),
        setting(
            "decrypt",
            Duration(MILLISECOND, DAY),
            r#"The decryption of a callback, with the wait for its turn: 503 `decryption_busy`"#,
        )
        .written(r#"duration"#)
        .default(r#""5s""#),
    ],
    one_of: &[],
};
