//! Requests that two servers in a row could parse differently: how each real backend parses the
//! bytes, and what it receives if they go through the proxy.

mod floods;
pub(crate) mod frames;
mod framing;
mod header_trust;
mod http2;
mod lines;
mod message;
mod rapid_reset;

use std::sync::Mutex;
use std::thread;

use crate::backends::{Backend, Kind, Seen};
use crate::support::{Client, Proxy, Setup};
use crate::tables::{Column, Table};
use message::{PATH, body};

/// A row: the bytes to send and the required outcome.
#[derive(Clone)]
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    must: Must,
}

/// The required outcome of a request that goes through the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Must {
    /// No backend sees it.
    Refuse,
    /// The backend gets this many requests, and each is the verified callback.
    Forward(usize),
}

/// The proxy in front of a backend: `/cb/` with the signer's key, and one path below it with
/// another key.
fn start(backend: &Backend) -> Proxy {
    Setup::new()
        .http2()
        .cheezeepay(
            "name = \"prefix\"\npath_prefix = \"/cb/\"\nfields = { \"X-Order-No\" = \"mchOrderNo\" }",
        )
        .route(
            "name = \"other-key\"\npath = \"/cb/special.php\"\nscheme = \"cheezeepay\"\n\
             keys = [\"cheezeepay-vectors\"]",
        )
        .servers(&[backend.address], "")
        .start()
}

#[test]
fn a_backend_sees_one_verified_request_or_none() {
    let cases = [framing::cases(), lines::cases()].concat();
    let columns = run(&cases, |backend, nth| directly(backend, &cases[nth]));
    let table = Table::new("smuggling", "request", columns);
    let names: Vec<&str> = cases.iter().map(|case| case.name).collect();
    table.check(&names);
}

/// Sends every case to every backend through the proxy, and directly by `directly`, which gets the
/// case's number.
fn run(cases: &[Case], directly: impl Fn(&mut Backend, usize) -> String + Sync) -> Vec<Column> {
    let ours = Mutex::new(Vec::new());
    let mut columns: Vec<Column> = thread::scope(|scope| {
        let (ours, directly) = (&ours, &directly);
        let threads = Kind::ALL.map(|kind| {
            scope.spawn(move || {
                let mut backend = Backend::start(kind);
                let direct = (0..cases.len()).map(|nth| directly(&mut backend, nth));
                let direct = Column::new(kind.name(), direct.collect());
                let proxy = start(&backend);
                let through = cases
                    .iter()
                    .enumerate()
                    .map(|(nth, case)| through(&mut backend, &proxy, case, nth));
                ours.lock()
                    .unwrap()
                    .push((kind, through.collect::<Vec<_>>()));
                direct.of(&backend.version)
            })
        });
        threads.map(|thread| thread.join().unwrap()).into()
    });
    // The proxy's behaviour must not depend on the backend.
    let ours = ours.into_inner().unwrap();
    let wrong: Vec<&str> = ours
        .iter()
        .flat_map(|(_, cells)| cells)
        .filter_map(|cell| cell.as_ref().err())
        .map(|wrong| &**wrong)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let ours: Vec<(Kind, Vec<String>)> = ours
        .into_iter()
        .map(|(kind, cells)| (kind, cells.into_iter().flatten().collect()))
        .collect();
    let (_, first) = &ours[0];
    for (kind, cells) in &ours {
        for ((cell, expected), case) in cells.iter().zip(first).zip(cases) {
            assert_eq!(cell, expected, "{kind:?}: {}", case.name);
        }
    }
    columns.insert(0, Column::new("Countersign", first.clone()));
    columns
}

/// How the backend itself interprets the bytes, for the table.
fn directly(backend: &mut Backend, case: &Case) -> String {
    let answers = statuses(&backend.answers(&case.bytes));
    let seen = backend.seen();
    let mut cells: Vec<String> = seen.iter().map(describe).collect();
    let refused = answers.iter().find(|status| **status >= 400);
    match refused {
        Some(status) => cells.push(status.to_string()),
        None if cells.is_empty() => cells.push("closed".to_owned()),
        None => {}
    }
    cells.join(" + ")
}

