//! Backends that fail at each phase.

use super::{Shown, in_log, in_words};
use crate::support::faulty::Step::{
    self, Drip, HalfClose, Ignore, ReadAll, ReadHead, ReadSome, Repeat, Reset, Wait, Write,
};
use crate::support::faulty::{Faulty, GOOD};
use crate::support::http2::Http2;
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Proxy, Setup};

/// A fault and its effects.
struct Row {
    phase: &'static str,
    fault: &'static str,
    steps: &'static [Step],
    /// The size of the callback's body in bytes.
    body: usize,
    /// The status that the provider sees.
    status: u16,
    /// Whether the response breaks off. If the route has `once`, the proxy holds small responses
    /// back until they are complete, and the provider sees 502 or 504 instead.
    breaks_off: bool,
    reason: Option<&'static str>,
    whole: usize,
    partial: usize,
}

/// More than the kernel buffers for a backend that does not read.
const LARGE: usize = 6 << 20;
const SMALL: usize = 100;

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

const fn fails(phase: &'static str, fault: &'static str, steps: &'static [Step]) -> Row {
    Row {
        phase,
        fault,
        steps,
        body: SMALL,
        status: 502,
        breaks_off: false,
        reason: Some("upstream_closed"),
        whole: 1,
        partial: 0,
    }
}

impl Row {
    const fn body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    const fn saw(mut self, whole: usize, partial: usize) -> Self {
        (self.whole, self.partial) = (whole, partial);
        self
    }

    const fn because(mut self, status: u16, reason: &'static str) -> Self {
        (self.status, self.reason) = (status, Some(reason));
        self
    }

    /// The response reaches the provider.
    const fn answers(mut self, status: u16) -> Self {
        (self.status, self.reason) = (status, None);
        self
    }

    /// The status that the provider sees instead of a response that broke off.
    fn instead(&self) -> u16 {
        let is_late = self.reason == Some("upstream_timeout");
        if is_late { 504 } else { 502 }
    }

    const fn breaks_off(mut self) -> Self {
        (self.status, self.breaks_off) = (200, true);
        self
    }
}

