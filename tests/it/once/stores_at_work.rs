//! The program with persistent stores, and with a store that is unavailable.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use super::eventually;
use crate::support::origin::Reply;
use crate::support::proxy::{kill, start_packaged};
use crate::support::redis::RedisServer;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup};

fn sgate(nonce: &str) -> Callback {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    Signer::get().sgate_at("/cb", "/cb", "{}", &now.as_secs().to_string(), nonce)
}

fn setup(origin: &Origin, once: &str) -> Setup {
    Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .tables(&format!("[once]\n{once}"))
        .origin(origin)
}

fn disk(path: &std::path::Path) -> String {
    format!(
        "store = \"disk\"\ndisk = {{ path = \"{}\" }}",
        path.display()
    )
}

pub(super) fn redis(server: &RedisServer, more: &str) -> String {
    let url = server.url();
    format!("store = \"redis\"\nredis = {{ servers = [\"{url}\"] }}\n{more}")
}

/// Like `redis`, with timeouts that suffice on the slowest machine.
fn patient(server: &RedisServer) -> String {
    let url = server.url();
    format!(
        "store = \"redis\"\n[once.redis]\nservers = [\"{url}\"]\nconnect_timeout = \"10s\"\ntimeout = \"10s\""
    )
}

/// A backend that answers each callback only when the test releases it.
pub(crate) fn slow() -> (Origin, Sender<()>) {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        let _ = released.lock().unwrap().recv();
        Reply::ok()
    });
    (origin, release)
}

#[test]
fn the_disk_store_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("once.db");
    let origin = Origin::start();
    for round in 0..3 {
        let proxy = setup(&origin, &disk(&file)).start();
        // All callbacks of earlier rounds are repeats; then come new ones.
        for number in 0..round * 20 {
            assert_eq!(sgate(&format!("n-{number}")).send(&proxy).status, 200);
        }
        assert_eq!(origin.count(), round * 20);
        for number in round * 20..(round + 1) * 20 {
            assert_eq!(sgate(&format!("n-{number}")).send(&proxy).status, 200);
        }
        assert!(kill("KILL", proxy.pid()));
    }
    origin.requests(60);
}

#[test]
fn a_killed_proxy_leaves_a_claim_that_expires_with_its_lease() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("once.db");
    let server = RedisServer::start();
    for once in [disk(&file), patient(&server)] {
        let (origin, release) = slow();
        let start = || {
            Setup::new()
                .sgate("name = \"sgate\"\npath = \"/cb\"\nonce = { lease = \"5s\" }")
                .tables(&format!("[once]\n{once}"))
                .origin(&origin)
                .start()
        };
        let proxy = start();
        let callback = sgate("killed");
        let mut client = Client::connect(proxy.address);
        client.send(&callback.with_length());
        origin.request();
        assert!(kill("KILL", proxy.pid()));
        let next = start();
        drop(release);
        let mut refused = 0;
        let deadline = Instant::now() + PATIENCE;
        let answer = loop {
            assert!(Instant::now() < deadline, "the lease does not end");
            let answer = callback.send(&next);
            if answer.status != 503 {
                break answer;
            }
            assert_eq!(answer.json()["reason"], "callback_in_flight");
            refused += 1;
        };
        assert_eq!(answer.status, 200);
        assert!(refused > 0);
        origin.requests(2);
    }
}

#[test]
fn an_upgrade_keeps_done_callbacks_and_claims() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("once.db");
    let (origin, release) = slow();
    let proxy = setup(&origin, &disk(&file)).start();
    let done = sgate("done");
    release.send(()).unwrap();
    assert_eq!(done.send(&proxy).status, 200);
    let flying = sgate("flying");
    let mut client = Client::connect(proxy.address);
    client.send(&flying.with_length());
    origin.requests(2);
    proxy.upgrade();
    // The old process accepts connections for a moment longer. Both processes know both callbacks.
    for _ in 0..20 {
        assert_eq!(done.send(&proxy).status, 200);
        assert_eq!(flying.send(&proxy).json()["reason"], "callback_in_flight");
    }
    release.send(()).unwrap();
    assert_eq!(client.response().status, 200);
    assert_eq!(flying.send(&proxy).status, 200);
    origin.requests(2);
}

#[test]
fn proxies_share_their_knowledge_through_redis() {
    let server = RedisServer::start();
    let (origin, release) = slow();
    let [one, two] = [(), ()].map(|()| setup(&origin, &patient(&server)).start());
    let callback = sgate("n");
    let mut client = Client::connect(one.address);
    client.send(&callback.with_length());
    origin.request();
    let early = callback.send(&two);
    assert_eq!(early.json()["reason"], "callback_in_flight");
    release.send(()).unwrap();
    assert_eq!(client.response().status, 200);
    let answer = callback.send(&two);
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok\n"[..]));
    origin.request();
}