/// Compares a request that a backend acted on with the callback that was signed.
fn describe(seen: &Seen) -> String {
    if seen.method != "POST" || seen.path != PATH {
        let text = [&*seen.method, &seen.path].join(" ");
        let text = if seen.path.is_empty() {
            &*seen.method
        } else {
            &*text
        };
        let shown = text.chars().map(|character| match character {
            ' '..='~' => character.to_string(),
            other => format!("\\x{:02x}", u32::from(other)),
        });
        format!("**`{}`**", shown.collect::<String>())
    } else if seen.body != body() {
        format!("*{} bytes*", seen.body.len())
    } else {
        "1".to_owned()
    }
}

/// The proxy's result for the table. It is an error if the backend got other requests than it must.
fn through(
    backend: &mut Backend,
    proxy: &Proxy,
    case: &Case,
    nth: usize,
) -> Result<String, String> {
    let mut client = Client::connect(proxy.address);
    client.send(&case.bytes);
    client.half_close();
    let mut answer = Vec::new();
    let _ = client.read_to_end(&mut answer);
    let answers = statuses(&answer);
    // Reuses the connection to the backend, if there is one: bytes that the backend still holds
    // from the first request would spoil this one.
    let fence = format!("/cb/fence/{nth}");
    let after = message::with_target(&fence, &message::length(), body().as_bytes());
    let mut client = Client::connect(proxy.address);
    client.send(&after);
    let name = format!("{:?}: {}", backend.kind, case.name);
    assert_eq!(client.response().status, 200, "after {name}");
    let seen = backend.until(|seen| seen.target == fence);
    let wrong = wrong(backend.kind, &seen, case.must);
    let mut reasons = Vec::new();
    loop {
        let line = proxy.access();
        if line["target"] == fence {
            break;
        }
        reasons.extend(line["reason"].as_str().map(str::to_owned));
    }
    if let Some(wrong) = wrong {
        let seen: Vec<String> = seen.iter().map(describe).collect();
        return Err(format!("{name}: {wrong}: {seen:?} {answers:?} {reasons:?}"));
    }
    let mut cell: Vec<String> = vec!["1".to_owned(); seen.len()];
    let refused = answers
        .into_iter()
        .filter(|status| *status != 200 && *status != 100);
    let mut reasons = reasons.into_iter();
    cell.extend(refused.map(|status| {
        let reason = reasons.next();
        reason.map_or(status.to_string(), |reason| format!("{status} `{reason}`"))
    }));
    if cell.is_empty() {
        cell.push("closed".to_owned());
    }
    Ok(cell.join(" + "))
}

/// The rule that the requests at the backend break, if any.
fn wrong(kind: Kind, seen: &[Seen], must: Must) -> Option<&'static str> {
    let expected = match must {
        Must::Refuse => 0,
        Must::Forward(requests) => requests,
    };
    if seen.len() != expected {
        return Some("not as many requests as there must be");
    }
    let key = kind.lookup("x-verified-key");
    seen.iter().find_map(|seen| {
        if (&*seen.method, &*seen.target, &*seen.path) != ("POST", PATH, PATH) {
            Some("not what was routed")
        } else if seen.body != body() {
            Some("not what was verified")
        } else if seen.values(&key) != ["signer"]
            || seen.read.iter().any(|(_, value)| value.contains("forged"))
        {
            Some("a header from the client")
        } else {
            None
        }
    })
}

/// The statuses of the responses on a connection.
fn statuses(received: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(received);
    let lines = text.split("HTTP/1.").skip(1);
    lines
        .filter_map(|line| line.get(2..5)?.parse().ok())
        .collect()
}
