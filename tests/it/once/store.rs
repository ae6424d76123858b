//! The test interface that all stores share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::once::{
    DiskStore, Identity, MemoryLimits, MemoryStore, Mode, RedisSettings, RedisStore, Store,
    TlsFiles,
};
use tempfile::TempDir;

use crate::support::PATIENCE;
use crate::support::redis::RedisServer;

/// A store under test.
#[async_trait]
pub(crate) trait Bench: Send + Sync {
    /// The store as a proxy uses it; each call returns the store of another proxy.
    fn store(&self) -> Arc<dyn Store>;

    /// Makes the lease of a claim run out.
    async fn expire_lease(&self, id: &Identity, lease: Duration);

    /// Whether one operation can overtake another on its way to the store.
    fn overtakes(&self) -> bool {
        false
    }
}

/// The memory store under tokio's paused clock. It belongs to one process, so all proxies share it.
pub(crate) struct InMemory(Arc<MemoryStore>);

impl InMemory {
    pub(crate) fn new() -> Self {
        Self(Arc::new(MemoryStore::new(MemoryLimits::default())))
    }
}

#[async_trait]
impl Bench for InMemory {
    fn store(&self) -> Arc<dyn Store> {
        Arc::<MemoryStore>::clone(&self.0)
    }

    async fn expire_lease(&self, _: &Identity, lease: Duration) {
        tokio::time::advance(lease).await;
    }
}

/// The disk store: two on one file, as during an upgrade, with a clock that the test controls.
pub(crate) struct OnDisk {
    directory: TempDir,
    ahead: Arc<AtomicU64>,
    stores: [Arc<DiskStore>; 2],
    next: AtomicU64,
}

impl OnDisk {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ahead = Arc::<AtomicU64>::default();
        let open = || {
            let ahead = Arc::clone(&ahead);
            let path = directory.path().join("once.db");
            let offset = move || Duration::from_millis(ahead.load(Ordering::Relaxed));
            Arc::new(DiskStore::open_with_offset(&path, offset).unwrap())
        };
        let stores = [open(), open()];
        Self {
            directory,
            ahead,
            stores,
            next: AtomicU64::new(0),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("once.db")
    }

    pub(crate) fn advance(&self, time: Duration) {
        let time = u64::try_from(time.as_millis()).unwrap();
        self.ahead.fetch_add(time, Ordering::Relaxed);
    }
}

#[async_trait]
impl Bench for OnDisk {
    fn store(&self) -> Arc<dyn Store> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        Arc::<DiskStore>::clone(&self.stores[usize::try_from(next % 2).unwrap()])
    }

    async fn expire_lease(&self, _: &Identity, lease: Duration) {
        self.advance(lease);
    }
}

/// A real Redis server with several connections.
pub(crate) struct InRedis {
    pub(crate) server: RedisServer,
    stores: [Arc<RedisStore>; 2],
    next: AtomicU64,
}

/// Settings for the tests' servers.
pub(crate) fn redis(mode: Mode, servers: &[String]) -> RedisSettings {
    RedisSettings {
        mode,
        servers: servers.iter().map(|url| url.parse().unwrap()).collect(),
        username: None,
        password: None,
        sentinel_password: None,
        tls: TlsFiles::default(),
        prefix: "test:".to_owned(),
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(10),
    }
}

impl InRedis {
    pub(crate) fn new() -> Self {
        let server = RedisServer::start();
        let settings = redis(Mode::Single, &[server.url()]);
        let open = || Arc::new(RedisStore::new(&settings).unwrap());
        Self {
            server,
            stores: [open(), open()],
            next: AtomicU64::new(0),
        }
    }
}

#[async_trait]
impl Bench for InRedis {
    fn store(&self) -> Arc<dyn Store> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        Arc::<RedisStore>::clone(&self.stores[usize::try_from(next % 2).unwrap()])
    }

    fn overtakes(&self) -> bool {
        true
    }

    /// Makes the server's own expiry due now and waits for it.
    async fn expire_lease(&self, id: &Identity, _: Duration) {
        let key = format!("test:{}", URL_SAFE_NO_PAD.encode(id.bytes()));
        self.server.ask(&["PEXPIRE", &key, "1"]);
        let deadline = Instant::now() + PATIENCE;
        while self.server.ask(&["EXISTS", &key]) != "0" {
            assert!(Instant::now() < deadline);
        }
    }
}
