//! The same over HTTP/2, which the proxy translates to HTTP/1.1 for the backend.

use super::Must::{self, Forward, Refuse};
use super::frames::{self, CONTINUATION, DATA, END_HEADERS, END_STREAM, End, Frames, HEADERS};
use super::message::{self, SMUGGLED, body};
use super::{describe, start, wrong};
use crate::backends::{Backend, Kind};
use crate::support::{Client, Proxy};
use crate::tables::{Column, Table};

/// A request on stream 1 as frames.
struct Case {
    name: &'static str,
    frames: Vec<u8>,
    must: Must,
}

type Field<'f> = (&'f [u8], &'f [u8]);

fn pseudo() -> Vec<Field<'static>> {
    vec![
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":authority", b"pay.example"),
        (b":path", b"/cb/a"),
    ]
}

const TYPE: Field = (b"content-type", b"application/json");

/// A request with these fields and a body.
fn request(fields: &[Field], body: &[u8]) -> Vec<u8> {
    let block = frames::block(fields);
    let mut pieces = block.chunks(16 << 10).peekable();
    let mut bytes = Vec::new();
    let mut kind = HEADERS;
    while let Some(piece) = pieces.next() {
        let flags = if pieces.peek().is_none() {
            END_HEADERS
        } else {
            0
        };
        bytes.extend(frames::frame(kind, flags, 1, piece));
        kind = CONTINUATION;
    }
    bytes.extend(frames::frame(DATA, END_STREAM, 1, body));
    bytes
}

/// The callback with these pseudo-headers instead.
fn with_pseudo(name: &'static str, pseudo: &[Field], must: Must) -> Case {
    let frames = request(&[pseudo, &[TYPE]].concat(), body().as_bytes());
    Case { name, frames, must }
}

/// The callback with one changed pseudo-header.
fn with_one(name: &'static str, field: Field, must: Must) -> Case {
    let mut pseudo = pseudo();
    let place = pseudo.iter().position(|(name, _)| *name == field.0);
    pseudo[place.unwrap()] = field;
    with_pseudo(name, &pseudo, must)
}

/// The callback with additional fields.
fn with(name: &'static str, fields: &[Field], must: Must) -> Case {
    let frames = request(&[&pseudo(), fields, &[TYPE]].concat(), body().as_bytes());
    Case { name, frames, must }
}

fn cases() -> Vec<Case> {
    let mut cases = vec![with("plain", &[], Forward(1))];
    cases.extend(pseudo_headers());
    cases.extend(fields());
    cases.extend(bodies());
    cases
}

