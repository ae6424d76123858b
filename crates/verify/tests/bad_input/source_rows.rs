//! Sources: missing, repeated, empty, in another encoding, of another kind.

use crate::attempt::{Attempt, Row, over};
use crate::signature_rows::{message, token};

const FIELDS: &str = "order = \"bytes\"\npair = \"{name}={value}\"\nbetween = \"&\"\n";

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    of_the_target(&mut rows);
    of_headers(&mut rows);
    of_bodies(&mut rows);
    of_signatures(&mut rows);
    rows.push(Row::fixed("configured_url"));
    rows.push(Row::fixed("secret"));
    rows.push(Row::fixed("value:x"));
    rows
}

fn of_the_target(rows: &mut Vec<Row>) {
    let long = "x".repeat(100_000);
    for source in ["target", "path", "query", "url"] {
        let scheme = over(&format!("{{{source}}}{{body}}"));
        let mut add = |input: &str, target: &[u8]| {
            let attempt = Attempt::new().target(target);
            rows.push(Row::new(source, input, &scheme, &attempt));
        };
        add("not UTF-8", b"/cb?a=\xff");
        add("not UTF-8, in the path", b"/\xff");
        add("100,000 bytes", format!("/cb?{long}").as_bytes());
    }
    let scheme = over("{query:a}{body}");
    let mut add = |input: &str, target: &[u8]| {
        let attempt = Attempt::new().target(target);
        rows.push(Row::new("query:a", input, &scheme, &attempt));
    };
    add("missing", b"/cb?b=1");
    add("repeated", b"/cb?a=1&a=2");
    add("repeated for PHP", b"/cb?a.b=1&a_b=2");
    add("empty", b"/cb?a=");
    add("`%zz`", b"/cb?a=%zz");
    add("`;`", b"/cb?a=1;b=2");
    add("not UTF-8", b"/cb?a=%ff");
    let many: String = (0..10_000).map(|nth| format!("&b{nth}=1")).collect();
    add("beside 10,000 others", format!("/cb?a=1{many}").as_bytes());
    let scheme = over("{method} {body}");
    let other = Attempt {
        method: "X",
        ..Attempt::new()
    };
    rows.push(Row::new("method", "another", &scheme, &other));
    let scheme = over("{host}{body}");
    let none = Attempt::new().without("Host");
    for (input, attempt) in [
        ("missing", none.clone()),
        ("repeated", Attempt::new().header("Host", "other.example")),
        ("empty", none.clone().header("Host", "")),
        ("not UTF-8", none.header("Host", b"\xff")),
    ] {
        rows.push(Row::new("host", input, &scheme, &attempt));
    }
}

fn of_headers(rows: &mut Vec<Row>) {
    let line = |key: &str, name: &str| {
        let rest = "algorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sign|unhex}\"\n";
        format!("{rest}{key} = \"{{header:{name}}}\"\ncontent = \"{{{key}}}\\n{{body}}\"\n")
    };
    for (source, scheme) in [
        ("header:X-A", over("{header:X-A}\n{body}")),
        ("headers:X-A", over("{headers:X-A|nth:1}\n{body}")),
        ("timestamp", line("timestamp", "X-A")),
        ("nonce", line("nonce", "X-A|max:128")),
        ("key_id", line("key_id", "X-A")),
    ] {
        let with = |value: &[u8]| Attempt::new().header("X-A", value);
        for (input, attempt) in [
            ("missing", Attempt::new()),
            ("repeated", with(b"1").header("X-A", "1")),
            ("a second spelling", with(b"1").header("X_A", "1")),
            ("empty", with(b"")),
            ("not UTF-8", with(b"\xff")),
            ("100,000 bytes", with(&[b'1'; 100_000])),
        ] {
            rows.push(Row::new(source, input, &scheme, &attempt));
        }
        if source == "timestamp" {
            for (input, value) in [
                ("not a number", "x"),
                ("a sign", "-1"),
                ("a fraction", "1.5"),
                ("a leading zero", "01"),
            ] {
                rows.push(Row::new(source, input, &scheme, &with(value.as_bytes())));
            }
        }
    }
    let scheme = over("{headers:X-A|nth:1}\n{body}");
    let many = (0..10_001).fold(Attempt::new(), |attempt, _| attempt.header("X-A", "1"));
    rows.push(Row::new("headers:X-A", "10,001 values", &scheme, &many));
}

