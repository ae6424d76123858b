//! Bodies that parsers read differently, or that cost more than they should.

use std::fmt::Write as _;

use crate::attempt::{Attempt, Row, over};

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let scheme = over("{field:a}");
    let long = "1".repeat(100_000);
    for (input, body) in [
        ("empty", String::new()),
        ("a form", "a=1".to_owned()),
        ("a byte-order mark", "\u{feff}{\"a\":1}".to_owned()),
        (
            "65 levels",
            format!("{{\"a\":{}1{}}}", "[".repeat(65), "]".repeat(65)),
        ),
        ("a comment", "{\"a\":1/**/}".to_owned()),
        ("bytes behind it", "{\"a\":1}x".to_owned()),
        ("a number of 100,000 digits", format!("{{\"a\":{long}}}")),
    ] {
        let attempt = Attempt::new().json(body);
        rows.push(Row::new("JSON", input, &scheme, &attempt));
    }
    let scheme = over("{form:a}");
    let pairs = |count: usize| {
        (0..count).fold("a=1".to_owned(), |mut body, nth| {
            write!(body, "&b{nth}=1").unwrap();
            body
        })
    };
    for (input, body) in [
        ("empty", String::new()),
        ("JSON", "{\"a\":1}".to_owned()),
        ("`%zz`", "a=1&b=%zz".to_owned()),
        ("`;`", "a=1;b=2".to_owned()),
        ("a repeated name", "a=1&b=1&b=2".to_owned()),
        (
            "a name that PHP reads as another",
            "a=1&b.c=1&b_c=2".to_owned(),
        ),
        ("a field within another", "a=1&b=1&b[c]=2".to_owned()),
        ("a part without `=`", "a=1&b".to_owned()),
        ("a byte-order mark", "\u{feff}a=1".to_owned()),
        ("1,001 pairs", pairs(1_000)),
        ("100,000 pairs", pairs(99_999)),
        ("100,000 empty parts", format!("a=1{}", "&".repeat(100_000))),
    ] {
        let attempt = Attempt::new().form(body);
        rows.push(Row::new("form", input, &scheme, &attempt));
    }
    rows.push(Row::new(
        "form",
        "another Content-Type",
        &scheme,
        &Attempt::new().json("a=1"),
    ));
    let scheme = over("{xml:a}");
    let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><x><a>&b;</a></x>";
    let outside = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x><a>&a;</a></x>";
    for (input, body) in [
        ("empty", String::new()),
        ("a document type", "<!DOCTYPE x><x><a>1</a></x>".to_owned()),
        ("entities of entities", laughs.to_owned()),
        ("an entity from a file", outside.to_owned()),
        ("an unknown entity", "<x><a>&b;</a></x>".to_owned()),
        ("two roots", "<x><a>1</a></x><x><a>2</a></x>".to_owned()),
        (
            "a comment in a value",
            "<x><a>1<!-- -->2</a></x>".to_owned(),
        ),
        (
            "a processing instruction",
            "<x><?p?><a>1</a></x>".to_owned(),
        ),
        (
            "another encoding",
            "<?xml version=\"1.0\" encoding=\"utf-16\"?><x><a>1</a></x>".to_owned(),
        ),
        ("an attribute", "<x><a b=\"1\">1</a></x>".to_owned()),
        ("a namespace", "<x xmlns=\"urn:x\"><a>1</a></x>".to_owned()),
        ("not closed", "<x><a>1".to_owned()),
        ("text beside elements", "<x>1<a>1</a></x>".to_owned()),
        (
            "10,001 elements",
            format!("<x><a>1</a>{}</x>", "<b/>".repeat(10_001)),
        ),
        ("100,000 levels", "<x>".repeat(100_000)),
    ] {
        let attempt = Attempt::new().xml(body);
        rows.push(Row::new("XML", input, &scheme, &attempt));
    }
    rows
}