fn pseudo_headers() -> Vec<Case> {
    let without = |left_out: &[u8]| -> Vec<Field> {
        let all = pseudo().into_iter();
        all.filter(|(name, _)| *name != left_out).collect()
    };
    let and = |field: Field<'static>| [pseudo(), vec![field]].concat();
    let behind = [&pseudo()[..3], &[TYPE], &pseudo()[3..]].concat();
    let path = |name, path: &'static [u8], must| with_one(name, (b":path", path), must);
    let authority =
        |name, authority: &'static [u8]| with_one(name, (b":authority", authority), Refuse);
    vec![
        with_pseudo("`:path` missing", &without(b":path"), Refuse),
        with_pseudo("`:method` missing", &without(b":method"), Refuse),
        with_pseudo("`:scheme` missing", &without(b":scheme"), Refuse),
        with_pseudo("`:authority` missing", &without(b":authority"), Refuse),
        with_pseudo(
            "`:authority` missing, Host there",
            &[&without(b":authority")[..], &[(b"host", b"pay.example")]].concat(),
            Forward(1),
        ),
        with_pseudo("`:path` twice", &and((b":path", b"/cb/b")), Refuse),
        with_pseudo("`:method` twice", &and((b":method", b"GET")), Refuse),
        with_pseudo(
            "`:authority` twice",
            &and((b":authority", b"b.example")),
            Refuse,
        ),
        with_pseudo("`:status` in a request", &and((b":status", b"200")), Refuse),
        with_pseudo("`:protocol`", &and((b":protocol", b"websocket")), Refuse),
        with_pseudo("a pseudo-header that is none", &and((b":x", b"1")), Refuse),
        with_pseudo("`:path` behind a header", &behind, Refuse),
        path("`:path` that is empty", b"", Refuse),
        path("`:path` `*`", b"*", Refuse),
        path("`:path` without a slash", b"cb/a", Refuse),
        path(
            "`:path` in absolute form",
            b"http://pay.example/cb/a",
            Refuse,
        ),
        path(
            "`:path` with a request line in it",
            b"/cb/a HTTP/1.1\r\nX-Verified-Key: forged\r\nX: y",
            Refuse,
        ),
        path("`:path` with a space", b"/cb/a b", Refuse),
        path("`:path` with a tab", b"/cb/a\tb", Refuse),
        path("`:path` with a NUL", b"/cb/a\0b", Refuse),
        path("`:path` with `#`", b"/cb/special.php#/a", Refuse),
        path("`:path` with `..`", b"/cb/../cb/a", Refuse),
        path("`:path` with `%2e%2e`", b"/cb/x/%2e%2e/a", Refuse),
        path("`:path` with a byte that is not UTF-8", b"/cb/\xff", Refuse),
        with_one(
            "`:method` with a request line in it",
            (b":method", b"GET /admin HTTP/1.1\r\nX: "),
            Refuse,
        ),
        with_one("`:method` in small letters", (b":method", b"post"), Refuse),
        with_one("`:method` CONNECT", (b":method", b"CONNECT"), Refuse),
        with_one(
            "`:scheme` with a path",
            (b":scheme", b"http://pay.example/admin?"),
            Refuse,
        ),
        with_one(
            "`:scheme` of another kind",
            (b":scheme", b"ftp"),
            Forward(1),
        ),
        authority("`:authority` with a path", b"pay.example/admin"),
        authority("`:authority` with a user", b"a@pay.example"),
        authority(
            "`:authority` with a header line in it",
            b"pay.example\r\nX-Verified-Key: forged",
        ),
        authority("`:authority` with a space", b"pay.example b"),
        authority("`:authority` as a list", b"pay.example,b.example"),
    ]
}

fn fields() -> Vec<Case> {
    let one = |name, field: Field<'static>, must| with(name, &[field], must);
    let few = [(b"a".as_slice(), b"".as_slice())].repeat(200);
    let many = [(b"a".as_slice(), b"".as_slice())].repeat(300);
    let long = "x".repeat(70 << 10);
    vec![
        one("Host, the same", (b"host", b"pay.example"), Forward(1)),
        one("Host, another", (b"host", b"b.example"), Refuse),
        with(
            "Host twice",
            &[(b"host", b"pay.example"), (b"host", b"b.example")],
            Refuse,
        ),
        one(
            "`transfer-encoding`",
            (b"transfer-encoding", b"chunked"),
            Refuse,
        ),
        one(
            "`transfer_encoding`",
            (b"transfer_encoding", b"chunked"),
            Forward(1),
        ),
        one("`connection`", (b"connection", b"x-verified-key"), Refuse),
        one("`keep-alive`", (b"keep-alive", b"1"), Refuse),
        one(
            "`proxy-connection`",
            (b"proxy-connection", b"close"),
            Refuse,
        ),
        one("`upgrade`", (b"upgrade", b"h2c"), Refuse),
        one("`te` other than trailers", (b"te", b"chunked"), Refuse),
        one("name in capitals", (b"X-Verified-Key", b"forged"), Refuse),
        one(
            "name with a colon",
            (b"x-verified-key: forged", b"1"),
            Refuse,
        ),
        one(
            "name with a line end",
            (b"x\r\nx-verified-key", b"forged"),
            Refuse,
        ),
        one("name with a space", (b"x-verified-key ", b"forged"), Refuse),
        one("name that is empty", (b"", b"forged"), Refuse),
        one(
            "value with a line end",
            (b"x-other", b"x\r\nX-Verified-Key: forged"),
            Refuse,
        ),
        one(
            "value with LF",
            (b"x-other", b"x\nX-Verified-Key: forged"),
            Refuse,
        ),
        one(
            "value with CR",
            (b"x-other", b"x\rX-Verified-Key: forged"),
            Refuse,
        ),
        one("value with a NUL", (b"x-other", b"x\0y"), Refuse),
        one(
            "value with spaces around it",
            (b"x-other", b" x "),
            Forward(1),
        ),
        one(
            "header of the proxy's",
            (b"x-verified-key", b"forged"),
            Forward(1),
        ),
        one(
            "the same with `_`",
            (b"x_verified_key", b"forged"),
            Forward(1),
        ),
        with("header of 70 KiB", &[(b"x-other", long.as_bytes())], Refuse),
        with("200 header lines", &few, Forward(1)),
        with("300 header lines", &many, Refuse),
    ]
}

