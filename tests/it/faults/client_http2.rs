//! HTTP/2 providers that cancel one request or close the connection.

use http::Request;

use super::{Shown, in_log, in_words};
use crate::support::faulty::{Faulty, GOOD, Step};
use crate::support::http2::Http2;
use crate::support::signer::Signer;
use crate::support::{Admin, Setup};

struct Row {
    phase: &'static str,
    /// Whether the stream is reset rather than the connection closed.
    resets: bool,
    /// How much of the body is sent, in tenths.
    sent: usize,
    reason: &'static str,
}

const fn row(phase: &'static str, resets: bool, sent: usize) -> Row {
    let is_whole = sent == 10;
    Row {
        phase,
        resets,
        sent,
        reason: if is_whole {
            "client_closed"
        } else {
            "body_incomplete"
        },
    }
}

const ROWS: &[Row] = &[
    row("after the head (HTTP/2)", true, 0),
    row("after the head (HTTP/2)", false, 0),
    row("in the body (HTTP/2)", true, 5),
    row("in the body (HTTP/2)", false, 5),
    row("while the backend works (HTTP/2)", true, 10),
    row("while the backend works (HTTP/2)", false, 10),
];

pub(super) fn shown() -> Vec<Shown> {
    let rows = ROWS.iter().map(|row| Shown {
        phase: row.phase,
        fault: if row.resets { "RST_STREAM" } else { "closes" },
        provider: "-".to_owned(),
        backend: in_words(row.sent / 10, 0),
        log: in_log(Some(row.reason)),
    });
    rows.collect()
}

/// A response larger than the client's window, so it stays in progress until it is read.
const LATE: &[Step] = &[
    Step::ReadAll,
    Step::Write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
    Step::Repeat("late", 1 << 20),
];

#[test]
fn a_cancelled_http2_request_is_not_forwarded_and_others_continue() {
    let (faulty, admin) = (Faulty::start(), Admin::new());
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[faulty.address], "")
        .tables("[timeouts]\nwrite = \"1s\"")
        .http2()
        .admin(&admin)
        .start();
    for row in ROWS {
        let what = format!("{}, RST_STREAM {}", row.phase, row.resets);
        let callback = Signer::get().sgate("/cb", "{\"event\":\"E\"}");
        faulty.does(LATE);
        let client = Http2::connect(proxy.address);
        let begun = client.begin(&callback, callback.body.len() * row.sent / 10);
        if row.sent < 10 {
            // A response to this request shows that the proxy has read everything sent before it.
            let other = Request::get("http://pay.example/nowhere").body(()).unwrap();
            let answer = client.exchange(other, b"", 1).unwrap();
            assert_eq!(answer.status, 404, "{what}");
            assert_eq!(proxy.access()["status"], 404, "{what}");
        }
        let kept = row.resets.then_some(client);
        if row.resets {
            begun.reset();
        }
        let line = proxy.access();
        assert_eq!(line["reason"], row.reason, "{what}: {line}");
        let reached = faulty.reached();
        assert_eq!(
            (reached.whole, reached.partial),
            (row.sent / 10, 0),
            "{what}"
        );

        // The next callback is served, on the same connection if it is still open.
        faulty.does(GOOD);
        let client = kept.unwrap_or_else(|| Http2::connect(proxy.address));
        let callback = Signer::get().sgate("/cb", "{\"event\":\"E\"}");
        assert_eq!(client.send(&callback, 10, true).status, 200, "{what}");
        assert_eq!(proxy.access()["status"], 200, "{what}");
        assert_eq!(faulty.reached().whole, 1, "{what}");
    }
    admin.until_idle();
}
