//! Providers that disconnect at each phase.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use super::{Shown, in_log, in_words};
use crate::support::faulty::{Faulty, GOOD, Step, reset};
use crate::support::signer::Signer;
use crate::support::{Admin, Client, PATIENCE, Proxy, Setup};

/// How a provider disconnects.
#[derive(Clone, Copy, Debug)]
enum Leaves {
    Closes,
    Resets,
}

struct Row {
    phase: &'static str,
    leaves: Leaves,
    /// How much of the headers and of the body is sent.
    sent: (Part, Part),
    whole: usize,
    /// The reason in the access log; `None` if there is no line.
    reason: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Half,
    All,
}

const fn row(phase: &'static str, leaves: Leaves, sent: (Part, Part)) -> Row {
    let is_whole = matches!(sent.1, Part::All);
    let reason = match sent {
        (Part::All, Part::All) => Some("client_closed"),
        (Part::All, _) => Some("body_incomplete"),
        _ => None,
    };
    Row {
        phase,
        leaves,
        sent,
        whole: is_whole as usize,
        reason,
    }
}

const ROWS: &[Row] = &[
    row(
        "before the request",
        Leaves::Closes,
        (Part::None, Part::None),
    ),
    row(
        "before the request",
        Leaves::Resets,
        (Part::None, Part::None),
    ),
    row("in the head", Leaves::Closes, (Part::Half, Part::None)),
    row("in the head", Leaves::Resets, (Part::Half, Part::None)),
    row("after the head", Leaves::Closes, (Part::All, Part::None)),
    row("after the head", Leaves::Resets, (Part::All, Part::None)),
    row("in the body", Leaves::Closes, (Part::All, Part::Half)),
    row("in the body", Leaves::Resets, (Part::All, Part::Half)),
    row(
        "while the backend works",
        Leaves::Resets,
        (Part::All, Part::All),
    ),
];

pub(super) fn shown() -> Vec<Shown> {
    let rows = ROWS.iter().map(|row| Shown {
        phase: row.phase,
        fault: match row.leaves {
            Leaves::Closes => "closes",
            Leaves::Resets => "RST",
        },
        provider: "-".to_owned(),
        backend: in_words(row.whole, 0),
        log: in_log(row.reason),
    });
    rows.collect()
}

/// Answers at length, so that the proxy notices that the provider has gone.
const LATE: &[Step] = &[
    Step::ReadAll,
    Step::Write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
    Step::Repeat("late", 1 << 20),
];

fn try_row(row: &Row, proxy: &Proxy, faulty: &Faulty) {
    let callback = Signer::get().sgate("/cb", "{\"event\":\"E\"}");
    let head = callback.head(&format!("Content-Length: {}\r\n", callback.body.len()));
    let part = |bytes: &[u8], part| match part {
        Part::None => Vec::new(),
        Part::Half => bytes[..bytes.len() / 2].to_vec(),
        Part::All => bytes.to_vec(),
    };
    faulty.does(LATE);
    let mut stream = TcpStream::connect(proxy.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&part(&head, row.sent.0)).unwrap();
    stream.write_all(&part(&callback.body, row.sent.1)).unwrap();
    if row.whole > 0 {
        // Once a response arrives, the backend has the callback.
        stream.read_exact(&mut [0]).unwrap();
    }
    match row.leaves {
        Leaves::Closes => stream.shutdown(Shutdown::Both).unwrap(),
        Leaves::Resets => reset(stream),
    }
    if let Some(reason) = row.reason {
        let line = proxy.access();
        assert_eq!(line["reason"], reason, "{}: {line}", row.phase);
    }
    faulty.does(GOOD);
    let reached = faulty.reached();
    assert_eq!(
        (reached.whole, reached.partial),
        (row.whole, 0),
        "{}",
        row.phase
    );
    // The next callback is served, and the log contains nothing else.
    let mut client = Client::connect(proxy.address);
    client.send(&callback.with_length());
    assert_eq!(client.response().status, 200);
    assert_eq!(proxy.access()["status"], 200);
    assert_eq!(faulty.reached().whole, 1);
}

#[test]
fn a_disconnecting_provider_leaks_nothing_and_a_partial_callback_is_not_forwarded() {
    let (faulty, admin) = (Faulty::start(), Admin::new());
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(&[faulty.address], "")
        .admin(&admin)
        .start();
    for row in ROWS {
        try_row(row, &proxy, &faulty);
    }
    admin.until_idle();
}
