//! The memory that each store uses per remembered callback with a response of three bytes.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign::once::{
    DiskStore, Identity, MemoryLimits, MemoryStore, Mode, RedisSettings, RedisStore, Store,
    StoredAnswer, TlsFiles, Token,
};
use sha2::{Digest as _, Sha256};

use crate::support::redis::RedisServer;

const COUNT: usize = 200_000;

pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();

    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new(MemoryLimits {
        entries: 2 * COUNT,
        bytes: 1 << 30,
    }));
    let before = resident();
    runtime.block_on(fill(&memory));
    let usage = memory.usage();
    assert_eq!((usage.entries, usage.evicted), (Some(COUNT as u64), 0));
    println!(
        "memory: {} bytes a callback by the system, {} by its own count",
        (resident() - before) / COUNT as u64,
        usage.bytes.unwrap() / COUNT as u64
    );
    drop(memory);

    let folder = tempfile::tempdir_in(".").unwrap();
    let path = folder.path().join("once.db");
    let disk: Arc<dyn Store> = Arc::new(DiskStore::open(&path).unwrap());
    runtime.block_on(fill(&disk));
    drop(disk);
    // The last connection to close merges the write-ahead log into the file.
    while folder.path().join("once.db-wal").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    println!(
        "disk: {} bytes a callback",
        fs::metadata(&path).unwrap().len() / COUNT as u64
    );

    let server = RedisServer::with(&[]);
    let settings = RedisSettings {
        mode: Mode::Single,
        servers: vec![server.url().parse().unwrap()],
        username: None,
        password: None,
        sentinel_password: None,
        tls: TlsFiles::default(),
        prefix: "countersign:once:".to_owned(),
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(60),
    };
    let used = || {
        let info = server.ask(&["INFO", "memory"]);
        let used = info.split("used_memory:").nth(1).unwrap();
        used.split_whitespace()
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    let before = used();
    let redis: Arc<dyn Store> = Arc::new(RedisStore::new(&settings).unwrap());
    runtime.block_on(fill(&redis));
    drop(redis);
    println!(
        "redis: {} bytes a callback",
        (used() - before) / COUNT as u64
    );
}

async fn fill(store: &Arc<dyn Store>) {
    let answer = StoredAnswer {
        status: 200,
        headers: vec![("content-type".to_owned(), b"text/plain".to_vec())],
        body: Some(Bytes::from_static(b"ok\n")),
    };
    let lanes = (0..64).map(|lane| {
        let (store, answer) = (Arc::clone(store), answer.clone());
        tokio::spawn(async move {
            for number in (lane..COUNT).step_by(64) {
                let digest: [u8; 32] = Sha256::digest(number.to_be_bytes()).into();
                let (id, token) = (Identity::from(digest), Token::new());
                let lease = Duration::from_secs(300);
                store.claim(&id, token, lease).await.unwrap();
                store
                    .commit(&id, token, answer.encode(), lease * 12)
                    .await
                    .unwrap();
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
}

/// The resident memory of this process in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}
