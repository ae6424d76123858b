//! What stores must do beyond the automaton, above all survive what they promise to survive.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign::once::{
    Claim, DiskStore, MAX_LEASE, Mode, Password, RedisStore, Renewal, Store, StoreError, TlsFiles,
    Token,
};

use super::model::fresh;
use super::store::{OnDisk, redis};
use crate::support::PATIENCE;
use crate::support::redis::RedisServer;
use crate::support::tls::Authority;

const LEASE: Duration = Duration::from_secs(60);
const KEEP: Duration = Duration::from_secs(3600);

/// Repeats the attempt until it returns a value.
async fn eventually<T>(mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = attempt().await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, found).await.unwrap()
}

/// Claims and commits a callback and checks that it is done.
async fn remembers(store: &dyn Store) {
    let (id, token) = (fresh(), Token::new());
    assert_eq!(store.claim(&id, token, LEASE).await, Ok(Claim::Fresh));
    let answer = Bytes::from(vec![0xFF; 20_000]);
    assert_eq!(store.commit(&id, token, answer.clone(), KEEP).await, Ok(()));
    assert_eq!(
        store.claim(&id, Token::new(), LEASE).await,
        Ok(Claim::Done(answer))
    );
}

#[tokio::test]
async fn a_file_survives_the_process_and_its_entries_expire() {
    let bench = OnDisk::new();
    let (id, claimed, token) = (fresh(), fresh(), Token::new());
    let answer = Bytes::from_static(b"answer");
    let store = DiskStore::open(&bench.path()).unwrap();
    store
        .commit(&id, token, answer.clone(), KEEP)
        .await
        .unwrap();
    store.claim(&claimed, token, LEASE).await.unwrap();
    drop(store);
    let store = DiskStore::open(&bench.path()).unwrap();
    assert_eq!(
        store.claim(&id, token, LEASE).await,
        Ok(Claim::Done(answer))
    );
    // The claim of a process that exited lasts until its lease ends.
    let other = store.claim(&claimed, Token::new(), LEASE).await;
    assert!(
        matches!(other, Ok(Claim::InFlight(left)) if left <= LEASE),
        "{other:?}"
    );
    drop(store);
    let later = DiskStore::open_with_offset(&bench.path(), || KEEP).unwrap();
    assert_eq!(
        later.claim(&claimed, Token::new(), LEASE).await,
        Ok(Claim::Fresh)
    );
    // Expired entries are removed without being accessed.
    let deadline = std::time::Instant::now() + PATIENCE;
    while later.usage().entries != Some(1) {
        assert!(std::time::Instant::now() < deadline, "{:?}", later.usage());
        tokio::task::yield_now().await;
    }
    assert_eq!(
        later.claim(&id, Token::new(), LEASE).await,
        Ok(Claim::Fresh)
    );
}

#[tokio::test]
async fn a_claim_from_before_the_last_boot_does_not_count() {
    let bench = OnDisk::new();
    let id = fresh();
    // Before the reboot the machine's monotonic clock was further ahead.
    let before = DiskStore::open_with_offset(&bench.path(), || 10 * MAX_LEASE).unwrap();
    assert_eq!(
        before.claim(&id, Token::new(), LEASE).await,
        Ok(Claim::Fresh)
    );
    let now = DiskStore::open(&bench.path()).unwrap();
    assert_eq!(now.claim(&id, Token::new(), LEASE).await, Ok(Claim::Fresh));
}

#[test]
fn a_foreign_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(
        &text,
        "something else, long enough to have no place in the header of a database",
    )
    .unwrap();
    assert!(
        DiskStore::open(&text)
            .unwrap_err()
            .to_string()
            .contains("not a database")
    );
    assert!(
        std::fs::read_to_string(&text)
            .unwrap()
            .starts_with("something else")
    );
    let missing = folder.path().join("none/once.db");
    assert!(
        DiskStore::open(&missing)
            .unwrap_err()
            .to_string()
            .contains("No such file")
    );
    // Only the owner may read our own file.
    use std::os::unix::fs::PermissionsExt as _;
    let own = folder.path().join("once.db");
    let _store = DiskStore::open(&own).unwrap();
    for name in ["once.db", "once.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn many_callbacks_share_one_fsync() {
    let bench = OnDisk::new();
    let store: Arc<dyn Store> = Arc::new(DiskStore::open(&bench.path()).unwrap());
    let all = (0..2000).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { remembers(&*store).await })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(store.usage().entries, Some(2000));
}

#[tokio::test]
async fn a_killed_redis_keeps_its_data_and_is_reconnected() {
    let mut server = RedisServer::start();
    let mut settings = redis(Mode::Single, &[server.url()]);
    settings.timeout = Duration::from_secs(2);
    let store = RedisStore::new(&settings).unwrap();
    let (id, token) = (fresh(), Token::new());
    store.claim(&id, token, LEASE).await.unwrap();
    store
        .commit(&id, token, Bytes::from_static(b"x"), KEEP)
        .await
        .unwrap();
    server.kill();
    let claim = store.claim(&fresh(), Token::new(), LEASE).await;
    assert!(
        matches!(claim, Err(StoreError::NotDone(_) | StoreError::Unknown(_))),
        "{claim:?}"
    );
    server.start_again();
    // The pause after a failure is short.
    let found = eventually(async || {
        let claim = store.claim(&id, Token::new(), LEASE).await;
        claim.is_ok().then_some(claim)
    })
    .await;
    assert_eq!(found, Ok(Claim::Done(Bytes::from_static(b"x"))));
}

