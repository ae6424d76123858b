//! A configuration for requests, and the road of a request over it.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use countersign::judge::{
    Delivery, Fault, Head, Peer, Received, Refusal, Site, StepList, admit, verify,
};
use countersign::verify::{Plenty, VerifyError};
use http::{HeaderMap, Method};

/// A request whose header is no more than this.
pub(super) fn head<'a>(
    method: &'a Method,
    target: &'a [u8],
    headers: &'a HeaderMap,
    peer: Peer,
) -> Head<'a> {
    Head {
        method,
        target,
        host: headers.get("host").and_then(|host| host.to_str().ok()),
        headers,
        lines: headers,
        peer,
        request_id: "fuzzed",
    }
}

/// A peer with this address, over TCP.
pub(super) fn tcp(peer: IpAddr) -> Peer {
    Peer::new(Some(SocketAddr::new(peer, 0)))
}

/// What a backend would get of a request that comes over a Unix socket in clear text at `now`, and the steps
/// to it; or the code of the reason why it gets nothing.
pub(super) fn forward(
    site: &Site,
    (method, target, headers): (&Method, &[u8], &HeaderMap),
    body: &Bytes,
    now: i64,
) -> Result<(Delivery, StepList), &'static str> {
    let head = head(method, target, headers, Peer::new(None));
    run(site, head, body, now).map_err(|refusal| refusal.code())
}

fn run(
    site: &Site,
    head: Head<'_>,
    body: &Bytes,
    now: i64,
) -> Result<(Delivery, StepList), Refusal> {
    let mut steps = StepList::default();
    let route = site.route(head, &mut steps)?;
    admit(route, site.client(&head.peer, head.headers))?;
    let received = Received::new(site, route, head, body, &mut steps)?;
    let verdict = match verify(&received, now, &mut Plenty, &mut steps) {
        Ok(verdict) => verdict,
        Err(VerifyError::Rejected(rejection)) => {
            return Err(Refusal::of_scheme(&route.policy.scheme, rejection));
        }
        Err(_) => unreachable!("there is plenty of memory"),
    };
    let clear = match verdict.decryption() {
        None => None,
        Some(mut task) => {
            while !task.is_done() {
                task.step();
            }
            Some(task.finish().map_err(|_| Fault::DecryptFailed)?)
        }
    };
    let delivery = site.prepare(&verdict, clear.as_ref(), None, &mut steps)?;
    Ok((delivery, steps))
}

/// Of routes whose key `k` is the given one.
pub(super) fn site(routes: &str, key: &[u8]) -> Site {
    site_with("", routes, key)
}

/// The same, with lines at the top level.
pub(super) fn site_with(top: &str, routes: &str, key: &[u8]) -> Site {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("k.pem"), key).unwrap();
    let text = format!(
        "{top}[[listener]]\naddress = \"127.0.0.1:1\"\n[[key]]\nid = \"k\"\nfile = \"k.pem\"\n{routes}"
    );
    let file = directory.path().join("c.toml");
    fs::write(&file, text).unwrap();
    match countersign::config::load(&file) {
        Ok(loaded) => Site::new(loaded.config),
        Err(report) => panic!("{report}"),
    }
}
