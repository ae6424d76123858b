//! The callback that all cases are made from. CheezeePay signs only fields of the body, so whoever
//! has captured a callback can send it in any form.

use std::sync::OnceLock;

use crate::support::signer::Signer;

/// The path of the callback.
pub(super) const PATH: &str = "/cb/a";

/// An unverified request after the callback.
pub(super) const SMUGGLED: &str =
    "GET /admin HTTP/1.1\r\nHost: pay.example\r\nX-Verified-Key: forged\r\n\r\n";

/// The callback's body.
pub(super) fn body() -> &'static str {
    static BODY: OnceLock<String> = OnceLock::new();
    BODY.get_or_init(|| {
        let fields = [("amount", "800"), ("mchOrderNo", "\"C1\"")];
        let callback = Signer::get().cheezeepay(PATH, &fields);
        String::from_utf8(callback.body).unwrap()
    })
}

/// The `Content-Length` line of the body.
pub(super) fn length() -> String {
    format!("Content-Length: {}\r\n", body().len())
}

/// The body as one chunk, followed by the last chunk.
pub(super) fn chunked() -> String {
    chunks("", "\r\n", "\r\n", "0\r\n\r\n")
}

/// The same with text after the first chunk's size, and other ends of lines and of the body.
pub(super) fn chunks(extension: &str, after_size: &str, after_data: &str, last: &str) -> String {
    let (size, body) = (body().len(), body());
    format!("{size:x}{extension}{after_size}{body}{after_data}{last}")
}

/// The callback with these header lines and this rest.
pub(super) fn with(lines: &str, rest: &str) -> Vec<u8> {
    with_target(PATH, lines, rest.as_bytes())
}

pub(super) fn with_target(target: &str, lines: &str, rest: &[u8]) -> Vec<u8> {
    let first = format!("POST {target} HTTP/1.1\r\nHost: pay.example\r\n");
    request(first.as_bytes(), lines.as_bytes(), rest)
}

/// The callback with these first lines, as bytes.
pub(super) fn request(first: &[u8], lines: &[u8], rest: &[u8]) -> Vec<u8> {
    let kind = b"Content-Type: application/json\r\n";
    [first, kind, lines, b"\r\n", rest].concat()
}

/// The correct callback with one more header line.
pub(super) fn with_line(line: &[u8]) -> Vec<u8> {
    let first = b"POST /cb/a HTTP/1.1\r\nHost: pay.example\r\n";
    request(
        first,
        &[line, length().as_bytes()].concat(),
        body().as_bytes(),
    )
}

/// The correct callback with other first lines.
pub(super) fn with_first(first: &str) -> Vec<u8> {
    request(first.as_bytes(), length().as_bytes(), body().as_bytes())
}
