//! Where a body ends.

use super::Must::{Forward, Refuse};
use super::message::{SMUGGLED, body, chunked, chunks, length, with, with_first, with_line};
use super::{Case, Must};

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";

pub(super) fn cases() -> Vec<Case> {
    [lengths(), codings(), chunk_cases(), behind()].concat()
}

fn case(name: &'static str, bytes: Vec<u8>, must: Must) -> Case {
    Case { name, bytes, must }
}

/// The callback with these `Content-Length` lines and its plain body.
fn plain(name: &'static str, lines: &str) -> Case {
    case(name, with(lines, body()), Refuse)
}

fn lengths() -> Vec<Case> {
    let n = body().len();
    vec![
        case("plain", with(&length(), body()), Forward(1)),
        plain("length twice, the same", &length().repeat(2)),
        plain(
            "length twice, 0 first",
            &format!("Content-Length: 0\r\n{}", length()),
        ),
        plain(
            "length twice, 0 last",
            &format!("{}Content-Length: 0\r\n", length()),
        ),
        plain("length as a list", &format!("Content-Length: {n}, {n}\r\n")),
        plain("length with `+`", &format!("Content-Length: +{n}\r\n")),
        plain("length with `-`", "Content-Length: -1\r\n"),
        plain("length in hex", &format!("Content-Length: 0x{n:x}\r\n")),
        plain("length with a space in it", "Content-Length: 1 0\r\n"),
        plain(
            "length of 2^64 and more",
            &format!("Content-Length: {}\r\n", (1_u128 << 64) + n as u128),
        ),
        plain("length that is empty", "Content-Length:\r\n"),
        plain(
            "length behind `Content-Length :`",
            &format!("Content-Length : {n}\r\n"),
        ),
        plain("length behind a NUL", &format!("Content-Length: \0{n}\r\n")),
        case(
            "length behind `Content_Length`",
            with(&format!("Content_Length: {n}\r\n"), body()),
            Refuse,
        ),
    ]
}

fn codings() -> Vec<Case> {
    let both = format!("0\r\n\r\n{SMUGGLED}");
    // The chunk contains a request; the length ends after the chunk-size line.
    let te_cl = format!("{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n", SMUGGLED.len());
    let spelled =
        |name, line: &str, must| case(name, with(&format!("{line}\r\n"), &chunked()), must);
    let with_length = |name, line: &str| {
        let lines = format!("Content-Length: {}\r\n{line}\r\n", both.len());
        case(name, with(&lines, &both), Refuse)
    };
    vec![
        spelled("chunked", "Transfer-Encoding: chunked", Forward(1)),
        spelled(
            "chunked, in capitals",
            "Transfer-Encoding: CHUNKED",
            Forward(1),
        ),
        spelled(
            "chunked, behind a tab",
            "Transfer-Encoding:\tchunked",
            Forward(1),
        ),
        with_length("CL.TE", "Transfer-Encoding: chunked"),
        case(
            "TE.CL",
            with(&format!("{CHUNKED}Content-Length: 4\r\n"), &te_cl),
            Refuse,
        ),
        with_length("CL + TE `xchunked`", "Transfer-Encoding: xchunked"),
        with_length(
            "CL + TE `chunked, identity`",
            "Transfer-Encoding: chunked, identity",
        ),
        with_length("CL + TE `\"chunked\"`", "Transfer-Encoding: \"chunked\""),
        with_length(
            "CL + TE with a vertical tab",
            "Transfer-Encoding:\x0bchunked",
        ),
        with_length(
            "CL + TE with a space before the colon",
            "Transfer-Encoding : chunked",
        ),
        with_length(
            "CL + TE with a space before the name",
            " Transfer-Encoding: chunked",
        ),
        with_length("CL + TE on a folded line", "Transfer-Encoding:\r\n chunked"),
        with_length(
            "CL + TE behind a bare LF",
            "X-Other: x\nTransfer-Encoding: chunked",
        ),
        with_length(
            "CL + TE behind a bare CR",
            "X-Other: x\rTransfer-Encoding: chunked",
        ),
        with_length("CL + `Transfer_Encoding`", "Transfer_Encoding: chunked"),
        with_length("CL + TE with a NUL", "Transfer-Encoding: chunked\0"),
        spelled(
            "TE twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            Refuse,
        ),
        spelled(
            "TE `chunked`, then `identity`",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            Refuse,
        ),
        spelled("TE `identity`", "Transfer-Encoding: identity", Refuse),
        spelled(
            "TE `gzip, chunked`",
            "Transfer-Encoding: gzip, chunked",
            Refuse,
        ),
        spelled("TE `chunked;q=1`", "Transfer-Encoding: chunked;q=1", Refuse),
        spelled("TE that is empty", "Transfer-Encoding:", Refuse),
        case(
            "TE in HTTP/1.0",
            [
                b"POST /cb/a HTTP/1.0\r\nHost: pay.example\r\n".as_slice(),
                CHUNKED.as_bytes(),
                b"\r\n",
                chunked().as_bytes(),
            ]
            .concat(),
            Refuse,
        ),
    ]
}