const ROWS: &[Row] = &[
    fails("at the first byte", "RST", &[ReadSome(1), Reset]).body(LARGE).saw(0, 1),
    fails("after the head", "RST", &[ReadHead, Reset]).body(LARGE).saw(0, 1),
    fails("in the body", "RST", &[ReadHead, ReadSome(1000), Reset]).body(LARGE).saw(0, 1),
    fails("before the answer", "RST", &[ReadAll, Reset]),
    fails("before the answer", "half-closes", &[ReadAll, HalfClose, Wait]),
    fails("before the answer", "says nothing", &[ReadAll, Wait]).because(504, "upstream_timeout"),
    fails("in the answer's head", "RST", &[ReadAll, Write(HEAD), Reset]),
    fails("in the answer's head", "half-closes", &[ReadAll, Write(HEAD), HalfClose, Wait]),
    fails("in the answer's head", "a byte a millisecond, for ever", &[ReadAll, Write(HEAD), Write("X: "), Drip("x")])
        .because(504, "upstream_timeout"),
    fails("in the answer's head", "garbage", &[ReadAll, Write("\0\u{1}garbage\r\n\r\n"), Wait])
        .because(502, "upstream_invalid"),
    fails("in the answer's head", "10,000 headers", &[ReadAll, Write(HEAD), Repeat("A: b\r\n", 10_000), Write("\r\n"), Wait])
        .because(502, "upstream_invalid"),
    fails("in the answer's head", "4 MiB in one header", &[ReadAll, Write(HEAD), Write("A: "), Repeat("b", 4 << 20), Write("\r\n\r\n"), Wait])
        .because(502, "upstream_invalid"),
    fails("in the answer's head", "100, then the answer", &[ReadAll, Write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")])
        .answers(200),
    fails("in the answer's head", "1,000 times 103, then the answer", &[ReadAll, Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 1000), Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")])
        .answers(200),
    fails("in the answer's head", "103 for ever", &[ReadAll, Drip("HTTP/1.1 103 Early Hints\r\n\r\n")])
        .because(504, "upstream_timeout"),
    fails("in the answer's head", "101", &[ReadAll, Write("HTTP/1.1 101 Switching Protocols\r\n\r\n"), Wait])
        .because(502, "upstream_invalid"),
    fails("in the answer's body", "RST", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Reset]).breaks_off(),
    fails("in the answer's body", "shorter than its length", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")]).breaks_off(),
    fails("in the answer's body", "chunked, ends without its last chunk", &[ReadAll, Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]).breaks_off(),
    fails("in the answer's body", "stops", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Wait])
        .because(200, "upstream_timeout").breaks_off(),
    fails("in the answer's body", "longer than its length", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), Wait])
        .answers(200),
    fails("in the answer's body", "a chunk size that is none", &[ReadAll, Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n"), Wait])
        .because(200, "upstream_invalid").breaks_off(),
    fails("in the answer's body", "a chunk longer than its size", &[ReadAll, Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhalf\r\n0\r\n\r\n"), Wait])
        .because(200, "upstream_invalid").breaks_off(),
    fails("in the answer's head", "both a length and chunked, which counts", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n"), Wait])
        .answers(200),
    fails("in the answer's head", "a length and `Transfer-Encoding: identity`, of which the length counts", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: identity\r\n\r\ngood"), Wait])
        .answers(200),
    fails("in the answer's head", "a transfer coding that nobody asked for", &[ReadAll, Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\ngzip\r\n0\r\n\r\n"), Wait])
        .because(502, "upstream_invalid"),
    fails("in the answer's head", "two lengths", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\ngood!"), Wait])
        .because(502, "upstream_invalid"),
    fails("in the answer's head", "a length twice", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\ngood"), Wait])
        .because(502, "upstream_invalid"),
    fails("in the answer's head", "a length twice in one line", &[ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\ngood"), Wait])
        .because(502, "upstream_invalid"),
    fails("early, before the body was read", "413, reads the rest", &[ReadHead, Write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), ReadAll])
        .body(LARGE).answers(413),
    fails("early, before the body was read", "413, reads no further", &[ReadHead, Write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Ignore])
        .body(LARGE).saw(0, 1).answers(413),
    fails("early, before the body was read", "100, reads the rest, then the answer", &[ReadHead, Write("HTTP/1.1 100 Continue\r\n\r\n"), ReadAll, Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")])
        .body(LARGE).answers(200),
    fails("early, before the body was read", "100, reads no further", &[ReadHead, Write("HTTP/1.1 100 Continue\r\n\r\n"), Ignore])
        .body(LARGE).saw(0, 1).because(504, "upstream_timeout"),
    fails("early, before the body was read", "half-closes, reads no further", &[ReadHead, HalfClose, Ignore])
        .body(LARGE).saw(0, 1),
];

pub(super) fn shown() -> Vec<Shown> {
    let rows = ROWS.iter().map(|row| {
        let broken = format!("200, broken off (with `once`: {})", row.instead());
        Shown {
            phase: row.phase,
            fault: row.fault,
            provider: if row.breaks_off {
                broken
            } else {
                row.status.to_string()
            },
            backend: in_words(row.whole, row.partial),
            log: in_log(row.reason),
        }
    });
    rows.collect()
}

/// The proxy and backend that all rows share.
struct Bench {
    faulty: Faulty,
    admin: Admin,
    proxy: Proxy,
}

/// What a provider saw: a status, or a response that broke off.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Status(u16),
    BrokenOff,
}

impl Bench {
    fn start() -> Self {
        let (faulty, admin) = (Faulty::start(), Admin::new());
        let proxy = Setup::new()
            .sgate("name = \"plain\"\npath = \"/plain\"\nbody_limit = \"10MiB\"\nonce = false")
            .sgate("name = \"once\"\npath = \"/once\"\nbody_limit = \"10MiB\"")
            .servers(
                &[faulty.address],
                "read_timeout = \"500ms\"\nwrite_timeout = \"500ms\"",
            )
            .tables("[once]")
            .http2()
            .admin(&admin)
            .start();
        Self {
            faulty,
            admin,
            proxy,
        }
    }

    /// Waits until the proxy holds nothing of any request.
    fn is_clean(&self) {
        self.admin.until_idle();
        let server = self.faulty.address;
        let in_flight = format!(
            "countersign_upstream_in_flight_requests{{upstream=\"origin\",server=\"{server}\"}}"
        );
        self.admin.until(&in_flight, 0.0);
    }

    fn try_row(&self, row: &Row, route: &str, http2: bool, nonce: &str) {
        let what = format!("{}: {} ({route}, HTTP/2 {http2})", row.phase, row.fault);
        let callback = callback(route, row.body, nonce);
        self.faulty.does(row.steps);
        let mut client = Client::connect(self.proxy.address);
        let (seen, kept) = if http2 {
            let answer = Http2::connect(self.proxy.address).try_send(&callback);
            let seen = answer.map_or(Seen::BrokenOff, |answer| {
                Seen::Status(answer.status.as_u16())
            });
            (seen, false)
        } else {
            client.send(&callback.with_length());
            let head = client.head();
            let (status, closes) = (head.status, head.header("connection").is_some());
            match client.try_rest_of(head) {
                Some(_) => (Seen::Status(status), !closes),
                None => (Seen::BrokenOff, false),
            }
        };
        let (expected, status) = match (row.breaks_off, route) {
            (true, "/plain") => (Seen::BrokenOff, 200),
            (true, _) => (Seen::Status(row.instead()), row.instead()),
            (false, _) => (Seen::Status(row.status), row.status),
        };
        assert_eq!(seen, expected, "{what}");
        let line = self.proxy.access();
        assert_eq!(line["verdict"], "verified", "{what}: {line}");
        assert_eq!(
            (&line["status"], line["reason"].as_str()),
            (&status.into(), row.reason),
            "{what}"
        );
        // A forgery is rejected even while the backend is failing.
        let forged = callback_forged(route, nonce).send(&self.proxy).status;
        assert_eq!(forged, 400, "{what}");
        self.proxy.access();
        self.faulty.does(GOOD);
        let reached = self.faulty.reached();
        assert_eq!(
            (reached.whole, reached.partial),
            (row.whole, row.partial),
            "{what}"
        );

        // The provider retries, on its open connection and on a new one.
        let retry = |client: &mut Client| {
            client.send(&callback.with_length());
            assert_eq!(client.response().status, 200, "{what}");
            self.proxy.access();
        };
        if kept {
            retry(&mut client);
        }
        retry(&mut Client::connect(self.proxy.address));
        let remembered = route == "/once" && expected == Seen::Status(200);
        let due = match (route, kept) {
            _ if remembered => 0,
            ("/plain", true) => 2,
            _ => 1,
        };
        assert_eq!(self.faulty.reached().whole, due, "{what}");
        drop(client);
        self.is_clean();
    }
}

fn callback(route: &str, bytes: usize, nonce: &str) -> Callback {
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_secs();
    let body = format!("{{\"data\":\"{}\"}}", "x".repeat(bytes));
    Signer::get().sgate_at(route, route, body, &now.to_string(), nonce)
}

fn callback_forged(route: &str, nonce: &str) -> Callback {
    let mut forged = callback(route, 1, nonce);
    forged.body = b"{\"event\":\"y\"}".to_vec();
    forged
}

#[test]
fn backend_faults_lose_no_callback_double_none_and_pass_none_unverified() {
    let bench = Bench::start();
    for (number, row) in ROWS.iter().enumerate() {
        for (route, http2) in [("/plain", false), ("/plain", true), ("/once", false)] {
            bench.try_row(row, route, http2, &format!("n-{number}"));
        }
    }
}
