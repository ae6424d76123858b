//! The keys of the top level.

use super::ADMIN;
use super::CAPTURE;
use super::DECRYPTION;
use super::DECRYPTION_KEY;
use super::KEY;
use super::LIMITS;
use super::LISTENER;
use super::LOG;
use super::ONCE;
use super::ROUTE;
use super::SCHEME;
use super::TIMEOUTS;
use super::UPSTREAM;
use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{DAY, MILLISECOND, ValueKind, words};
use super::words::Auto;
use crate::config::diagnostic::WarningName;
use ValueKind::{
    Any, Boolean, Duration, HeaderName, Integer, List, Matching, OneOrList, Path, Table, Tables,
    Text, Word,
};

/// The top level.
pub(in crate::config) static TOP: Section = Section {
    path: "",
    header: "the top level",
    settings: &[
        setting(
            "workers",
            Any(&[Integer(1, 1024), Word(words::<Auto>)]),
            r#"The number of threads of each listener. `"auto"`: as many as the machine has CPUs
            for this process"#,
        )
        .written(r#"`"auto"` or 1 to 1024"#)
        .default(r#""auto""#),
        setting(
            "watch",
            Boolean,
            r#"Whether a change of any file that was read (this one, included ones, keys), or another
            `*.toml` file in an included directory, reloads the configuration, as SIGHUP does. The
            files are checked once a second, and must have stayed the same for a second"#,
        )
        .default("false"),
        setting(
            "pid_file",
            Path,
            r#"Where the process writes its id; `countersign -s` finds the process by it. Next to
            it is a file with `.outcome` appended to its name, from which `-s` reads the result
            of a reload or an upgrade. See [operations.md](operations.md)"#,
        )
        .holds(Holds::Path),
        setting(
            "daemon",
            Boolean,
            r#"Whether the process runs in the background. The command returns once the background
            process serves, or with its report. Output to stdout and stderr is lost from then
            on"#,
        )
        .default("false"),
        setting(
            "user",
            Text,
            r#"The user that the process switches to, for good, once it listens and has its pid
            file. This requires root. A reload must be able to read the keys as that user, and
            can only listen on ports from 1024"#,
        )
        .written(r#"name of a user"#),
        setting("group", Text, r#"The group that the process switches to"#)
            .written(r#"name of a group"#)
            .otherwise(r#"the user's own"#),
        setting(
            "shutdown_timeout",
            Duration(MILLISECOND, DAY),
            r#"How long requests in flight may take to finish after SIGTERM, SIGINT, SIGQUIT or an
            upgrade (SIGUSR2). Idle connections are closed after a second; those of an upgraded
            process may carry one more request for half of this time"#,
        )
        .default(r#""30s""#),
        setting(
            "trusted_proxies",
            List(&Text),
            r#"Peers whose `X-Forwarded-*` headers and original targets (`signed_target_header`)
            are trusted: `["127.0.0.1", "10.0.0.0/8"]`; `"unix:"` stands for all peers on a
            Unix socket. From any other peer, these headers are replaced, and others that say
            where a request came from (`Forwarded`, `X-Real-IP`, `CF-Connecting-IP`, the
            `client_ip_header`, …) are removed. A proxy must set or clear every header that it
            is trusted for. Headers that could steer a backend in other ways are always
            removed: see [Which headers a backend gets](#which-headers-a-backend-gets)"#,
        )
        .written(r#"list of addresses and networks"#)
        .default("[]"),
        setting(
            "client_ip_header",
            HeaderName,
            r#"The header in which trusted proxies report the client: a header with addresses
            separated by commas, or `Forwarded` (RFC 7239). See [The client's
            address](#the-clients-address)"#,
        )
        .default(r#""X-Forwarded-For""#),
        setting(
            "allow",
            List(&Text),
            r#"Who may call, unless a route says otherwise; `[]`: everybody. See [Who may
            call](#who-may-call)"#,
        )
        .written(r#"list of addresses and networks"#)
        .default("[]"),
        setting(
            "deny",
            List(&Text),
            r#"Who may not call, unless a route says otherwise"#,
        )
        .written(r#"list of addresses and networks"#)
        .default("[]"),
        setting(
            "header_prefix",
            Matching("-$"),
            r#"The prefix of the verified headers' names. A client's headers with it are removed,
            so it must not cover headers with a meaning of their own (`X-`, `Content-`), nor
            one that a scheme reads"#,
        )
        .written(r#"text, at most 32 characters, ends with `-`"#)
        .default(r#""X-Verified-""#),
        setting(
            "include",
            OneOrList(&Path),
            r#"Directories whose `*.toml` files are read, too: see [Includes](#includes)"#,
        )
        .written(r#"a path, or a list of paths"#)
        .default("[]")
        .holds(Holds::Path),
        setting(
            "accept_warnings",
            List(&Word(words::<WarningName>)),
            r#"Warnings about the configuration that are intended: they are not shown. See
            [warnings.md](warnings.md)"#,
        )
        .written(r#"list of [warnings](warnings.md#the-warnings)"#)
        .default("[]"),
        setting(
            "control",
            Path,
            r#"A Unix socket over which `countersign capture` and `countersign once` ask the running
            process. Its file has the mode 600, and only root and the user that the process runs
            as are answered. Every read of a body and every act is a line of the [audit
            log](operations.md#the-audit-log). See [operations.md](operations.md#the-control-socket)"#,
        )
        .written(r#"a path, such as `"/run/countersign/control.sock"`"#)
        .holds(Holds::Path),
        setting("admin", Table(&ADMIN), r#"see [`[admin]`](#admin)"#),
        setting(
            "capture",
            Table(&CAPTURE),
            r#"see [`[capture]`](#capture) and [capture.md](capture.md); without it, nothing is captured"#,
        ),
        setting("log", Table(&LOG), r#"see [`[log]`](#log)"#),
        setting("limits", Table(&LIMITS), r#"see [`[limits]`](#limits)"#),
        setting("once", Table(&ONCE), r#"see [`[once]`](#once)"#),
        setting(
            "timeouts",
            Table(&TIMEOUTS),
            r#"see [`[timeouts]`](#timeouts)"#,
        ),
        setting(
            "listener",
            Tables(&LISTENER),
            r#"at least one: see [`[[listener]]`](#listener)"#,
        )
        .required(),
        setting("key", Tables(&KEY), r#"see [`[[key]]`](#key)"#),
        setting(
            "decryption_key",
            Tables(&DECRYPTION_KEY),
            r#"see [`[[decryption_key]]`](#decryption_key)"#,
        ),
        setting(
            "decryption",
            Tables(&DECRYPTION),
            r#"see [`[[decryption]]`](#decryption)"#,
        ),
        setting(
            "upstream",
            Tables(&UPSTREAM),
            r#"see [`[[upstream]]`](#upstream)"#,
        ),
        setting("scheme", Tables(&SCHEME), r#"see [`[[scheme]]`](#scheme)"#),
        setting(
            "route",
            Tables(&ROUTE),
            r#"at least one: see [`[[route]]`](#route)"#,
        )
        .required(),
    ],
    one_of: &[],
};
