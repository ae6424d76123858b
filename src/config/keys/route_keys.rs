//! The keys of `[[route]]`.

use super::RATE_LIMIT;
use super::ROUTE_ONCE;
use super::ROUTE_SUCCESS;
use super::section::Section;
use super::setting::{Holds, setting};
use super::value_kind::{DAY, GIB, SECOND, ValueKind, words};
use super::words::AnswerFrom;
use super::words::RetryAfter;
use super::words::{OnOff, RouteMode};
use crate::config::diagnostic::WarningName;
use crate::verify::JsonType;
use crate::verify::OnAmbiguity;
use crate::verify::OnUnsigned;
use ValueKind::{
    Any, Boolean, Duration, HeaderName, Integer, List, Map, Matching, Name, Off, OneOrList, Size,
    Table, Text, Time, Word,
};

/// The table `[[route]]`.
pub(in crate::config) static ROUTE: Section = Section {
    path: "route",
    header: "[[route]]",
    settings: &[
        setting(
            "name",
            Name,
            r#"The name in logs and in `X-Verified-Route`; each route has its own"#,
        )
        .required(),
        setting(
            "host",
            Text,
            r#"`"pay.example.com"`, or `"*.example.com"` for every host with this ending; without
            port, case-insensitive"#,
        )
        .written(r#"host name"#)
        .otherwise(r#"any host"#),
        setting(
            "path",
            Matching("^/"),
            r#"The complete path, without the query, compared byte for byte as sent: `%2F` is not
            `/`"#,
        ),
        setting(
            "path_prefix",
            Matching("^/"),
            r#"The beginning of the path; `"/a"` also matches `/ab`, so end it with `/`"#,
        ),
        setting(
            "methods",
            List(&Text),
            r#"In upper case. Others get 405 `method_not_allowed`"#,
        )
        .written(r#"list of methods"#)
        .default(r#"["POST"]"#),
        setting(
            "scheme",
            Name,
            r#"`"cheezeepay"`, `"sgate"`, or a [`[[scheme]]`](#scheme)"#,
        )
        .required(),
        setting(
            "keys",
            Any(&[List(&Name), Map(&OneOrList(&Name))]),
            r#"Any key of the list may have signed. A table selects by a header's value: see [Keys
            picked by a header](#keys-picked-by-a-header)"#,
        )
        .written(r#"list of key ids, or table"#)
        .required(),
        setting(
            "key_header",
            HeaderName,
            r#"The header whose value selects from a table of `keys` or `decrypt_keys`"#,
        )
        .otherwise(r#"the scheme's `key_id`"#),
        setting(
            "values",
            Map(&Text),
            r#"The constants that the scheme uses as `{value:NAME}`: `{ webhook_id = "..." }`"#,
        )
        .written(r#"table of texts"#)
        .default("{}")
        .holds(Holds::Expression),
        setting(
            "public_url",
            Matching("^https?://"),
            r#"The URL under which the provider calls the route, for a scheme that signs `{url}` or
            `{configured_url}`. Never taken from the request"#,
        )
        .written(r#"URL"#)
        .otherwise("required for such a scheme"),
        setting(
            "upstream",
            Name,
            r#"An [`[[upstream]]`](#upstream), or `"echo"`"#,
        )
        .required(),
        setting(
            "get_answer",
            Text,
            r#"What GET (and HEAD) is answered, with 200 and as `text/plain`, for platforms that
            check a URL before they save it. `allow`, `deny` and `rate_limit` apply; the access
            log has a line. No such request reaches a backend, so `methods` must not have GET or
            HEAD"#,
        )
        .otherwise(r#"none: 405 `method_not_allowed`"#),
        setting(
            "upstream_path",
            Matching("^/"),
            r#"The path that the backend gets, in place of `path`, or of the part that is
            `path_prefix`; then both must end with `/`. The query stays. What is matched, verified
            and logged is the target that came. See [Upstreams](upstreams.md#other-paths)"#,
        )
        .otherwise(r#"the path that came"#),
        setting(
            "fields",
            Map(&Text),
            r#"Body fields that the backend gets as headers: see [Body fields as
            headers](#body-fields-as-headers)"#,
        )
        .written(r#"table of header = field"#)
        .default("{}"),
        setting(
            "forward_headers",
            List(&HeaderName),
            r#"Which headers of a callback the backend gets, besides Content-Type, the scheme's
            own and the proxy's: see [Which headers a backend
            gets](#which-headers-a-backend-gets)"#,
        )
        .otherwise(r#"none: every header"#),
        setting(
            "max_age",
            Any(&[Duration(SECOND, DAY.saturating_mul(366)), Off]),
            r#"How far the timestamp may differ from now in either direction: `timestamp_stale`,
            `timestamp_future`. In whole seconds. Only for a scheme with a timestamp"#,
        )
        .otherwise(r#"the scheme's `max_age`"#),
        setting(
            "body_limit",
            Size(1, GIB),
            r#"The largest body of this route: 413 `body_too_large`"#,
        )
        .otherwise(r#"the `body` of `[limits]`"#),
        setting(
            "expose_reason",
            Boolean,
            r#"Whether a refusal tells the client its [reason](reasons.md). Useful for testing,
            but it helps forgers"#,
        )
        .default("false"),
        setting(
            "success",
            Table(&ROUTE_SUCCESS),
            r#"Which of the backend's answers are a success; then no others are. **Set it if your
            backend may answer 200 with a body that reports a failure**: see
            [`route.success`](#routesuccess)"#,
        )
        .otherwise(r#"any 2xx"#),
        setting(
            "success_as_200",
            Boolean,
            r#"Whether every success of the backend is answered with 200, for platforms that
            insist on it. A 2xx that is not a success stays unchanged"#,
        )
        .default("false"),
        setting(
            "acknowledge",
            Word(words::<AnswerFrom>),
            r#"Whose answer the provider gets to a callback that the backend took. `backend`: the backend's own.
            `scheme`: the scheme's `acknowledge`, with its status, Content-Type and body, and nothing of the
            backend's. An answer that is not a success stays the backend's"#,
        )
        .default(r#""backend""#),
        setting(
            "access_log",
            Word(words::<OnOff>),
            r#"Whether its requests appear in the access log"#,
        )
        .default(r#""on""#),
        setting(
            "retry",
            List(&Word(words::<RetryAfter>)),
            r#"After which failures the next server gets the callback. `"connect"`: no connection
            was established, so no server has the callback. **The others can deliver a callback
            twice**: `"error"`: the connection failed, or the answer is malformed; `"timeout"`:
            the answer took too long. See
            [Upstreams](upstreams.md#when-the-next-server-gets-a-callback). `[]`: never"#,
        )
        .written(r#"list of `"connect"`, `"error"`, `"timeout"`"#)
        .default(r#"["connect"]"#),
        setting(
            "signed_target_prefix",
            Matching("^/"),
            r#"What a front proxy stripped from the path: see [Behind a proxy that rewrites the
            path](#behind-a-proxy-that-rewrites-the-path)"#,
        ),
        setting(
            "signed_target_header",
            HeaderName,
            r#"The header with the original target, from a trusted proxy; cannot be combined with
            `signed_target_prefix`"#,
        ),
        setting(
            "allow",
            List(&Text),
            r#"Who may call: see [Who may call](#who-may-call)"#,
        )
        .written(r#"list of addresses and networks"#)
        .otherwise(r#"the top level's"#),
        setting(
            "deny",
            List(&Text),
            r#"Who may not call: 403 `address_denied`"#,
        )
        .written(r#"list of addresses and networks"#)
        .otherwise(r#"the top level's"#),
        setting(
            "rate_limit",
            OneOrList(&Table(&RATE_LIMIT)),
            r#"How often it may be called: see [`route.rate_limit`](#routerate_limit)"#,
        ),
        setting(
            "in_flight",
            Any(&[Integer(1, 1_000_000), Off]),
            r#"The most requests of this route at once. Each counts from the end of its body until
            the backend's answer is complete, or the proxy has an answer in its place, or the
            client reads nothing of it for a second. From then on, the request counts only
            under `in_flight` of `[limits]`. Above it: 503 `overloaded`"#,
        )
        .default(r#""off""#),
        setting(
            "once",
            Any(&[Boolean, Table(&ROUTE_ONCE)]),
            r#"Whether and how replays and duplicates are kept from the backend: see
            [`route.once`](#routeonce)"#,
        )
        .written(r#"`true`, `false`, or table"#)
        .otherwise(r#"`true` if there is an `[once]` table"#),
        setting(
            "decrypt",
            Any(&[Name, List(&Text)]),
            r#"What is decrypted in a verified callback for the backend: `"sgate-sensitive"`, a
            [`[[decryption]]`](#decryption), or a list of paths, which are decrypted as
            `sgate-sensitive` does. Only for a scheme that signs the body"#,
        )
        .written(r#"name, or list of paths"#),
        setting(
            "decrypt_keys",
            Any(&[List(&Name), Map(&OneOrList(&Name))]),
            r#"The keys: ids of [`[[decryption_key]]`](#decryption_key), each of which is tried;
            or a table, from which the same header selects as from `keys`. Required with
            `decrypt`"#,
        )
        .written(r#"list of key ids, or table"#),
        setting(
            "require",
            Map(&OneOrList(&Word(words::<JsonType>))),
            r#"The fields that a body must have, and their types: see [Fields that must be
            there](#fields-that-must-be-there)"#,
        )
        .written(r#"table of field = type, or list of types"#)
        .default("{}"),
        setting(
            "ambiguous",
            Word(words::<OnAmbiguity>),
            r#"What to do with a body that could have been signed as another
            ([security.md](security.md#ambiguous-signed-content)). `flag`: the backend gets it
            with `X-Verified-Ambiguous: true`. `refuse`: 400 `content_ambiguous`; only for a
            scheme that joins fields, and not for one that sets `ambiguous_join`, which marks
            every callback"#,
        )
        .default(r#""flag""#),
        setting(
            "unsigned_fields",
            Word(words::<OnUnsigned>),
            r#"What to do with a body that has fields that its signature does not cover, at the top or in an
            object of which it covers a part. `refuse`: 400 `field_unsigned`; only for a scheme that can
            leave fields out"#,
        )
        .default(r#""pass""#),
        setting(
            "uncovered_body",
            Boolean,
            r#"States that the backend may get a body that nobody signed, of a scheme whose signature does
            not cover it. Without it, such a route needs `once`, so that each signature is good for one
            delivery; and if it takes nothing but GET and HEAD, a callback with a body is refused:
            `body_unexpected`"#,
        )
        .default("false"),
        setting(
            "mode",
            Word(words::<RouteMode>),
            r#"What happens to a callback that fails verification. `enforce`: it is rejected. `report`: until
            the time in `until`, it is forwarded like all others, and the logs and metrics tell what would
            have been rejected: see [Report mode](report-mode.md). **The backend then gets forged callbacks,
            too**"#,
        )
        .default(r#""enforce""#),
        setting(
            "until",
            Time,
            r#"When report mode ends: at most 90 days from the load. From then on, the route rejects what
            fails verification. Required with `mode = "report"`"#,
        )
        .only_with("mode", "report"),
        setting(
            "accept_warnings",
            List(&Word(words::<WarningName>)),
            r#"Warnings about this route that are intended, as at the top level"#,
        )
        .written(r#"list of [warnings](warnings.md#the-warnings)"#)
        .default("[]"),
    ],
    one_of: &["path", "path_prefix"],
};
