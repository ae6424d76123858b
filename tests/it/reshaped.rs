//! Genuine callbacks rewritten under the same signature: which pass, and which settings stop them.
//!
//! The tables of docs/security.md come from here.

use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup};
use crate::tables::{Column, Table};

/// A body and the text that a platform signed for it.
struct Genuine {
    body: &'static str,
    text: &'static str,
}

const ORDER: Genuine = Genuine {
    body: r#""amount":800,"data":{"k":"v"},"items":["a","b"],"no":"C1","payer":{"name":"A"},"rate":0.1,"status":"paid""#,
    text: r#"amount=800&data={"k":"v"}&items=[a, b]&no=C1&payer={name=A}&rate=0.1&status=paid"#,
};

/// A value contains what looks like another field.
const LINK: Genuine = Genuine {
    body: r#""amount":800,"no":"C1","page":"/?a=1&ref=2","status":"paid""#,
    text: "amount=800&no=C1&page=/?a=1&ref=2&status=paid",
};

/// A value that the payer chose contains what looks like the status and another field.
const NOTE: Genuine = Genuine {
    body: r#""amount":800,"no":"C1","note":"x&status=paid&statust=","status":"failed""#,
    text: "amount=800&no=C1&note=x&status=paid&statust=&status=failed",
};

/// How somebody rewrites the callback: pairs of old and new text.
struct Reshaping {
    what: &'static str,
    genuine: Genuine,
    edits: &'static [(&'static str, &'static str)],
}