fn of_bodies(rows: &mut Vec<Row>) {
    let body = over("{body}");
    rows.push(Row::new("body", "empty", &body, &Attempt::new()));
    let other = Attempt::new().json(b"\xff");
    rows.push(Row::new("body", "not UTF-8", &body, &other));
    let digest = over("{body}") + "signed = \"{content|sha256|hex}\"\n";
    rows.push(Row::new("content", "empty", &digest, &Attempt::new()));
    let scheme = over("{field:a}");
    for (input, body) in [
        ("missing", &b"{}"[..]),
        ("null", b"{\"a\":null}"),
        ("repeated", b"{\"a\":\"1\",\"a\":\"1\"}"),
        ("in two cases", b"{\"a\":\"1\",\"A\":\"2\"}"),
        ("empty", b"{\"a\":\"\"}"),
        ("an object", b"{\"a\":{}}"),
        ("not UTF-8", b"{\"a\":\"\xff\"}"),
        ("half a surrogate pair", b"{\"a\":\"\\ud800\"}"),
    ] {
        let attempt = Attempt::new().json(body);
        rows.push(Row::new("field:a", input, &scheme, &attempt));
    }
    let scheme = over("{document|json:js}");
    for (input, body) in [
        ("empty", ""),
        ("a list", "[]"),
        ("two documents", "{}{}"),
        ("1.5 MB of brackets", &"{\"a\":".repeat(300_000)),
    ] {
        let attempt = Attempt::new().json(body);
        rows.push(Row::new("document", input, &scheme, &attempt));
    }
    let scheme = over("{form:a}");
    for (input, body) in [
        ("missing", &b"b=1"[..]),
        ("repeated", b"a=1&a=1"),
        ("empty", b"a="),
        ("`%zz`", b"a=%zz"),
        ("not UTF-8", b"a=%ff"),
        ("NUL", b"a=%00"),
    ] {
        let attempt = Attempt::new().form(body);
        rows.push(Row::new("form:a", input, &scheme, &attempt));
    }
    let scheme = over("{xml:a}");
    for (input, body) in [
        ("missing", &b"<x><b>1</b></x>"[..]),
        ("repeated", b"<x><a>1</a><a>1</a></x>"),
        ("empty", b"<x><a/></x>"),
        ("nested", b"<x><a><b/></a></x>"),
        ("not UTF-8", b"<x><a>\xff</a></x>"),
    ] {
        let attempt = Attempt::new().xml(body);
        rows.push(Row::new("xml:a", input, &scheme, &attempt));
    }
    selections(rows);
}

fn selections(rows: &mut Vec<Row>) {
    let json = over("{fields}") + "[scheme.fields]\nfrom = \"json\"\n" + FIELDS;
    for (input, body) in [
        ("null", "{\"a\":null}"),
        ("an object", "{\"a\":{}}"),
        (
            "a list of 10,000",
            &format!("{{\"a\":[1{}]}}", ",1".repeat(9_999)),
        ),
        ("repeated", "{\"a\":1,\"a\":1}"),
    ] {
        let attempt = Attempt::new().json(body);
        rows.push(Row::new("fields", input, &json, &attempt));
    }
    let named =
        over("{fields}") + "[scheme.fields]\nfrom = \"json\"\nnames = [\"a\", \"b\"]\n" + FIELDS;
    let attempt = Attempt::new().json("{\"a\":1}");
    rows.push(Row::new(
        "fields",
        "one of `names` missing",
        &named,
        &attempt,
    ));
    let listed = over("{header:X-L|max:9000}\n{fields}")
        + "[scheme.fields]\nfrom = \"json\"\nlisted_by = \"{header:X-L|split:,}\"\nmust_cover = [\"a\"]\n"
        + FIELDS;
    let listed = listed.replace("order = \"bytes\"\n", "");
    for (input, list) in [
        ("the list lacks one of `must_cover`", "b"),
        ("the list names one twice", "a,b,a"),
        ("the list names one that is not there", "a,c"),
        ("an empty list", ""),
        ("a list of 10,000", &format!("a{}", ",b".repeat(9_999))),
    ] {
        let attempt = Attempt::new().json("{\"a\":1,\"b\":2}").header("X-L", list);
        rows.push(Row::new("fields", input, &listed, &attempt));
    }
    let second = over("{fields:own}") + "[scheme.selection.own]\nfrom = \"form\"\n" + FIELDS;
    let attempt = Attempt::new().form("a=1&a=2");
    rows.push(Row::new("fields:own", "repeated", &second, &attempt));
}

fn of_signatures(rows: &mut Vec<Row>) {
    for (source, place) in [
        ("jose:kid", "key_id = \"{jose:kid}\""),
        ("claim:id", "nonce = \"{claim:id}\""),
    ] {
        let scheme =
            format!("algorithm = \"jws-hs256\"\nsignature = \"{{header:X-Token}}\"\n{place}\n");
        let with = |header: &str, claims: &str| {
            Attempt::unsigned().header("X-Token", token(header, claims))
        };
        for (input, attempt) in [
            ("missing", with("{\"alg\":\"HS256\"}", "{}")),
            (
                "repeated",
                with(
                    "{\"alg\":\"HS256\",\"kid\":\"1\",\"kid\":\"1\"}",
                    "{\"id\":1,\"id\":1}",
                ),
            ),
            (
                "empty",
                with("{\"alg\":\"HS256\",\"kid\":\"\"}", "{\"id\":\"\"}"),
            ),
            (
                "an object",
                with("{\"alg\":\"HS256\",\"kid\":{}}", "{\"id\":{}}"),
            ),
            ("not an object around it", with("[]", "[]")),
        ] {
            rows.push(Row::new(source, input, &scheme, &attempt));
        }
    }
    let scheme = "algorithm = \"rfc9421-hmac-sha256\"\ncomponents = [\"@method\"]\nkey_id = \"{param:keyid}\"\n";
    for (input, parameters) in [
        ("missing", ""),
        ("repeated", ";keyid=\"1\";keyid=\"2\""),
        ("empty", ";keyid=\"\""),
        ("a number", ";keyid=1"),
    ] {
        let attempt = message(&format!("(\"@method\"){parameters}"));
        rows.push(Row::new("param:keyid", input, scheme, &attempt));
    }
}
