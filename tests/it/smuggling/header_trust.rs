//! Lines by which a client tries to put its own value into a header that backends trust.

use super::Must::{self, Forward, Refuse};
use super::message::{body, chunks, with, with_line};
use super::{Case, run, statuses};
use crate::backends::Backend;
use crate::tables::Table;

/// A row: a line, the header it imitates, and whether the proxy also sets that header.
struct Row {
    case: Case,
    header: &'static str,
    ours: bool,
}

fn rows() -> Vec<Row> {
    let mut rows = names();
    rows.extend(characters());
    rows.extend(lines());
    rows.extend(other_headers());
    rows
}

fn row(name: &'static str, line: &[u8], must: Must) -> Row {
    row_of("X-Verified-Key", name, line, must)
}

fn row_of(header: &'static str, name: &'static str, line: &[u8], must: Must) -> Row {
    let bytes = with_line(&[line, b"\r\n"].concat());
    Row {
        case: Case { name, bytes, must },
        header,
        ours: true,
    }
}

fn names() -> Vec<Row> {
    let names = [
        "X-Verified-Key",
        "x-verified-key",
        "X-VERIFIED-KEY",
        "X_Verified_Key",
        "X-Verified_Key",
        "x_verified-key",
        "X_VERIFIED_KEY",
    ];
    let row = |name| {
        let line = format!("{name}: forged");
        row(format!("`{name}`").leak(), line.as_bytes(), Forward(1))
    };
    names.map(row).into()
}

/// Replaces the dashes by every other character that names may contain. Letters and digits are
/// omitted, because every backend keeps them and so sees another name.
fn characters() -> Vec<Row> {
    let row = |character| {
        let name = format!("X{character}Verified{character}Key");
        let shown = match character {
            '`' => format!("`` {name} ``"),
            '|' => format!("`{}`", name.replace('|', "\\|")),
            _ => format!("`{name}`"),
        };
        let line = format!("{name}: forged");
        row(shown.leak(), line.as_bytes(), Forward(1))
    };
    "!#$%&'*+.^`|~".chars().map(row).collect()
}

fn lines() -> Vec<Row> {
    let trailer = chunks("", "\r\n", "\r\n", "0\r\nX-Verified-Key: forged\r\n\r\n");
    let trailers = |name, lines: &str| Row {
        case: Case {
            name,
            bytes: with(lines, &trailer),
            must: Forward(1),
        },
        header: "X-Verified-Key",
        ours: true,
    };
    vec![
        row(
            "twice",
            b"X-Verified-Key: forged\r\nX-Verified-Key: forged too",
            Forward(1),
        ),
        row(
            "no space behind the colon",
            b"X-Verified-Key:forged",
            Forward(1),
        ),
        row(
            "tab behind the colon",
            b"X-Verified-Key:\tforged",
            Forward(1),
        ),
        row("empty", b"X-Verified-Key:", Forward(1)),
        row("space before the colon", b"X-Verified-Key : forged", Refuse),
        row("tab before the colon", b"X-Verified-Key\t: forged", Refuse),
        row("space before the name", b" X-Verified-Key: forged", Refuse),
        row(
            "folded behind another line",
            b"X-Other: x\r\n X-Verified-Key: forged",
            Refuse,
        ),
        row("name folded", b"X-Verified\r\n -Key: forged", Refuse),
        row("value folded", b"X-Verified-Key:\r\n forged", Refuse),
        row(
            "behind a bare LF",
            b"X-Other: x\nX-Verified-Key: forged",
            Refuse,
        ),
        row(
            "behind a bare CR",
            b"X-Other: x\rX-Verified-Key: forged",
            Refuse,
        ),
        row(
            "behind a NUL",
            b"X-Other: x\0X-Verified-Key: forged",
            Refuse,
        ),
        row("NUL at the name's end", b"X-Verified-Key\0: forged", Refuse),
        row("NUL in the name", b"X-Verified\0-Key: forged", Refuse),
        row("space for a dash", b"X Verified Key: forged", Refuse),
        row("`/` for a dash", b"X/Verified/Key: forged", Refuse),
        row("`(` for a dash", b"X(Verified(Key: forged", Refuse),
        row(
            "no-break space at the name's end",
            b"X-Verified-Key\xa0: forged",
            Refuse,
        ),
        row(
            "soft hyphen for a dash",
            b"X\xadVerified\xadKey: forged",
            Refuse,
        ),
        row(
            "Unicode's hyphen for a dash",
            "X\u{2010}Verified\u{2010}Key: forged".as_bytes(),
            Refuse,
        ),
        row(
            "Kelvin sign for K",
            "X-Verified-\u{212a}ey: forged".as_bytes(),
            Refuse,
        ),
        row(
            "named in Connection",
            b"Connection: X-Verified-Key\r\nX-Other: x",
            Forward(1),
        ),
        row(
            "named in Connection with `_`",
            b"Connection: close, X_Verified_Key\r\nX_Verified_Key: forged",
            Forward(1),
        ),
        trailers("trailer", "Transfer-Encoding: chunked\r\n"),
        trailers(
            "trailer that is announced",
            "Transfer-Encoding: chunked\r\nTrailer: X-Verified-Key\r\nTE: trailers\r\n",
        ),
    ]
}

