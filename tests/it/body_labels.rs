//! What real backends read in the forms and the XML that the proxy lets through, and in those that it
//! does not.
//!
//! The tables of docs/security.md come from here.

use crate::backends::{Backend, Kind};
use crate::form_bodies::{FORM, scheme, signed_form, signed_xml};
use crate::support::{Callback, Setup};
use crate::tables::{Column, Table};

/// A change to a genuine callback.
struct Row {
    what: &'static str,
    callback: Callback,
    /// What the query adds, if it may.
    query: &'static [(&'static str, &'static str)],
}

/// ASCII: backends record bytes or characters.
const SIGNED: &[(&str, &str)] = &[
    ("amount", "0.10"),
    ("no", "C 1"),
    ("note", "a&b=c"),
    ("status", "paid"),
    ("empty", ""),
];

fn rows(genuine: &Callback, changes: &[(&'static str, Change)]) -> Vec<Row> {
    let row = |(what, change): &(&'static str, Change)| {
        let mut row = Row {
            what,
            callback: genuine.clone(),
            query: &[],
        };
        match change {
            Change::Nothing => {}
            Change::Label(label) => row.callback = row.callback.with("Content-Type", *label),
            Change::Query(query) => row.callback.target.push_str(query),
            Change::OtherQuery(query, pairs) => {
                row.callback.target.push_str(query);
                row.query = pairs;
            }
            Change::Body(old, new) => {
                let body = String::from_utf8(row.callback.body).unwrap();
                assert!(body.contains(old), "{old}");
                row.callback.body = body.replacen(old, new, 1).into_bytes();
            }
        }
        row
    };
    changes.iter().map(row).collect()
}

enum Change {
    Nothing,
    Label(Option<&'static str>),
    Query(&'static str),
    OtherQuery(&'static str, &'static [(&'static str, &'static str)]),
    Body(&'static str, String),
}

/// What each row's callback gets from the proxy, and whether it passes.
fn verdicts(format: &str, rows: &[Row]) -> Vec<(bool, String)> {
    let proxy = Setup::new()
        .tables(&scheme(format, ""))
        .route(&format!(
            "name = \"r\"\npath = \"/fields\"\nscheme = \"{format}\"\nkeys = [\"signer\"]\n\
             upstream = \"echo\"\nexpose_reason = true"
        ))
        .start();
    let verdict = |row: &Row| {
        let answer = row.callback.send(&proxy);
        if answer.status == 200 {
            return (true, "forwards".to_owned());
        }
        assert_eq!(answer.status, 400, "{}", row.what);
        (
            false,
            format!("`{}`", answer.json()["reason"].as_str().unwrap()),
        )
    };
    rows.iter().map(verdict).collect()
}

/// What a backend's readers make of each row.
fn readings(kind: Kind, readers: &[&str], rows: &[Row]) -> Vec<Column> {
    let mut backend = Backend::start(kind);
    let mut cells = vec![Vec::new(); readers.len()];
    for row in rows {
        backend.answers(
            &row.callback
                .clone()
                .header("Connection", "close")
                .with_length(),
        );
        let seen = backend.seen();
        assert_eq!(seen.len(), 1, "{kind:?}: {}", row.what);
        for (reader, cells) in readers.iter().zip(&mut cells) {
            let found = seen[0].fields.iter().filter(|field| field[0] == *reader);
            let mut found: Vec<_> = found.map(|[_, name, value]| (&**name, &**value)).collect();
            found.sort_unstable();
            cells.push(reading(&found, row).to_owned());
        }
    }
    let version = &backend.version;
    readers
        .iter()
        .zip(cells)
        .map(|(reader, cells)| {
            Column::new(&format!("`{reader}`, {}", kind.name()), cells).of(version)
        })
        .collect()
}

/// Whether every signed field has its value, once, and no other field has any.
fn reading(found: &[(&str, &str)], row: &Row) -> &'static str {
    let mut valued: Vec<_> = found.to_vec();
    valued.retain(|(name, value)| {
        let is_signed = SIGNED.iter().any(|(signed, _)| signed == name) && *name != "empty";
        is_signed || *name != "sign" && !value.is_empty()
    });
    let mut signed = SIGNED.to_vec();
    signed.retain(|(_, value)| !value.is_empty());
    signed.sort_unstable();
    let mut with_query = [&signed, row.query].concat();
    with_query.sort_unstable();
    match &valued[..] {
        [] => "nothing",
        valued if valued == signed => "as signed",
        valued if valued == with_query => "as signed, and the query",
        _ => "**other fields**",
    }
}

/// Where the proxy lets a callback through, every backend reads what was signed.
fn check(format: &str, rows: &[Row], readers: &[(Kind, &[&str])], marker: &'static str) {
    let verdicts = verdicts(format, rows);
    let mut columns = vec![Column::new(
        "Countersign",
        verdicts
            .iter()
            .map(|(_, verdict)| verdict.clone())
            .collect(),
    )];
    for (kind, readers) in readers {
        columns.extend(readings(*kind, readers, rows));
    }
    for column in &columns[1..] {
        for ((row, (passes, _)), cell) in rows.iter().zip(&verdicts).zip(column.cells()) {
            let is_harmless = cell.starts_with("as signed") || format == "xml" && cell == "nothing";
            assert!(!passes || is_harmless, "{}: {cell}", row.what);
        }
    }
    let names: Vec<_> = rows.iter().map(|row| row.what).collect();
    Table::new(marker, "change", columns).check(&names);
}

#[test]
fn forms() {
    use Change::{Body, Label, Nothing, OtherQuery, Query};
    let genuine = signed_form("/fields", SIGNED);
    let empty = |new: &str| Body("empty=", format!("empty=&{new}"));
    let empties = |count: usize| -> String { (0..count).map(|nth| format!("n{nth}=&")).collect() };
    let rows = rows(
        &genuine,
        &[
            ("none", Nothing),
            (
                "`Content-Type: application/x-www-form-urlencoded; charset=UTF-8`",
                Label(Some("application/x-www-form-urlencoded; charset=UTF-8")),
            ),
            (
                "`…; charset=UTF-16`",
                Label(Some("application/x-www-form-urlencoded; charset=UTF-16")),
            ),
            ("no Content-Type", Label(None)),
            ("`Content-Type: text/plain`", Label(Some("text/plain"))),
            (
                "`Content-Type: application/json`",
                Label(Some("application/json")),
            ),
            (
                "`Content-Type: application/x-www-form-urlencoded, text/plain`",
                Label(Some("application/x-www-form-urlencoded, text/plain")),
            ),
            (
                "`Content-Type: multipart/form-data; boundary=x`",
                Label(Some("multipart/form-data; boundary=x")),
            ),
            ("`?order=7`", OtherQuery("?order=7", &[("order", "7")])),
            ("`?status=refunded`", Query("?status=refunded")),
            ("`?statu%73=refunded`", Query("?statu%73=refunded")),
            ("a second, empty `status`", empty("status=")),
            ("`status[]=`", empty("status[]=")),
            ("`status[x]=`", empty("status[x]=")),
            ("`+status=`", empty("+status=")),
            ("`statu%73=`", empty("statu%73=")),
            ("`Status=`", empty("Status=")),
            ("`status%00x=`", empty("status%00x=")),
            ("`%zz=`", empty("%zz=")),
            ("`x;status=`", empty("x;status=")),
            (
                "994 empty fields before them",
                Body("amount=", format!("{}amount=", empties(994))),
            ),
            (
                "1,001 empty fields before them",
                Body("amount=", format!("{}amount=", empties(1001))),
            ),
            (
                "994 `&` before them",
                Body("amount=", format!("{}amount=", "&".repeat(994))),
            ),
            (
                "1,000 `&` before them",
                Body("amount=", format!("{}amount=", "&".repeat(1000))),
            ),
        ],
    );
    let readers: &[(Kind, &[&str])] = &[
        (Kind::Php, &["$_POST", "$_REQUEST"]),
        (Kind::Node, &["URLSearchParams", "querystring"]),
        (Kind::Gunicorn, &["parse_qsl"]),
        (Kind::Tomcat, &["getParameter"]),
    ];
    check("form", &rows, readers, "what backends read in forms");
}

#[test]
fn xml() {
    use Change::{Body, Label, Nothing};
    let genuine = signed_xml("/fields", SIGNED);
    let root = |new: &str| Body("<xml>", new.to_owned());
    let status = |new: &str| Body("<![CDATA[paid]]>", new.to_owned());
    let rows = rows(
        &genuine,
        &[
            ("none", Nothing),
            (
                "`Content-Type: application/xml; charset=utf-8`",
                Label(Some("application/xml; charset=utf-8")),
            ),
            ("no Content-Type", Label(None)),
            ("`Content-Type: text/plain`", Label(Some("text/plain"))),
            (
                "`Content-Type: application/x-www-form-urlencoded`",
                Label(Some(FORM)),
            ),
            (
                "`<?xml version=\"1.0\" encoding=\"UTF-8\"?>`",
                root("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml>"),
            ),
            ("a reference: `pai&#100;`", status("pai&#100;")),
            (
                "an entity for the status",
                Body(
                    "<xml>",
                    "<!DOCTYPE xml [<!ENTITY e \"paid\">]><xml>".to_owned(),
                ),
            ),
            ("`<status/>` before it", root("<xml><status/>")),
            ("`<Status/>` before it", root("<xml><Status/>")),
            ("a comment: `pa<!-- -->id`", status("pa<!-- -->id")),
            ("an instruction: `pa<?x?>id`", status("pa<?x?>id")),
            (
                "text beside CDATA: `<![CDATA[pa]]>id`",
                status("<![CDATA[pa]]>id"),
            ),
            ("an element in the value: `paid<x/>`", status("paid<x/>")),
            ("an attribute", root("<xml x=\"1\">")),
            (
                "a namespace: `<xml xmlns=\"x\">`",
                root("<xml xmlns=\"x\">"),
            ),
            ("a second root", Body("</xml>", "</xml><xml/>".to_owned())),
        ],
    );
    let readers: &[(Kind, &[&str])] = &[
        (Kind::Php, &["$_POST"]),
        (Kind::Gunicorn, &["ElementTree"]),
        (Kind::Tomcat, &["DOM", "getParameter"]),
    ];
    check("xml", &rows, readers, "what backends read in XML");
}
