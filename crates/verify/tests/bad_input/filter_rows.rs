//! Filters: what each does not take.

use crate::attempt::{Attempt, Row, over};

/// Texts, each behind what is wrong with it.
type BadTexts = &'static [(&'static str, &'static str)];

/// Filters over the text of a header, and texts that are bad for them, each with a name.
const OF_TEXT: &[(&str, BadTexts)] = &[
    ("lower", &[]),
    ("upper", &[]),
    ("trim", &[("only spaces", "%20")]),
    ("reverse", &[]),
    ("prefix:sha256=", &[("without X", "ab")]),
    ("prefix?:sha256=", &[("without X", "ab")]),
    ("after:-", &[("without X", "ab")]),
    ("before:-", &[("without X", "ab")]),
    ("after-last:-", &[("without X", "ab")]),
    ("remove:','", &[("nothing is left", ",,")]),
    ("escape:'|'", &[]),
    ("max:2", &[("three characters", "abc")]),
    (
        "number:2",
        &[
            ("three decimals", "1.234"),
            ("an exponent", "1e2"),
            ("no number", "NaN"),
            ("a comma", "1,5"),
            ("white space", "1 5"),
        ],
    ),
    ("nonempty", &[]),
    (
        "3des-cbc:1446117555",
        &[("a key of 3 bytes", "YWJj"), ("no base64", "%")],
    ),
    (
        "unhex",
        &[
            ("an odd digit", "abc"),
            ("another character", "0g"),
            ("white space", "a b "),
        ],
    ),
    (
        "unbase64",
        &[
            ("no padding", "YWI"),
            ("bits behind the end", "YWJ="),
            ("URL-safe", "-_8="),
        ],
    ),
    (
        "unbase64:lenient",
        &[
            ("white space", "YW I="),
            ("bits behind the end", "YWJ"),
            ("URL-safe", "-_8="),
        ],
    ),
    (
        "unbase64url",
        &[
            ("the other alphabet", "+/8="),
            ("bits behind the end", "-_9"),
        ],
    ),
    ("unhex|text", &[("not UTF-8", "ff")]),
    (
        "urldecode",
        &[
            ("`%zz`", "%zz"),
            ("half a code", "%4"),
            ("not UTF-8", "%ff"),
        ],
    ),
    ("md5|hex", &[]),
    ("sha1|hex", &[]),
    ("sha256|hex", &[]),
    ("sha384|hex", &[]),
    ("sha512|hex", &[]),
    ("crc32", &[]),
    ("hex", &[]),
    ("base64", &[]),
    ("base64url", &[]),
    ("urlencode:form", &[]),
    ("split:,|nth:2", &[("one part", "a")]),
    ("words|nth:2", &[("one part", "a")]),
    (
        "pairs:,|one:t",
        &[
            ("no `=`", "t"),
            ("no such name", "a=1"),
            ("repeated", "t=1,t=1"),
            ("an empty part", "t=1,,"),
        ],
    ),
    (
        "field:a",
        &[
            ("no JSON", "x"),
            ("no such field", "{}"),
            ("null", "{\"a\":null}"),
            ("repeated", "{\"a\":1,\"a\":1}"),
        ],
    ),
];

/// Filters over values that others make: the whole, the filter that is meant, and bad texts.
const OF_OTHERS: &[(&str, &str, BadTexts)] = &[
    (
        "one:t",
        "pairs:,|one:t",
        &[("no such name", "a=1"), ("repeated", "t=1,t=2")],
    ),
    ("all:t", "pairs:,|all:t|nth:1", &[("no such name", "a=1")]),
    ("nth:2", "split:,|nth:2", &[("one item", "a")]),
    ("skip:1", "split:,|skip:1|nth:1", &[("one item", "a")]),
    ("text", "unhex|text", &[("not UTF-8", "c0af")]),
];

/// Filters over the JSON body.
const OF_JSON: &[(&str, BadTexts)] = &[
    ("sorted|json:js", &[("repeated", "{\"a\":1,\"a\":2}")]),
    ("without:a|json:js", &[("no such member", "{\"b\":1}")]),
    (
        "field:/a|flatten",
        &[("text", "{\"a\":\"x\"}"), ("a list of 10,000 items", "")],
    ),
    (
        "field:a|raw",
        &[("missing", "{}"), ("null", "{\"a\":null}")],
    ),
    (
        "field:a|java",
        &[("missing", "{}"), ("null", "{\"a\":null}")],
    ),
    (
        "field:a|java:double",
        &[("a number out of range", "{\"a\":1e400}")],
    ),
    (
        "field:a|json:js",
        &[
            ("a list", "{\"a\":[1]}"),
            ("a number out of range", "{\"a\":1e400}"),
        ],
    ),
    (
        "json:php",
        &[("half a surrogate pair", "{\"a\":\"\\ud800\"}")],
    ),
];

/// What the rows of a filter over others are called.
fn subject(filters: &str) -> &str {
    let all = ["flatten", "raw", "java:double", "java", "json:js"];
    let named = filters
        .strip_prefix("field:a|")
        .or_else(|| filters.strip_prefix("field:/a|"));
    match (filters, named) {
        ("unhex|text", _) => "text",
        (_, Some(last)) if all.contains(&last) => last,
        _ => filters,
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (filters, bad) in OF_TEXT {
        add(&mut rows, subject(filters), filters, bad);
    }
    for (name, filters, bad) in OF_OTHERS {
        add(&mut rows, name, filters, bad);
    }
    for (filters, bad) in OF_JSON {
        let scheme = over(&format!("{{document|{filters}}}"));
        for (input, body) in *bad {
            let long = format!("{{\"a\":[1{}]}}", ",1".repeat(9_999));
            let body = if body.is_empty() { &long } else { *body };
            let attempt = Attempt::new().json(body);
            rows.push(Row::new(subject(filters), input, &scheme, &attempt));
        }
    }
    let scheme = over("{header:X-A|default:none}\n{body}");
    rows.push(Row::new(
        "default:none",
        "missing",
        &scheme,
        &Attempt::new(),
    ));
    rows.push(Row::new(
        "default:none",
        "empty",
        &scheme,
        &Attempt::new().header("X-A", ""),
    ));
    rows
}

fn add(rows: &mut Vec<Row>, subject: &str, filters: &str, bad: BadTexts) {
    // JSON is written only where it is text.
    let style = if filters.starts_with("field:") {
        "|json:js"
    } else {
        ""
    };
    let scheme = over(&format!("{{header:X-A|{filters}{style}}}\n{{body}}"));
    let mut add = |input: &str, attempt: &Attempt| {
        rows.push(Row::new(subject, input, &scheme, attempt));
    };
    add("missing", &Attempt::new());
    add("empty", &Attempt::new().header("X-A", ""));
    for (input, text) in bad {
        let text = text.replace("%20", " ");
        add(input, &Attempt::new().header("X-A", text));
    }
    let many = |separator: &str| format!("t=1{}", format!("{separator}t=1").repeat(10_000));
    match filters.split([':', '|']).next() {
        Some("split" | "pairs") => add("10,001 items", &Attempt::new().header("X-A", many(","))),
        Some("words") => add("10,001 items", &Attempt::new().header("X-A", many(" "))),
        _ => {}
    }
}