/// Other headers that only the proxy may set, or that nobody may set.
fn other_headers() -> Vec<Row> {
    let nobody = |header, name, line: &str| Row {
        ours: false,
        ..row_of(header, name, line.as_bytes(), Forward(1))
    };
    let of = |header, name, line: &str| row_of(header, name, line.as_bytes(), Forward(1));
    vec![
        of("X-Order-No", "`X-Order-No` (a field)", "X-Order-No: forged"),
        of("X-Order-No", "`x_order_no` (a field)", "x_order_no: forged"),
        of("X-Order-No", "`X.Order_No` (a field)", "X.Order_No: forged"),
        of(
            "X-Forwarded-For",
            "`X-Forwarded-For`",
            "X-Forwarded-For: forged",
        ),
        of(
            "X-Forwarded-For",
            "`X_Forwarded_For`",
            "X_Forwarded_For: forged",
        ),
        nobody(
            "X-Verified-Event",
            "`X-Verified-Event`, which the scheme has not",
            "X-Verified-Event: forged",
        ),
        nobody(
            "X-Verified-Event",
            "`X_Verified_Event`, which the scheme has not",
            "X_Verified_Event: forged",
        ),
        nobody("Proxy", "`Proxy` (CGI's `HTTP_PROXY`)", "Proxy: forged"),
        nobody(
            "X-Verified-Key",
            "`X-Verified-Key`, and no proxy in front",
            "X-Verified-Key: forged",
        ),
    ]
}

#[test]
fn an_application_sees_only_the_proxys_verified_headers() {
    let rows = rows();
    let cases: Vec<Case> = rows.iter().map(|row| row.case.clone()).collect();
    let columns = run(&cases, |backend, nth| looked_up(backend, &rows[nth]));
    let names: Vec<&str> = cases.iter().map(|case| case.name).collect();
    Table::new("header-trust", "header line", columns).check(&names);
}

/// What an application sees behind a proxy that forwards the line and then adds its own.
fn looked_up(backend: &mut Backend, row: &Row) -> String {
    let mut bytes = row.case.bytes.clone();
    if row.ours {
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
        let line = format!("\r\n{}: ours", row.header);
        bytes.splice(end..end, line.into_bytes());
    }
    let answers = statuses(&backend.answers(&bytes));
    let seen = backend.seen();
    let lookup = backend.kind.lookup(&row.header.to_lowercase());
    let Some(seen) = seen.iter().find(|seen| seen.body == body()) else {
        let refused = answers.iter().find(|status| **status >= 400);
        return refused.map_or("closed".to_owned(), u16::to_string);
    };
    let values = seen.values(&lookup).join("`, `").replace('\t', "\\t");
    match values.as_str() {
        "" => "nothing".to_owned(),
        values if values.contains("forged") => format!("**`{values}`**"),
        values => format!("`{values}`"),
    }
}
