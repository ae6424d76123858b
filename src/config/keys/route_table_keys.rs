//! The keys of the tables of a route.

use super::section::Section;
use super::setting::setting;
use super::value_kind::{DAY, MIB, MILLISECOND, MINUTE, SECOND, ValueKind, words};
use super::words::InFlightRepeat;
use crate::config::limits::RateKey;
use crate::once::Repeat;
use ValueKind::{
    Duration, Integer, List, Literal, Map, Matching, Name, OneOrList, Size, Status, Text, Word,
};

/// The table `route.once`.
pub(in crate::config) static ROUTE_ONCE: Section = Section {
    path: "route.once",
    header: "once",
    settings: &[
        setting(
            "identity",
            List(&Text),
            r#"What copies of a callback have in common. A field is the name of a top-level one
            or, starting with `/`, a JSON Pointer; `"{content}"` is the signed content,
            `"{key_id}"` and `"{nonce}"` are the scheme's. A callback without one of the
            fields, or with an empty one, is refused (400 `identity_unusable`), and so is one
            whose body could have been signed as another, unless the identity is `"{content}"`
            alone. **A new callback whose fields all equal an old one's counts as a repeat and
            is lost**: name what makes them different, such as the status. Only what the
            signature covers can be named; `-t` refuses anything else. If a header selects the
            keys, callbacks of different merchants are told apart as well: by the scheme's
            `key_id` if that is signed, otherwise by the key that made the signature"#,
        )
        .written(r#"list of fields and placeholders"#)
        .otherwise(r#"the scheme's"#),
        setting(
            "namespace",
            Name,
            r#"Callbacks of different namespaces are never the same. Use one namespace for several
            routes if a callback may arrive on any of them"#,
        )
        .otherwise(r#"the route's `name`"#),
        setting(
            "keep",
            Duration(SECOND, DAY.saturating_mul(1000)),
            r#"How long a callback that a backend accepted is remembered: at least as long as the
            provider retries it, and as it can be replayed, which is twice `max_age` plus a
            minute. A longer `max_age` extends the default"#,
        )
        .otherwise(r#"the scheme's `keep`"#),
        setting(
            "repeat",
            Word(words::<Repeat>),
            r#"What to do with a callback that a backend has already accepted. `acknowledge`:
            repeat the backend's first answer, with `X-Countersign-Repeat: true`, without
            asking the backend. `forward`: send it to the backend with `X-Verified-Repeat:
            true`. `reject`: 409 `callback_repeated`"#,
        )
        .default(r#""acknowledge""#),
        setting(
            "in_flight",
            Word(words::<InFlightRepeat>),
            r#"What to do with a copy while another one is with the backend. `refuse`: 503
            `callback_in_flight` with `Retry-After`. `wait`: it waits for the outcome, and is
            refused if that takes too long"#,
        )
        .default(r#""refuse""#),
        setting(
            "wait",
            Duration(MILLISECOND.saturating_mul(10), SECOND.saturating_mul(60)),
            r#"The longest wait. Requires `in_flight = "wait"`"#,
        )
        .default(r#""5s""#)
        .only_with("in_flight", "wait"),
        setting(
            "lease",
            Duration(SECOND, MINUTE.saturating_mul(5)),
            r#"How long a callback stays claimed by a proxy that died. A living proxy renews its
            claims. Keep it shorter than half of the time in which the provider retries: SGate
            gives up after 25 seconds"#,
        )
        .default(r#""10s""#),
        setting(
            "answer_limit",
            Size(0, 16 * MIB),
            r#"The largest body of an answer that is stored. A larger one is repeated without its
            body. `-t` warns if it is more than the [memory store](#oncememory) keeps"#,
        )
        .default(r#""16KiB""#),
    ],
    one_of: &[],
};

/// The table `route.success`.
pub(in crate::config) static ROUTE_SUCCESS: Section = Section {
    path: "route.success",
    header: "success",
    settings: &[
        setting("status", Status(200, 299), r#"The accepted statuses"#)
            .written(r#"200 to 299, or `"first-last"`"#)
            .default(r#""200-299""#),
        setting(
            "body",
            List(&Text),
            r#"The complete body, ignoring white space at its ends; case-sensitive"#,
        ),
        setting(
            "json",
            Map(&OneOrList(&Literal)),
            r#"The members that a JSON body must have. On the left is the name of a top-level
            field or, starting with `/`, a JSON Pointer. On the right are strings, whole
            numbers, `true` and `false`; types matter: `0` is not `"0"`"#,
        )
        .written(r#"table of field = value, or list of values"#),
    ],
    one_of: &[],
};

/// The table `route.rate_limit`.
pub(in crate::config) static RATE_LIMIT: Section = Section {
    path: "route.rate_limit",
    header: "a rate limit",
    settings: &[
        setting(
            "rate",
            Matching("^[0-9]+/[smh]$"),
            r#"`"10/s"`, `"600/m"` or `"1000/h"`: 1 to 1000000 in a second, minute or hour, spread
            evenly"#,
        )
        .required(),
        setting(
            "burst",
            Integer(1, 1_000_000),
            r#"How many calls may come at once"#,
        )
        .otherwise(r#"the number in `rate`"#),
        setting(
            "key",
            Word(words::<RateKey>),
            r#"What is counted together: the calls of one client (an IPv4 address, or a 64-bit
            IPv6 network), or all calls of the route"#,
        )
        .default(r#""client""#),
    ],
    one_of: &[],
};
