//! The callback that all cases are made of. CheezeePay signs fields of the body and nothing else,
//! so whoever captured one can send it in any form.

use std::sync::OnceLock;

use crate::support::signer::Signer;

/// Where it is sent.
pub(super) const PATH: &str = "/cb/a";

/// A request behind the callback that nobody verified.
pub(super) const SMUGGLED: &str =
    "GET /admin HTTP/1.1\r\nHost: pay.example\r\nX-Verified-Key: forged\r\n\r\n";

/// Its body.
pub(super) fn body() -> &'static str {
    static BODY: OnceLock<String> = OnceLock::new();
    BODY.get_or_init(|| {
        let fields = [("amount", "800"), ("mchOrderNo", "\"C1\"")];
        let callback = Signer::get().cheezeepay(PATH, &fields);
        String::from_utf8(callback.body).unwrap()
    })
}

/// The line that says how long it is.
pub(super) fn length() -> String {
    format!("Content-Length: {}\r\n", body().len())
}

/// The body in one chunk, and the last one.
pub(super) fn chunked() -> String {
    chunks("", "\r\n", "\r\n", "0\r\n\r\n")
}

/// The same with something behind the size of the first chunk, and other ends of lines and body.
pub(super) fn chunks(extension: &str, after_size: &str, after_data: &str, last: &str) -> String {
    let (size, body) = (body().len(), body());
    format!("{size:x}{extension}{after_size}{body}{after_data}{last}")
}

/// The callback with these header lines and what follows them.
pub(super) fn with(lines: &str, rest: &str) -> Vec<u8> {
    with_target(PATH, lines, rest.as_bytes())
}

pub(super) fn with_target(target: &str, lines: &str, rest: &[u8]) -> Vec<u8> {
    let first = format!("POST {target} HTTP/1.1\r\nHost: pay.example\r\n");
    request(first.as_bytes(), lines.as_bytes(), rest)
}

/// The callback with other first lines, as bytes.
pub(super) fn request(first: &[u8], lines: &[u8], rest: &[u8]) -> Vec<u8> {
    let kind = b"Content-Type: application/json\r\n";
    [first, kind, lines, b"\r\n", rest].concat()
}

/// The callback as it should be, with one more header line.
pub(super) fn with_line(line: &[u8]) -> Vec<u8> {
    let first = b"POST /cb/a HTTP/1.1\r\nHost: pay.example\r\n";
    request(
        first,
        &[line, length().as_bytes()].concat(),
        body().as_bytes(),
    )
}

/// The callback as it should be, with other first lines.
pub(super) fn with_first(first: &str) -> Vec<u8> {
    request(first.as_bytes(), length().as_bytes(), body().as_bytes())
}
