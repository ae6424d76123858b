//! The Redis connection: shared by all requests, which pipeline their commands, and reopened when
//! it breaks.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use log::{info, warn};
use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, FromRedisValue, RedisResult, ScriptInvocation};
use rustls::crypto::aws_lc_rs;
use tokio::time::Instant;

use super::redis_client::RedisClient;
use crate::once::redis_settings::RedisSettings;
use crate::once::store::StoreError;

/// After a failed attempt to connect, how long further requests fail without another attempt.
const PAUSE: Duration = Duration::from_millis(100);

/// Opens connections, and hands out the current one.
pub(super) struct Link {
    maker: tokio::sync::Mutex<Maker>,
    current: Mutex<Option<Numbered>>,
    made: AtomicU64,
}

/// A connection, with its number.
#[derive(Clone)]
pub(super) struct Numbered {
    number: u64,
    connection: RedisConnection,
}

#[derive(Clone)]
enum RedisConnection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Numbered {
    pub(super) async fn run<T: FromRedisValue>(
        &mut self,
        invocation: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        match &mut self.connection {
            RedisConnection::One(connection) => invocation.invoke_async(connection).await,
            RedisConnection::Cluster(connection) => invocation.invoke_async(connection).await,
        }
    }
}

struct Maker {
    client: RedisClient,
    config: AsyncConnectionConfig,
    failed: Option<(Instant, StoreError)>,
}

impl Link {
    pub(super) fn new(settings: &RedisSettings) -> RedisResult<Self> {
        // An error means that a connection already exists.
        let _ = aws_lc_rs::default_provider().install_default();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(settings.connect_timeout))
            .set_response_timeout(Some(settings.timeout));
        Ok(Self {
            maker: tokio::sync::Mutex::new(Maker {
                client: RedisClient::new(settings)?,
                config,
                failed: None,
            }),
            current: Mutex::default(),
            made: AtomicU64::new(0),
        })
    }

    /// The current connection, or a new one.
    pub(super) async fn connection(&self) -> Result<Numbered, StoreError> {
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        let mut maker = self.maker.lock().await;
        // Another request may have connected meanwhile, or failed to.
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        if let Some((_, error)) = maker.failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE) {
            return Err(error.clone());
        }
        match maker.connect().await {
            Ok(connection) => {
                maker.failed = None;
                let numbered = Numbered {
                    number: self.made.fetch_add(1, Ordering::Relaxed),
                    connection,
                };
                *self.lock() = Some(numbered.clone());
                info!("once: connected to Redis");
                Ok(numbered)
            }
            Err(error) => {
                let error = StoreError::NotDone(format!("Redis: {error}"));
                maker.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Makes the next request open another connection, unless one already has.
    pub(super) fn discard(&self, broken: &Numbered) {
        let mut current = self.lock();
        if current
            .as_ref()
            .is_some_and(|found| found.number == broken.number)
        {
            *current = None;
        }
    }

    fn current(&self) -> Option<Numbered> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Numbered>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Maker {
    async fn connect(&mut self) -> RedisResult<RedisConnection> {
        let mut connection = match &mut self.client {
            RedisClient::Single(client) => {
                client
                    .get_multiplexed_async_connection_with_config(&self.config)
                    .await?
            }
            RedisClient::Sentinel(client) => {
                client
                    .get_async_connection_with_config(&self.config)
                    .await?
            }
            RedisClient::Cluster(client) => {
                return Ok(RedisConnection::Cluster(
                    client.get_async_connection().await?,
                ));
            }
        };
        warn_of_forgetting(&mut connection).await;
        Ok(RedisConnection::One(connection))
    }
}

/// Warns if the server is configured to forget data. If it does not reveal its configuration,
/// assumes the best.
async fn warn_of_forgetting(connection: &mut MultiplexedConnection) {
    let info: RedisResult<String> = redis::cmd("INFO").query_async(connection).await;
    let info = info.unwrap_or_default();
    let value = |name: &str| {
        let mut lines = info.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
    };
    let evicts = value("maxmemory").is_some_and(|limit| limit != "0")
        && value("maxmemory_policy").is_some_and(|policy| policy != "noeviction");
    if evicts {
        warn!(
            "once: Redis may evict callbacks before they expire: set maxmemory-policy noeviction"
        );
    }
    if value("aof_enabled") == Some("0") {
        warn!("once: Redis forgets callbacks when it restarts: set appendonly yes");
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}
