//! The request line and header lines.

use super::Must::{Forward, Refuse};
use super::message::{body, length, with_first, with_line};
use super::{Case, Must};

pub(super) fn cases() -> Vec<Case> {
    [targets(), lines()].concat()
}

fn targets() -> Vec<Case> {
    let long = format!("/cb/{}", "a".repeat(70 << 10));
    let refused = [
        (
            "target in absolute form, another host",
            "http://other.example/cb/a",
        ),
        (
            "target in absolute form, a user",
            "http://a@pay.example/cb/a",
        ),
        ("target in absolute form, ftp", "ftp://pay.example/cb/a"),
        ("target `*`", "*"),
        ("target as of CONNECT", "pay.example:80"),
        ("target without a slash", "cb/a"),
        ("path with `..`", "/cb/../cb/a"),
        ("path with `..` out of the root", "/../cb/a"),
        ("path with `%2e%2e`", "/cb/x/%2e%2e/a"),
        ("path with `.%2e`", "/cb/x/.%2E/a"),
        ("path with `.`", "/cb/./a"),
        ("path with `//`", "/cb//a"),
        ("path with `//` at its start", "//cb/a"),
        ("path with `%2f`", "/cb%2fa"),
        ("path with `%2F` behind the prefix", "/cb/x%2F..%2Fa"),
        ("path with `\\`", "/cb\\a"),
        ("path with `..\\`", "/cb/x\\..\\a"),
        ("path with `%5c`", "/cb/x%5c..%5ca"),
        ("path with `%00`", "/cb/a%00.txt"),
        ("path with `%252e`", "/cb/x/%252e%252e/a"),
        ("path with a broken `%`", "/cb/%zz"),
        ("path with `..;`", "/cb/x/..;/a"),
        ("another route's path with `;p`", "/cb/special.php;p"),
        ("another route's path, encoded", "/cb/%73pecial.php"),
        ("another route's path, `%3b`", "/cb/special.php%3bp"),
        ("another route's path in capitals", "/cb/SPECIAL.php"),
        ("another route's path, `/` behind it", "/cb/special.php/"),
        ("another route's path, `/x` behind it", "/cb/special.php/x"),
        (
            "another route's path, `/x.css` behind it",
            "/cb/special.php/x.css",
        ),
        ("another route's path, `.` behind it", "/cb/special.php."),
        (
            "another route's path, `%20` behind it",
            "/cb/special.php%20",
        ),
        (
            "another route's path, `::$DATA` behind it",
            "/cb/special.php::$DATA",
        ),
        ("path with `#`", "/cb/special.php#/a"),
        ("target with a NUL", "/cb/a\0b"),
        ("target with a tab", "/cb/a\tb"),
        ("target with a DEL", "/cb/a\x7fb"),
        ("target with a space", "/cb/a b"),
        ("target of 70 KiB", &long),
    ];
    let mut cases: Vec<Case> = refused
        .into_iter()
        .map(|(name, target)| case(name, sent_to(target.as_bytes()), Refuse))
        .collect();
    cases.insert(
        0,
        case(
            "target in absolute form",
            sent_to(b"http://pay.example/cb/a"),
            Forward(1),
        ),
    );
    cases.push(case(
        "target with a byte that is not UTF-8",
        sent_to(b"/cb/\xff"),
        Refuse,
    ));
    cases
}

fn lines() -> Vec<Case> {
    let line = |name, line: &[u8], must| case(name, with_line(line), must);
    let first = |name, line: &str, must| case(name, with_first(line), must);
    let many = "X-Other: x\r\n".repeat(1_000);
    let long = format!("X-Other: {}\r\n", "x".repeat(70 << 10));
    vec![
        line("header line ends with LF", b"X-Other: x\n", Refuse),
        line(
            "header line ends with CR",
            b"X-Other: x\rX-Verified-Key: forged\r\n",
            Refuse,
        ),
        line(
            "header folded",
            b"X-Other: x\r\n X-Verified-Key: forged\r\n",
            Refuse,
        ),
        line(
            "header folded at its start",
            b" X-Verified-Key: forged\r\n",
            Refuse,
        ),
        line(
            "header folded by a tab",
            b"X-Other: x\r\n\tX-Verified-Key: forged\r\n",
            Refuse,
        ),
        line(
            "header with a NUL in its value",
            b"X-Other: a\0b\r\n",
            Refuse,
        ),
        line(
            "header with a NUL in its name",
            b"X-Ver\0: forged\r\n",
            Refuse,
        ),
        line(
            "header with a control byte in its value",
            b"X-Other: a\x01b\r\n",
            Refuse,
        ),
        line(
            "header with a control byte in its name",
            b"X-\x01: x\r\n",
            Refuse,
        ),
        line(
            "header with a space before the colon",
            b"X-Other : x\r\n",
            Refuse,
        ),
        line("header without a colon", b"X-Other\r\n", Refuse),
        line("header without a name", b": x\r\n", Refuse),
        line("header of 70 KiB", long.as_bytes(), Refuse),
        line(
            "name of 70 KiB",
            format!("{}: x\r\n", "x".repeat(70 << 10)).as_bytes(),
            Refuse,
        ),
        line("1,000 header lines", many.as_bytes(), Refuse),
        line("Host twice", b"Host: other.example\r\n", Refuse),
        first("Host missing", "POST /cb/a HTTP/1.1\r\n", Refuse),
        first(
            "Host with a path",
            "POST /cb/a HTTP/1.1\r\nHost: pay.example/cb/special.php\r\n",
            Refuse,
        ),
        first(
            "Host with a user",
            "POST /cb/a HTTP/1.1\r\nHost: a@pay.example\r\n",
            Refuse,
        ),
        first(
            "request line ends with LF",
            "POST /cb/a HTTP/1.1\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "request line with two spaces",
            "POST  /cb/a HTTP/1.1\r\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "request line with a tab",
            "POST\t/cb/a\tHTTP/1.1\r\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "request line with HTTP/1.2",
            "POST /cb/a HTTP/1.2\r\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "request line with HTTP/2.0",
            "POST /cb/a HTTP/2.0\r\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "request line with HTTP/1.10",
            "POST /cb/a HTTP/1.10\r\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "method in small letters",
            "post /cb/a HTTP/1.1\r\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "method of 70 KiB",
            &format!(
                "{} /cb/a HTTP/1.1\r\nHost: pay.example\r\n",
                "M".repeat(70 << 10)
            ),
            Refuse,
        ),
        first(
            "method with a NUL",
            "PO\0ST /cb/a HTTP/1.1\r\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "CONNECT",
            "CONNECT pay.example:80 HTTP/1.1\r\nHost: pay.example\r\n",
            Refuse,
        ),
        first(
            "TRACE",
            "TRACE /cb/a HTTP/1.1\r\nHost: pay.example\r\n",
            Refuse,
        ),
    ]
}

fn case(name: &'static str, bytes: Vec<u8>, must: Must) -> Case {
    Case { name, bytes, must }
}

fn sent_to(target: &[u8]) -> Vec<u8> {
    let first = [b"POST ", target, b" HTTP/1.1\r\nHost: pay.example\r\n"].concat();
    super::message::request(&first, length().as_bytes(), body().as_bytes())
}
