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
            r#"What two copies of a callback have in common. A field is the name of a top-level one or,
            beginning with `/`, a JSON Pointer; `"{content}"` is what was signed, `"{key_id}"` and
            `"{nonce}"` are the scheme's. A callback without one of the fields, or with an empty
            one, is refused (400 `identity_unusable`), and so is one whose body could have been
            signed as another, unless the identity is `"{content}"` alone. **A new callback whose
            fields are all equal to an old one's passes for a repeat and is lost**: name what makes
            them different, such as the status. Only what the signature covers can be named; `-t`
            refuses anything else. Where a header picks the keys, callbacks of different merchants
            are told apart as well: by the scheme's `key_id` if that is signed, otherwise by the key
            that made the signature"#,
        )
        .written(r#"list of fields and placeholders"#)
        .otherwise(r#"the scheme's"#),
        setting(
            "namespace",
            Name,
            r#"Callbacks of different namespaces are never the same. Give several routes one, if a
            callback may come by any of them"#,
        )
        .otherwise(r#"the route's `name`"#),
        setting(
            "keep",
            Duration(SECOND, DAY.saturating_mul(1000)),
            r#"How long a callback is remembered once a backend took it: at least as long as the
            provider repeats it, and as it can be sent again, which is twice `max_age` and a minute.
            A longer `max_age` lengthens the default"#,
        )
        .otherwise(r#"the scheme's `keep`"#),
        setting(
            "repeat",
            Word(words::<Repeat>),
            r#"What becomes of a callback that a backend took already. `acknowledge`: it is answered as
            the backend answered the first time, with `X-Countersign-Repeat: true`; the backend is
            not asked. `forward`: the backend gets it with `X-Verified-Repeat: true`. `reject`: 409
            `callback_repeated`"#,
        )
        .default(r#""acknowledge""#),
        setting(
            "in_flight",
            Word(words::<InFlightRepeat>),
            r#"What becomes of a copy while another one is with the backend. `refuse`: 503
            `callback_in_flight` with `Retry-After`. `wait`: it waits for the outcome, and is
            refused if that takes too long"#,
        )
        .default(r#""refuse""#),
        setting(
            "wait",
            Duration(MILLISECOND.saturating_mul(10), SECOND.saturating_mul(60)),
            r#"How long at most. Needs `in_flight = "wait"`"#,
        )
        .default(r#""5s""#)
        .only_with("in_flight", "wait"),
        setting(
            "lease",
            Duration(SECOND, MINUTE.saturating_mul(5)),
            r#"How long a callback stays claimed by a proxy that died. While a proxy lives it renews
            its claims. Keep it shorter than half of the time in which the provider tries again:
            SGate gives up after 25 seconds"#,
        )
        .default(r#""10s""#),
        setting(
            "answer_limit",
            Size(0, 16 * MIB),
            r#"The largest body of an answer that is remembered. A larger one is repeated without its
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
        setting("status", Status(200, 299), r#"The statuses"#)
            .written(r#"200 to 299, or `"first-last"`"#)
            .default(r#""200-299""#),
        setting(
            "body",
            List(&Text),
            r#"The whole body, apart from white space at its ends. Case counts"#,
        ),
        setting(
            "json",
            Map(&OneOrList(&Literal)),
            r#"What the body has if it is JSON. On the left is the name of a top-level field or,
            beginning with `/`, a JSON Pointer. On the right are strings, whole numbers, `true` and
            `false`; types count, and `0` is not `"0"`"#,
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
            r#"How many may come at once"#,
        )
        .otherwise(r#"the number in `rate`"#),
        setting(
            "key",
            Word(words::<RateKey>),
            r#"What is counted together: the calls of one client (an IPv4 address, or a network of IPv6
            of 64 bits), or all of the route"#,
        )
        .default(r#""client""#),
    ],
    one_of: &[],
};