const CHEEZEEPAY: &[Reshaping] = &[
    Reshaping {
        what: "none: it is as it was signed",
        genuine: ORDER,
        edits: &[],
    },
    Reshaping {
        what: "another value",
        genuine: ORDER,
        edits: &[("800", "801")],
    },
    Reshaping {
        what: "other white space, order and escapes",
        genuine: ORDER,
        edits: &[
            (r#""amount":800,"#, ""),
            (r#""C1","#, r#" "\u00431", "amount" :800,"#),
        ],
    },
    Reshaping {
        what: r#"a field in the value before it: `"rate":"0.1&status=paid"`"#,
        genuine: ORDER,
        edits: &[(r#"0.1,"status":"paid""#, r#""0.1&status=paid""#)],
    },
    Reshaping {
        what: r#"the same, and `"status":""`"#,
        genuine: ORDER,
        edits: &[(r#"0.1,"status":"paid""#, r#""0.1&status=paid","status":"""#)],
    },
    Reshaping {
        what: r#"a field in the name behind it: `"no=C1&payer":…`"#,
        genuine: ORDER,
        edits: &[(r#""no":"C1","payer""#, r#""no=C1&payer""#)],
    },
    Reshaping {
        what: r#"all fields in one: `"amount":"800&data=…"`"#,
        genuine: ORDER,
        edits: &[
            (
                r#"800,"data":{"k":"v"},"items":["a","b"],"#,
                r#""800&data={\"k\":\"v\"}&items=[a, b]&"#,
            ),
            (
                r#""no":"C1","payer":{"name":"A"},"#,
                "no=C1&payer={name=A}&",
            ),
            (r#""rate":0.1,"status":"paid""#, r#"rate=0.1&status=paid""#),
        ],
    },
    Reshaping {
        what: r#"an empty field more: `"refund":[]`"#,
        genuine: ORDER,
        edits: &[(r#""amount""#, r#""refund":[],"amount""#)],
    },
    Reshaping {
        what: r#"an empty field in other case: `"No":""`"#,
        genuine: ORDER,
        edits: &[(r#""no""#, r#""No":"","no""#)],
    },
    Reshaping {
        what: r#"a number as text: `"amount":"800"`"#,
        genuine: ORDER,
        edits: &[("800", r#""800""#)],
    },
    Reshaping {
        what: r#"digits beyond a double's: `"rate":0.10000000000000000001`"#,
        genuine: ORDER,
        edits: &[("0.1", "0.10000000000000000001")],
    },
    Reshaping {
        what: r#"an object as text: `"payer":"{name=A}"`"#,
        genuine: ORDER,
        edits: &[(r#"{"name":"A"}"#, r#""{name=A}""#)],
    },
    Reshaping {
        what: r#"two elements as one: `"items":["a, b"]`"#,
        genuine: ORDER,
        edits: &[(r#""a","b""#, r#""a, b""#)],
    },
    Reshaping {
        what: "`data`, which is signed as JSON, as text",
        genuine: ORDER,
        edits: &[(r#"{"k":"v"}"#, r#""{\"k\":\"v\"}""#)],
    },
    Reshaping {
        what: r#"none, but it was signed with `"note":"x&status=paid&statust="`, `"status":"failed"`"#,
        genuine: NOTE,
        edits: &[],
    },
    Reshaping {
        what: r#"that one as `"note":"x"`, `"status":"paid"`, `"statust":"&status=failed"`"#,
        genuine: NOTE,
        edits: &[
            (
                "x&status=paid&statust=",
                r#"x","status":"paid","statust":"&status=failed"#,
            ),
            (r#","status":"failed""#, ""),
        ],
    },
    Reshaping {
        what: r#"none, but it was signed with `"page":"/?a=1&ref=2"`"#,
        genuine: LINK,
        edits: &[],
    },
    Reshaping {
        what: r#"that one with two fields: `"page":"/?a=1","ref":"2"`"#,
        genuine: LINK,
        edits: &[("1&ref=2", r#"1","ref":"2"#)],
    },
];

/// Each defence with its lines on the route.
const DEFENCES: &[(&str, &str)] = &[
    ("by default", ""),
    ("`require`", REQUIRE),
    (
        "`unsigned_fields = \"refuse\"`",
        "unsigned_fields = 'refuse'",
    ),
    ("`ambiguous = \"refuse\"`", "ambiguous = 'refuse'"),
];

const REQUIRE: &str = "require = { amount = 'integer', no = 'string', status = 'string' }";

impl Reshaping {
    fn body(&self) -> String {
        self.edits
            .iter()
            .fold(self.genuine.body.to_owned(), |body, (old, new)| {
                assert_eq!(body.matches(old).count(), 1, "{}: {old}", self.what);
                body.replace(old, new)
            })
    }
}

/// The outcome: whether the callback passes and is marked, or the reason for its rejection.
fn outcome(proxy: &Proxy, origin: &Origin, callback: &Callback) -> String {
    let before = origin.count();
    let answer = callback.send(proxy);
    if answer.status == 200 {
        let received = origin.last();
        assert_eq!(received.body, callback.body);
        let mark = received.header("X-Verified-Ambiguous");
        return mark.map_or("passes", |_| "passes, marked").to_owned();
    }
    assert_eq!((answer.status, origin.count()), (400, before));
    format!("`{}`", answer.json()["reason"].as_str().unwrap())
}

#[test]
fn reshaped_cheezeepay_callbacks_are_handled_as_documented() {
    let origin = Origin::start();
    let routes = DEFENCES.iter().enumerate();
    let setup = routes.fold(Setup::new(), |setup, (nth, (_, lines))| {
        setup.cheezeepay(&format!("name = 'r{nth}'\npath = '/{nth}'\n{lines}"))
    });
    let proxy = setup.origin(&origin).start();
    let columns = DEFENCES.iter().enumerate().map(|(nth, (name, _))| {
        let cells = CHEEZEEPAY.iter().map(|reshaping| {
            let sign = Signer::get().sign("sha256", reshaping.genuine.text.as_bytes());
            let body = format!("{{{},\"sign\":\"{sign}\"}}", reshaping.body());
            let callback =
                Callback::post(&format!("/{nth}"), body).header("Content-Type", "application/json");
            outcome(&proxy, &origin, &callback)
        });
        Column::new(name, cells.collect())
    });
    let rows: Vec<_> = CHEEZEEPAY.iter().map(|reshaping| reshaping.what).collect();
    Table::new("reshaped cheezeepay", "reshaping", columns.collect()).check(&rows);
}

#[test]
fn sgate_callbacks_cannot_be_reshaped() {
    const BODY: &str = r#"{"event":"E","data":{"amount":800,"no":"C1"},"time":7}"#;
    let rows = [
        ("none: it is as it was signed", BODY.to_owned()),
        ("other white space", BODY.replace(":7", ": 7")),
        (
            "another order",
            BODY.replace(r#""amount":800,"no":"C1""#, r#""no":"C1","amount":800"#),
        ),
        ("another escape", BODY.replace("C1", r"\u00431")),
        (
            "an empty field more",
            BODY.replace(r#""data""#, r#""refund":"","data""#),
        ),
        ("a number as text", BODY.replace("800", r#""800""#)),
    ];
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = 'r'\npath = '/cb'")
        .origin(&origin)
        .start();
    let cells = rows.iter().map(|(_, body)| {
        let mut callback = Signer::get().sgate("/cb", BODY);
        callback.body = body.clone().into_bytes();
        outcome(&proxy, &origin, &callback)
    });
    let column = Column::new("by default", cells.collect());
    let rows = rows.each_ref().map(|(what, _)| *what);
    Table::new("reshaped sgate", "reshaping", vec![column]).check(&rows);
}
