//! How a server says that it was spoken to in clear text and expects TLS.

use http::StatusCode;

/// What to do about it.
pub(super) const WORDS: &str = "the server expects TLS: add `tls` to the upstream, write the server \
                                with `https://`, or use its port for clear text";

/// How much of an answer's body is examined.
const EXAMINED: usize = 4096;

/// What nginx, Apache, Go and Tomcat answer, always with 400.
const ANSWERS: [&[u8]; 4] = [
    b"The plain HTTP request was sent to HTTPS port",
    b"speaking plain HTTP to an SSL-enabled server port",
    b"Client sent an HTTP request to an HTTPS server",
    b"This combination of host and port requires TLS",
];

/// Whether an answer with this status and beginning of its body says so.
pub(super) fn is_said_by(status: StatusCode, body: &[u8]) -> bool {
    if status != StatusCode::BAD_REQUEST {
        return false;
    }
    let start = body.get(..EXAMINED).unwrap_or(body);
    let has = |text: &[u8]| start.windows(text.len()).any(|window| window == text);
    ANSWERS.into_iter().any(has)
}

/// Whether what should be an answer is the beginning of a TLS alert, which other servers send.
pub(super) fn is_alert(answer: &[u8]) -> bool {
    answer.starts_with(&[0x15, 0x03])
}
