//! The keys of `[[route]]`.

use super::RATE_LIMIT;
use super::ROUTE_ONCE;
use super::ROUTE_SUCCESS;
use super::section::Section;
use super::setting::setting;
use super::value_kind::{DAY, GIB, SECOND, ValueKind, words};
use super::words::OnOff;
use super::words::RetryAfter;
use crate::verify::JsonType;
use crate::verify::OnAmbiguity;
use crate::verify::OnUnsigned;
use ValueKind::{
    Any, Boolean, Duration, HeaderName, Integer, List, Map, Matching, Name, Off, OneOrList, Size,
    Table, Text, Word,
};

/// The table `[[route]]`.
pub(in crate::config) static ROUTE: Section = Section {
    path: "route",
    header: "[[route]]",
    settings: &[
        setting(
            "name",
            Name,
            r#"In logs and as `X-Verified-Route`; each route has its own"#,
        )
        .required(),
        setting(
            "host",
            Text,
            r#"`"pay.example.com"`, or `"*.example.com"` for every host that ends so; without port,
            compared without case"#,
        )
        .written(r#"host name"#)
        .otherwise(r#"any host"#),
        setting(
            "path",
            Matching("^/"),
            r#"The whole path, without the query, compared byte for byte as it is sent: `%2F` is not
            `/`"#,
        ),
        setting(
            "path_prefix",
            Matching("^/"),
            r#"What the path begins with; `"/a"` also takes `/ab`, so end it with `/`"#,
        ),
        setting(
            "methods",
            List(&Text),
            r#"In capitals. Another one gets 405 `method_not_allowed`"#,
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
            r#"Any of the list may have signed. A table picks by a header's value: see [Keys picked by
            a header](#keys-picked-by-a-header)"#,
        )
        .written(r#"list of key ids, or table"#)
        .required(),
        setting(
            "key_header",
            HeaderName,
            r#"The header whose value picks from a table of `keys` or `decrypt_keys`"#,
        )
        .otherwise(r#"the scheme's `key_id`"#),
        setting(
            "upstream",
            Name,
            r#"An [`[[upstream]]`](#upstream), or `"echo"`"#,
        )
        .required(),
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
            r#"Which headers of a callback the backend gets, beside Content-Type, the scheme's own and
            the proxy's: see [Which headers a backend gets](#which-headers-a-backend-gets)"#,
        )
        .otherwise(r#"none: every header"#),
        setting(
            "max_age",
            Any(&[Duration(SECOND, DAY.saturating_mul(366)), Off]),
            r#"How far the signing time may lie from now, either way: `timestamp_stale`,
            `timestamp_future`. Counted in whole seconds. Only for a scheme with a time stamp"#,
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
            r#"Whether a refusal tells the client its [reason](reasons.md). It helps while you try
            things out, and it helps forgers"#,
        )
        .default("false"),
        setting(
            "success",
            Table(&ROUTE_SUCCESS),
            r#"Which of the backend's answers are a success; nothing else is then. **Set it if your
            backend answers 200 and writes that it failed**: see [`route.success`](#routesuccess)"#,
        )
        .otherwise(r#"any 2xx"#),
        setting(
            "success_as_200",
            Boolean,
            r#"Whether any success of the backend is answered as 200, for platforms that insist on it.
            A 2xx that is no success stays as it is"#,
        )
        .default("false"),
        setting(
            "access_log",
            Word(words::<OnOff>),
            r#"Whether its requests appear in the access log"#,
        )
        .default(r#""on""#),
        setting(
            "retry",
            List(&Word(words::<RetryAfter>)),
            r#"After what the next server gets the callback. `"connect"`: no connection came about, so
            no server has it. **The others can deliver a callback twice**: `"error"`, when the
            connection broke or the answer is malformed; `"timeout"`, when the answer took too long.
            See [Upstreams](upstreams.md#when-the-next-server-gets-a-callback). `[]`: never"#,
        )
        .written(r#"list of `"connect"`, `"error"`, `"timeout"`"#)
        .default(r#"["connect"]"#),
        setting(
            "signed_target_prefix",
            Matching("^/"),
            r#"What a front proxy cut off the path: see [Behind a proxy that rewrites the
            path](#behind-a-proxy-that-rewrites-the-path)"#,
        ),
        setting(
            "signed_target_header",
            HeaderName,
            r#"The header with the original target, from a trusted proxy; not beside
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
            r#"Who may not: 403 `address_denied`"#,
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
            r#"The most requests of this route at once, each from the end of its body until the
            backend's answer is whole, or the proxy has one in its place, or the client takes
            nothing of it for a second. From then on the request counts only under `in_flight` of
            `[limits]`. Above it: 503 `overloaded`"#,
        )
        .default(r#""off""#),
        setting(
            "once",
            Any(&[Boolean, Table(&ROUTE_ONCE)]),
            r#"Whether replays and duplicates are kept from the backend, and how: see
            [`route.once`](#routeonce)"#,
        )
        .written(r#"`true`, `false`, or table"#)
        .otherwise(r#"`true` where there is an `[once]` table"#),
        setting(
            "decrypt",
            Any(&[Name, List(&Text)]),
            r#"What of a verified callback is decrypted for the backend: `"sgate-sensitive"`, a
            [`[[decryption]]`](#decryption), or a list of paths, which are decrypted as
            `sgate-sensitive` does it. Only for a scheme that signs the body"#,
        )
        .written(r#"name, or list of paths"#),
        setting(
            "decrypt_keys",
            Any(&[List(&Name), Map(&OneOrList(&Name))]),
            r#"With what: ids of [`[[decryption_key]]`](#decryption_key), each of which is tried; or a
            table, from which the same header picks as from `keys`. Required with `decrypt`"#,
        )
        .written(r#"list of key ids, or table"#),
        setting(
            "require",
            Map(&OneOrList(&Word(words::<JsonType>))),
            r#"Fields that a body must have, and of which type: see [Fields that must be
            there](#fields-that-must-be-there)"#,
        )
        .written(r#"table of field = type, or list of types"#)
        .default("{}"),
        setting(
            "ambiguous",
            Word(words::<OnAmbiguity>),
            r#"What becomes of a body that could have been signed as another
            ([security.md](security.md#ambiguous-signed-content)). `flag`: the backend gets it with
            `X-Verified-Ambiguous: true`. `refuse`: 400 `content_ambiguous`; only for a scheme that
            joins fields, and not for one that says `ambiguous_join`, which marks every callback"#,
        )
        .default(r#""flag""#),
        setting(
            "unsigned_fields",
            Word(words::<OnUnsigned>),
            r#"What becomes of a body with fields that its signature does not cover: `refuse`: 400
            `field_unsigned`; only for a scheme that omits empty fields"#,
        )
        .default(r#""pass""#),
    ],
    one_of: &["path", "path_prefix"],
};