fn chunk_cases() -> Vec<Case> {
    let last = "0\r\n\r\n";
    let chunk = |name, bytes: String, must| case(name, with(CHUNKED, &bytes), must);
    let (n, text) = (body().len(), body());
    let sized = |size: &str| format!("{size}\r\n{text}\r\n{last}");
    vec![
        chunk(
            "chunk extension",
            chunks(";a=b", "\r\n", "\r\n", last),
            Forward(1),
        ),
        chunk(
            "chunk extension in quotes with CR LF",
            chunks(";a=\"\r\n\"", "\r\n", "\r\n", last),
            Refuse,
        ),
        chunk(
            "chunk extension with a bare LF",
            chunks(";a\nb", "\r\n", "\r\n", last),
            Refuse,
        ),
        chunk(
            "chunk extension of 64 KiB",
            chunks(&format!(";{}", "a".repeat(64 << 10)), "\r\n", "\r\n", last),
            Refuse,
        ),
        chunk(
            "chunk size ends with LF",
            chunks("", "\n", "\r\n", last),
            Refuse,
        ),
        chunk("chunk ends with LF", chunks("", "\r\n", "\n", last), Refuse),
        chunk(
            "chunk ends with `XX`",
            chunks("", "\r\n", "XX", last),
            Refuse,
        ),
        chunk(
            "chunk with nothing behind it",
            chunks("", "\r\n", "", last),
            Refuse,
        ),
        chunk("chunk size with `0x`", sized(&format!("0x{n:x}")), Refuse),
        chunk("chunk size with `+`", sized(&format!("+{n:x}")), Refuse),
        chunk("chunk size with `-`", sized(&format!("-{n:x}")), Refuse),
        chunk(
            "chunk size behind a space",
            sized(&format!(" {n:x}")),
            Refuse,
        ),
        chunk(
            "chunk size before a space",
            sized(&format!("{n:x} ")),
            Forward(1),
        ),
        chunk(
            "chunk size with zeros before it",
            sized(&format!("{n:032x}")),
            Refuse,
        ),
        chunk(
            "chunk size of 2^64 and more",
            sized(&format!("1{n:016x}")),
            Refuse,
        ),
        chunk(
            "chunk size of 2^32 and more",
            sized(&format!("1{n:08x}")),
            Refuse,
        ),
        chunk(
            "chunk size with `_`",
            sized(&format!("{:x}_{:x}", n >> 4, n & 15)),
            Refuse,
        ),
        chunk("chunk size that is empty", sized(""), Refuse),
        chunk(
            "empty chunk size, and a request behind",
            format!("\r\n\r\n{SMUGGLED}"),
            Refuse,
        ),
        chunk(
            "last chunk's extension with a bare LF, and a request behind",
            chunks("", "\r\n", "\r\n", &format!("0;a\n\r\n{SMUGGLED}")),
            Refuse,
        ),
        chunk(
            "chunk extension with a bare CR",
            chunks(";a\rb", "\r\n", "\r\n", last),
            Refuse,
        ),
        chunk(
            "chunk extension with a NUL",
            chunks(";a\0b", "\r\n", "\r\n", last),
            Refuse,
        ),
        chunk(
            "last chunk ends with LF",
            chunks("", "\r\n", "\r\n", "0\n\n"),
            Refuse,
        ),
        chunk("last chunk missing", chunks("", "\r\n", "\r\n", ""), Refuse),
        chunk(
            "trailer",
            chunks("", "\r\n", "\r\n", "0\r\nX-Verified-Key: forged\r\n\r\n"),
            Forward(1),
        ),
        chunk(
            "trailer with a length",
            chunks("", "\r\n", "\r\n", "0\r\nContent-Length: 0\r\n\r\n"),
            Forward(1),
        ),
        chunk(
            "trailer of 70 KiB",
            chunks(
                "",
                "\r\n",
                "\r\n",
                &format!("0\r\nX: {}\r\n\r\n", "x".repeat(70 << 10)),
            ),
            Refuse,
        ),
        chunk(
            "chunks of one byte",
            text.chars()
                .map(|byte| format!("1\r\n{byte}\r\n"))
                .collect::<String>()
                + last,
            Forward(1),
        ),
        chunk(
            "trailer with a bare LF",
            chunks("", "\r\n", "\r\n", "0\r\nX-Other: x\n\r\n"),
            Refuse,
        ),
    ]
}