#[test]
fn an_unavailable_store_fails_closed_by_default() {
    let mut server = RedisServer::start();
    let origin = Origin::start();
    let proxy = setup(&origin, &redis(&server, "")).start();
    let (before, during) = (sgate("before"), sgate("during"));
    assert_eq!(before.send(&proxy).status, 200);
    assert_eq!(proxy.access()["once"], "fresh");
    server.kill();
    let answer = during.send(&proxy);
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["reason"], "once_store_unavailable");
    assert!(answer.header("retry-after").is_some());
    assert_eq!(proxy.access()["once"], "unavailable");
    proxy.error_line("once: cannot claim");
    origin.request();
    server.start_again();
    eventually(&during, &proxy, 200);
    // Callbacks done before the outage are remembered again.
    assert_eq!(before.send(&proxy).status, 200);
    origin.requests(2);
}

#[test]
fn an_unavailable_store_can_fail_open_with_a_mark() {
    let mut server = RedisServer::start();
    let origin = Origin::start();
    let open = "on_store_failure = \"fail_open\"";
    let proxy = setup(&origin, &redis(&server, open)).start();
    server.kill();
    let callback = sgate("during");
    assert_eq!(callback.send(&proxy).status, 200);
    assert_eq!(proxy.access()["once"], "unchecked");
    proxy.error_line("once: cannot claim");
    let marked = origin.request();
    assert_eq!(marked.header("x-verified-repeat"), Some("unknown"));
    server.start_again();
    // The callback is remembered as soon as the store is available.
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline);
        assert_eq!(callback.send(&proxy).status, 200);
        if proxy.access()["once"] == "repeat" {
            break;
        }
    }
}

#[test]
fn a_success_that_could_not_be_recorded_is_recorded_later() {
    let mut server = RedisServer::start();
    let (origin, release) = slow();
    let proxy = setup(&origin, &redis(&server, "")).start();
    let callback = sgate("n");
    let mut client = Client::connect(proxy.address);
    client.send(&callback.with_length());
    origin.request();
    server.kill();
    release.send(()).unwrap();
    // The provider is not affected.
    assert_eq!(client.response().status, 200);
    proxy.error_line("once: cannot commit");
    server.start_again();
    // The success is recorded even if the process is asked to stop meanwhile.
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
    let next = setup(&origin, &redis(&server, "")).start();
    assert_eq!(callback.send(&next).status, 200);
    origin.request();
}

#[test]
fn a_reload_with_an_unusable_file_keeps_the_old_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("once.db");
    let origin = Origin::start();
    let proxy = setup(&origin, "").start();
    let callback = sgate("n");
    assert_eq!(callback.send(&proxy).status, 200);
    std::fs::write(
        &file,
        "no database, whatever SQLite makes of so many bytes: ".repeat(9),
    )
    .unwrap();
    let table = disk(&file);
    proxy.reconfigure(|text| text.replace("[once]\n", &format!("[once]\n{table}\n")));
    proxy.error_line("reload failed: cannot open the store");
    // The proxy still remembers the callback.
    assert_eq!(callback.send(&proxy).status, 200);
    origin.request();
    std::fs::remove_file(&file).unwrap();
    proxy.signal("HUP");
    proxy.error_line("reloaded");
    for _ in 0..2 {
        assert_eq!(callback.send(&proxy).status, 200);
    }
    origin.requests(2);
}

#[test]
fn evictions_from_the_memory_store_are_logged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("once.db");
    let origin = Origin::start();
    let memory = "store = \"memory\"";
    let send = |proxy: &Proxy, name: &str, count: usize| {
        for number in 0..count {
            let callback = sgate(&format!("{name}-{number}"));
            assert_eq!(callback.send(proxy).status, 200);
        }
    };
    // When the process exits.
    let proxy = setup(&origin, memory).start();
    send(&proxy, "end", 1);
    proxy.signal("TERM");
    proxy.error_line("1 remembered callback, kept in memory only, will be lost with this process");
    // When another process takes over.
    let proxy = setup(&origin, memory).start();
    send(&proxy, "upgrade", 3);
    proxy.signal("USR2");
    proxy.taken_over_saying(
        "3 remembered callbacks, kept in memory only, will be lost with this process",
    );
    // On a reload to another store, and on a reload to no store.
    let proxy = setup(&origin, memory).start();
    send(&proxy, "memory", 4);
    proxy.reconfigure(|text| text.replace(memory, &disk(&file)));
    proxy.error_line("4 remembered callbacks will be lost with the memory");
    proxy.error_line("reloaded");
    send(&proxy, "disk", 5);
    proxy.reconfigure(|text| {
        let table = format!("[once]\n{}", disk(&file));
        text.replace(&table, "")
    });
    proxy.error_line("5 remembered callbacks will stay in a file");
    proxy.error_line("reloaded");
    // A reload that names the same file again finds them.
    proxy.reconfigure(|text| format!("{text}\n[once]\n{}", disk(&file)));
    proxy.error_line("reloaded");
    let before = origin.count();
    send(&proxy, "disk", 5);
    assert_eq!(origin.count(), before);
}

#[test]
fn the_packaged_configuration_remembers_callbacks_across_an_upgrade() {
    let origin = Origin::start();
    let proxy = start_packaged(&origin);
    let callback = Signer::get().cheezeepay("/cheezeepay/callback", &[("order", "\"A\"")]);
    for _ in 0..2 {
        assert_eq!(callback.send(&proxy).status, 200);
    }
    proxy.upgrade();
    assert_eq!(callback.send(&proxy).status, 200);
    origin.request();
}
