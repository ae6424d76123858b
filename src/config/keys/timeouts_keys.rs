//! The keys of `[timeouts]`.

use super::section::Section;
use super::setting::setting;
use super::value_kind::{DAY, MIB, MILLISECOND, ValueKind};
use ValueKind::{Any, Duration, Off, Size};

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