/// Bytes that follow a request.
fn behind() -> Vec<Case> {
    let good = || with(&length(), body());
    let good_chunked = || with(CHUNKED, &chunked());
    let bad = SMUGGLED.as_bytes().to_vec();
    let wrong = || with(&length(), &body().replace("800", "900"));
    vec![
        case("pipelined: good, good", [good(), good_chunked(), good()].concat(), Forward(3)),
        case("pipelined: good, unverified", [good(), bad.clone()].concat(), Forward(1)),
        case("pipelined: chunked, unverified", [good_chunked(), bad.clone()].concat(), Forward(1)),
        case("pipelined: unverified, good", [bad.clone(), good()].concat(), Forward(1)),
        case("pipelined: wrong amount, good", [wrong(), good()].concat(), Forward(1)),
        case("pipelined: malformed, good", [with(" x: y\r\n", ""), good()].concat(), Refuse),
        case("behind an empty line", [b"\r\n".to_vec(), good()].concat(), Forward(1)),
        case("Expect", with_line(b"Expect: 100-continue\r\n"), Forward(1)),
        case("Expect of something else", with_line(b"Expect: 100-continue, x\r\n"), Refuse),
        case("Expect, and a request in the body's place", with(&format!("Expect: 100-continue\r\nContent-Length: {}\r\n", SMUGGLED.len()), SMUGGLED), Refuse),
        case("Upgrade to h2c", with_line(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), Forward(1)),
        case("Upgrade to h2c, and a request behind", [with_line(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), bad.clone()].concat(), Forward(1)),
        case("Upgrade to h2c and another", with_line(b"Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n"), Forward(1)),
        case("Upgrade to WebSocket, and a request behind", [with_line(b"Connection: Upgrade\r\nUpgrade: websocket\r\n"), bad.clone()].concat(), Forward(1)),
        case("Upgrade to TLS, and a request behind", [with_line(b"Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n"), bad.clone()].concat(), Forward(1)),
        case("length nominated in Connection", [with_line(b"Connection: Content-Length\r\n"), bad.clone()].concat(), Forward(1)),
        case("HTTP/1.0", with_first("POST /cb/a HTTP/1.0\r\nHost: pay.example\r\n"), Forward(1)),
        case("HTTP/0.9", b"GET /cb/a\r\n".to_vec(), Refuse),
        case("HTTP/1.1 without a length", with("", body()), Refuse),
    ]
}
