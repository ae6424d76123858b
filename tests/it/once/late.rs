//! Redis behind a network that stalls: operations that time out, and operations that arrive late.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use countersign::once::{
    Beginning, Claim, Claims, Ledger, Mode, OnStoreFailure, OncePolicy, RedisStore, Store,
    StoreError, Token,
};

use super::away::{Watch, policy};
use super::model::fresh;
use super::store::redis;
use crate::support::PATIENCE;
use crate::support::redis::RedisServer;
use crate::support::valve::Valve;

const LEASE: Duration = Duration::from_secs(60);
/// Long enough for a server that responds, short enough to wait for one that does not.
const TIMEOUT: Duration = Duration::from_secs(2);

fn through(server: &RedisServer) -> (Valve, Arc<RedisStore>) {
    let valve = Valve::before(server.address);
    let mut settings = redis(Mode::Single, &[format!("redis://{}", valve.address)]);
    settings.timeout = TIMEOUT;
    (valve, Arc::new(RedisStore::new(&settings).unwrap()))
}

fn is_unknown<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unknown(_)))
}

#[tokio::test]
async fn a_timed_out_operation_closes_only_its_own_connection() {
    let server = RedisServer::start();
    let (valve, store) = through(&server);
    let claim = || {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.claim(&fresh(), Token::new(), LEASE).await })
    };
    assert_eq!(claim().await.unwrap(), Ok(Claim::Fresh));
    valve.close(0);
    // All of these use the first connection and time out one after the other.
    let mut hung = Vec::new();
    for _ in 0..4 {
        hung.push(claim());
        tokio::time::sleep(TIMEOUT / 8).await;
    }
    for hung in hung {
        let ended = hung.await.unwrap();
        assert!(is_unknown(&ended), "{ended:?}");
        assert_eq!(claim().await.unwrap(), Ok(Claim::Fresh));
    }
    assert_eq!(valve.connections(), 2);
}

#[tokio::test]
async fn a_late_renewal_does_not_restore_a_claim() {
    let server = RedisServer::start();
    let (valve, store) = through(&server);
    let (id, token) = (fresh(), Token::new());
    assert_eq!(store.claim(&id, token, LEASE).await, Ok(Claim::Fresh));
    // Loads the script into the server.
    store.renew(&id, token, LEASE).await.unwrap();
    valve.close(0);
    let renewed = store.renew(&id, token, LEASE).await;
    assert!(is_unknown(&renewed), "{renewed:?}");
    store.release(&id, token, LEASE).await.unwrap();
    valve.open(0);
    // The provider retries.
    let retry = store.claim(&id, Token::new(), LEASE).await;
    assert_eq!(retry, Ok(Claim::Fresh));
}

#[tokio::test]
async fn a_late_claim_does_not_block_the_retry() {
    let server = RedisServer::start();
    let (valve, store) = through(&server);
    let claimed = store.claim(&fresh(), Token::new(), LEASE).await;
    assert_eq!(claimed, Ok(Claim::Fresh));
    valve.close(0);
    let (id, token) = (fresh(), Token::new());
    let claimed = store.claim(&id, token, LEASE).await;
    assert!(is_unknown(&claimed), "{claimed:?}");
    store.release(&id, token, LEASE).await.unwrap();
    valve.open(0);
    let retry = store.claim(&id, Token::new(), LEASE).await;
    assert_eq!(retry, Ok(Claim::Fresh));
}

#[tokio::test]
async fn a_claim_lost_by_the_store_is_made_again_while_the_backend_works() {
    let server = RedisServer::start();
    let store: Arc<dyn Store> =
        Arc::new(RedisStore::new(&redis(Mode::Single, &[server.url()])).unwrap());
    let ledger = Arc::new(Ledger::new(Arc::clone(&store), Arc::<Watch>::default()));
    let claims = Claims::new(ledger, OnStoreFailure::Closed, 100);
    let (id, policy) = (
        fresh(),
        OncePolicy {
            lease: Duration::from_secs(1),
            ..policy()
        },
    );
    let Beginning::Proceed(held) = claims.begin(id, &policy).await else {
        panic!("it is new");
    };
    assert_eq!(server.ask(&["FLUSHALL"]), "OK");
    let again = pin!(async {
        while server.ask(&["DBSIZE"]) != "1" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let again = held.while_working(again);
    tokio::time::timeout(PATIENCE, again).await.unwrap();
    held.failed(|| ()).await;
    let retry = store.claim(&id, Token::new(), LEASE).await;
    assert_eq!(retry, Ok(Claim::Fresh));
}