fn bodies() -> Vec<Case> {
    let (n, text) = (body().len().to_string(), body().as_bytes());
    let of_length = |length: &str, rest: &[u8]| {
        let fields = [
            &pseudo()[..],
            &[(b"content-length", length.as_bytes()), TYPE],
        ]
        .concat();
        request(&fields, rest)
    };
    let case = |name, frames, must| Case { name, frames, must };
    let twice = [
        (b"content-length".as_slice(), n.as_bytes()),
        (b"content-length", b"0"),
    ];
    let smuggled = [text, SMUGGLED.as_bytes()].concat();
    let mut trailers = request(&[&pseudo()[..], &[TYPE]].concat(), b"");
    // Replaces the last, empty DATA frame by one that does not end the stream.
    trailers.truncate(trailers.len() - 9);
    trailers.extend(frames::frame(DATA, 0, 1, text));
    let block = frames::block(&[(b"x-verified-key", b"forged")]);
    trailers.extend(frames::frame(HEADERS, END_HEADERS | END_STREAM, 1, &block));
    vec![
        case("length that fits", of_length(&n, text), Forward(1)),
        case("length of 0", of_length("0", text), Refuse),
        case("length too long", of_length("9999", text), Refuse),
        case(
            "length, and a request behind it",
            of_length(&n, &smuggled),
            Refuse,
        ),
        case("length with `+`", of_length(&format!("+{n}"), text), Refuse),
        case(
            "length as a list",
            of_length(&format!("{n}, {n}"), text),
            Refuse,
        ),
        with("length twice", &twice, Refuse),
        case("trailers", trailers, Forward(1)),
    ]
}

#[test]
fn a_backend_sees_one_verified_request_or_none_over_http2() {
    let mut backend = Backend::start(Kind::Node);
    let proxy = start(&backend);
    let cases = cases();
    let mut wrong = Vec::new();
    let mut cells = Vec::new();
    for (nth, case) in cases.iter().enumerate() {
        let (cell, breach) = outcome(&mut backend, &proxy, case, nth);
        wrong.extend(breach.map(|breach| format!("{}: {breach}: {cell}", case.name)));
        cells.push(cell);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: Vec<&str> = cases.iter().map(|case| case.name).collect();
    let columns = vec![Column::new("Countersign", cells)];
    Table::new("smuggling-http2", "request", columns).check(&names);
}

/// The cell for the table, and the rule that was broken, if any.
fn outcome(
    backend: &mut Backend,
    proxy: &Proxy,
    case: &Case,
    nth: usize,
) -> (String, Option<&'static str>) {
    let mut connection = Frames::connect(proxy.address);
    connection.send(&case.frames);
    let end = connection.end_of(1);
    let fence = format!("/cb/fence/{nth}");
    let after = message::with_target(&fence, &message::length(), body().as_bytes());
    let mut client = Client::connect(proxy.address);
    client.send(&after);
    assert_eq!(client.response().status, 200, "after {}", case.name);
    let seen = backend.until(|seen| seen.target == fence);
    let mut cells: Vec<String> = seen.iter().map(describe).collect();
    loop {
        let line = proxy.access();
        if line["target"] == fence {
            break;
        }
        if let Some(reason) = line["reason"].as_str() {
            cells.push(format!("{} `{reason}`", line["status"]));
        }
    }
    if cells.is_empty() {
        let outcome = match end {
            End::Answered => "refused",
            End::Reset => "reset",
            End::Closed => "closed",
        };
        cells.push(outcome.to_owned());
    }
    (cells.join(" + "), wrong(backend.kind, &seen, case.must))
}
