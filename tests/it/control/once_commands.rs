//! `countersign once`.

use std::time::SystemTime;

use serde_json::Value;

use super::{acts, controlled, printed, refused};
use crate::once::stores_at_work::slow;
use crate::support::redis::RedisServer;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy};

fn sgate(nonce: &str) -> Callback {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    Signer::get().sgate_at("/cb", "/cb", "{}", &now.to_string(), nonce)
}

fn shown(proxy: &Proxy, callback: &str) -> Value {
    serde_json::from_str(&printed(proxy, &["once", "show", callback, "--json"])).unwrap()
}

#[test]
fn a_forgotten_callback_reaches_the_backend_again_from_every_store() {
    let folder = tempfile::tempdir().unwrap();
    let redis = RedisServer::start();
    let disk = format!(
        "store = \"disk\"\ndisk = {{ path = \"{}\" }}",
        folder.path().join("o").display()
    );
    let redis = format!(
        "store = \"redis\"\n[once.redis]\nservers = [\"{}\"]\nconnect_timeout = \"10s\"\ntimeout = \"10s\"",
        redis.url()
    );
    for store in ["", &disk, &redis] {
        let origin = Origin::start();
        let proxy = controlled("")
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .tables(&format!("[once]\n{store}"))
            .origin(&origin)
            .start();
        let callback = sgate("n-1");
        assert_eq!(callback.send(&proxy).status, 200);
        let line = proxy.access();
        let [id, identity] = ["id", "identity"].map(|name| line[name].as_str().unwrap());
        let known = shown(&proxy, id);
        assert_eq!(
            (&known["state"], &known["status"]),
            (&"done".into(), &200.into()),
            "{store}"
        );
        assert!(known["seconds"].as_u64().unwrap() > 60);
        assert_eq!(shown(&proxy, identity), known);
        assert_eq!(callback.send(&proxy).status, 200);
        assert_eq!(proxy.access()["identity"], identity);
        origin.requests(1);

        let told = printed(&proxy, &["once", "forget", identity]);
        assert!(
            told.starts_with(&format!("forgotten: {identity}; ")),
            "{told}"
        );
        assert_eq!(shown(&proxy, identity)["state"], "unknown", "{store}");
        assert!(refused(&proxy, &["once", "forget", identity]).contains("no such callback"));
        assert_eq!(callback.send(&proxy).status, 200);
        assert_eq!(proxy.access()["once"], "fresh");
        origin.requests(2);
        let forget = |result: &str| ["once forget", identity, result].map(str::to_owned);
        let expected = ["asked", "forgotten", "asked", "not known"].map(forget);
        assert_eq!(acts(&proxy), expected);
    }
}

#[test]
fn a_callback_in_flight_is_not_forgotten() {
    let redis = RedisServer::start();
    let folder = tempfile::tempdir().unwrap();
    let disk = format!(
        "store = \"disk\"\ndisk = {{ path = \"{}\" }}",
        folder.path().join("o").display()
    );
    let redis = format!(
        "store = \"redis\"\n[once.redis]\nservers = [\"{}\"]\nconnect_timeout = \"10s\"\ntimeout = \"10s\"",
        redis.url()
    );
    for store in ["", &disk, &redis] {
        let (origin, release) = slow();
        let proxy = controlled("workers = 2")
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .tables(&format!("[once]\n{store}"))
            .origin(&origin)
            .start();
        let callback = sgate("n-1");
        let mut first = Client::connect(proxy.address);
        first.send(&callback.with_length());
        origin.requests(1);
        // A copy that is refused has the same identity.
        assert_eq!(callback.send(&proxy).status, 503);
        let identity = proxy.access()["identity"].as_str().unwrap().to_owned();
        assert_eq!(shown(&proxy, &identity)["state"], "in_flight");
        let why = refused(&proxy, &["once", "forget", &identity]);
        assert!(why.contains("with a backend right now"), "{why}");
        release.send(()).unwrap();
        assert_eq!(first.response().status, 200, "{store}");
        assert_eq!(callback.send(&proxy).status, 200);
        origin.requests(1);
    }
}

#[test]
fn a_callback_is_named_by_the_last_requests_and_nothing_else() {
    let origin = Origin::start();
    let proxy = controlled("")
        .sgate("name = \"sgate\"\npath = \"/cb\"\nonce = true")
        .origin(&origin)
        .start();
    let forged = sgate("n").with("V-Signature", Some("AAAA"));
    assert_ne!(forged.send(&proxy).status, 200);
    let line = proxy.access();
    assert_eq!(line.get("identity"), None);
    let rejected = line["id"].as_str().unwrap();
    let why = refused(&proxy, &["once", "show", rejected]);
    assert!(
        why.contains("does not know of a verified callback with this request id"),
        "{why}"
    );
    for nonsense in [
        "",
        "x",
        "0123",
        &"g".repeat(64),
        &"+1".repeat(32),
        "../../etc/passwd",
    ] {
        let why = refused(&proxy, &["once", "forget", nonsense]);
        assert!(why.contains("neither a request id"), "{why}");
    }
    assert!(acts(&proxy).is_empty());
}

#[test]
fn without_once_there_is_nothing_to_forget() {
    let proxy = controlled("")
        .sgate("name = \"sgate\"\npath = \"/cb\"\nupstream = \"echo\"\nonce = false")
        .start();
    let why = refused(&proxy, &["once", "show", &"0".repeat(64)]);
    assert!(
        why.contains("no route of the active configuration recognises repeats"),
        "{why}"
    );
}

#[test]
fn an_identity_over_a_secret_is_never_shown() {
    let origin = Origin::start();
    let proxy = controlled("")
        .tables(
            "[[scheme]]\nname = \"sum\"\nalgorithm = \"sha256\"\nsignature = \"{header:x-sign|unhex}\"\n\
             content = \"{body}{secret}\"\n\
             [[key]]\nid = \"shop\"\nsecret = \"0123456789abcdef0123456789abcdef\"",
        )
        .route("name = \"sum\"\npath = \"/cb\"\nscheme = \"sum\"\nkeys = [\"shop\"]\nonce = true")
        .origin(&origin)
        .start();
    let body = "{\"a\":1}";
    let sum = {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(format!("{body}0123456789abcdef0123456789abcdef"));
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let callback = Callback::post("/cb", body).header("X-Sign", sum);
    assert_eq!(callback.send(&proxy).status, 200);
    let line = proxy.access();
    assert_eq!(
        (line.get("identity"), &line["once"]),
        (None, &"fresh".into())
    );
    let id = line["id"].as_str().unwrap();
    let known = shown(&proxy, id);
    assert_eq!(
        (&known["identity"], &known["state"]),
        (&id.into(), &"done".into())
    );
    printed(&proxy, &["once", "forget", id]);
    assert_eq!(callback.send(&proxy).status, 200);
    origin.requests(2);
    assert_eq!(acts(&proxy)[0][1], id);
}