#[tokio::test]
async fn redis_expires_leases_and_answers_by_its_own_clock() {
    let server = RedisServer::start();
    let store = RedisStore::new(&redis(Mode::Single, &[server.url()])).unwrap();
    let (id, token) = (fresh(), Token::new());
    let short = Duration::from_millis(50);
    assert_eq!(store.claim(&id, token, short).await, Ok(Claim::Fresh));
    let other = Token::new();
    let is_free = async || (store.claim(&id, other, LEASE).await == Ok(Claim::Fresh)).then_some(());
    eventually(is_free).await;
    assert_eq!(store.renew(&id, token, LEASE).await, Ok(Renewal::Lost));
    store.release(&id, token, LEASE).await.unwrap();
    assert!(matches!(
        store.claim(&id, Token::new(), LEASE).await,
        Ok(Claim::InFlight(_))
    ));
    store.commit(&id, token, Bytes::new(), short).await.unwrap();
    eventually(is_free).await;
}

#[tokio::test]
async fn scripts_are_loaded_into_a_server_that_lacks_them() {
    let server = RedisServer::start();
    let store = RedisStore::new(&redis(Mode::Single, &[server.url()])).unwrap();
    remembers(&store).await;
    server.ask(&["SCRIPT", "FLUSH"]);
    remembers(&store).await;
}

#[tokio::test]
async fn a_password_is_sent_to_a_server_that_requires_one() {
    let server = RedisServer::with_password("a-password");
    let mut settings = redis(Mode::Single, &[server.url()]);
    settings.password = Some(Password("a-password".to_owned()));
    assert!(!format!("{settings:?}").contains("a-password"));
    remembers(&RedisStore::new(&settings).unwrap()).await;
    settings.password = Some(Password("another".to_owned()));
    let refused = RedisStore::new(&settings)
        .unwrap()
        .claim(&fresh(), Token::new(), LEASE)
        .await;
    assert!(
        matches!(
            refused,
            Err(StoreError::NotDone(_) | StoreError::Unknown(_))
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn tls_is_verified() {
    let authority = Authority::new();
    let server = RedisServer::with_tls(&authority, "right", None);
    let other = RedisServer::with_tls(&authority, "other", Some("DNS:other.example"));
    let trusted = TlsFiles {
        ca: Some(std::fs::read(authority.path("ca.pem")).unwrap()),
        client: None,
    };
    let of = |server: &RedisServer, tls: TlsFiles| {
        let mut settings = redis(Mode::Single, &[format!("rediss://{}", server.address)]);
        settings.tls = tls;
        RedisStore::new(&settings).unwrap()
    };
    remembers(&of(&server, trusted.clone())).await;
    // An untrusted authority, and a certificate for another name.
    for refused in [of(&server, TlsFiles::default()), of(&other, trusted)] {
        let claim = refused.claim(&fresh(), Token::new(), LEASE).await;
        assert!(
            matches!(claim, Err(StoreError::NotDone(_) | StoreError::Unknown(_))),
            "{claim:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_lead_to_the_new_master() {
    let mut master = RedisServer::start();
    let replica = RedisServer::replica(&master);
    let sentinel = RedisServer::sentinel(&master);
    let settings = redis(Mode::Sentinel("mymaster".to_owned()), &[sentinel.url()]);
    let store = RedisStore::new(&settings).unwrap();
    remembers(&store).await;
    // Sentinel must know the replica before it can promote it.
    let deadline = std::time::Instant::now() + PATIENCE;
    while !sentinel.ask(&["INFO", "sentinel"]).contains("slaves=1")
        || !replica
            .ask(&["INFO", "replication"])
            .contains("master_link_status:up")
    {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    master.kill();
    while store.claim(&fresh(), Token::new(), LEASE).await.is_err() {
        assert!(std::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(
        replica
            .ask(&["INFO", "replication"])
            .contains("role:master")
    );
    remembers(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_has_each_callback_on_one_node() {
    let nodes: Vec<RedisServer> = (0..3).map(|_| RedisServer::cluster_node()).collect();
    let slots = [(0, 5460), (5461, 10922), (10923, 16383)];
    for (node, (first, last)) in nodes.iter().zip(slots) {
        let (first, last) = (first.to_string(), last.to_string());
        assert_eq!(node.ask(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]), "OK");
        for other in &nodes {
            let (host, port) = (
                other.address.ip().to_string(),
                other.address.port().to_string(),
            );
            assert_eq!(node.ask(&["CLUSTER", "MEET", &host, &port]), "OK");
        }
    }
    let deadline = std::time::Instant::now() + PATIENCE;
    let agrees = |node: &RedisServer| {
        let info = node.ask(&["CLUSTER", "INFO"]);
        info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
    };
    while !nodes.iter().all(agrees) {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    let settings = redis(Mode::Cluster, &[nodes[0].url()]);
    let store = RedisStore::new(&settings).unwrap();
    for _ in 0..60 {
        remembers(&store).await;
    }
    let keys: Vec<usize> = nodes
        .iter()
        .map(|node| node.ask(&["DBSIZE"]).parse().unwrap())
        .collect();
    assert_eq!(keys.iter().sum::<usize>(), 60);
    assert!(keys.iter().all(|keys| *keys > 0), "{keys:?}");
}
