//! The keys of `[capture]`.

use super::section::Section;
use super::setting::setting;
use super::value_kind::{DAY, MIB, SECOND, TIB, ValueKind};
use ValueKind::{Duration, Integer, List, Size, Text};

/// The table `[capture]`.
pub(in crate::config) static CAPTURE: Section = Section {
    path: "capture",
    header: "[capture]",
    settings: &[
        setting(
            "size",
            Size(64 << 10, TIB),
            r#"The memory for all captured requests. Each of the `routes` has an equal share, which no
            other can take; it must be at least 64 KiB. When a share is used up, the client with most
            of it drops its oldest"#,
        )
        .default(r#""16MiB""#),
        setting(
            "per_client",
            Integer(1, 10_000),
            r#"How many requests of one client each route keeps: its last ones. A client is an address
            of IPv4 or a /64 network of IPv6"#,
        )
        .default("8"),
        setting(
            "body",
            Size(1, 16 * MIB),
            r#"How many bytes of a body are kept; an eighth of the route's share at most. A longer body is
            marked as cut"#,
        )
        .default(r#""64KiB""#),
        setting(
            "expire",
            Duration(SECOND, DAY.saturating_mul(30)),
            r#"How long a captured request is kept"#,
        )
        .default(r#""1h""#),
        setting(
            "routes",
            List(&Text),
            r#"The names of the routes whose rejected requests are captured"#,
        )
        .written(r#"list of names of routes"#)
        .otherwise(r#"all routes"#),
    ],
    one_of: &[],
};
