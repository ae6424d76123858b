//! Callbacks remembered in Redis (or Valkey), for several proxies that share them.
//!
//! Each callback has one key: `c` and the token while it is claimed, `d` and the answer once it is
//! done. Each token that released its claim has another key for a while, because earlier commands
//! of such a token may still be on their way. Both keys are in one hash slot, and each operation is
//! one atomic script. Times are remaining lifetimes of keys, by the server's clock alone.

mod link;
mod redis_client;
mod scripts;

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use redis::{ErrorKind, FromRedisValue, RedisError, ScriptInvocation};

use super::identity::Identity;
use super::redis_settings::RedisSettings;
use super::store::{Claim, Renewal, Store, StoreError, StoreUsage, StoredState, Token};
use link::{Link, Numbered};
use scripts::Scripts;

/// The Redis store.
#[derive(Debug)]
pub struct RedisStore {
    link: Link,
    scripts: Scripts,
    prefix: String,
    timeout: Duration,
}

impl RedisStore {
    /// Creates a store that connects when it is first used.
    ///
    /// # Errors
    /// If the settings make no valid client.
    pub fn new(settings: &RedisSettings) -> Result<Self, RedisError> {
        Ok(Self {
            link: Link::new(settings)?,
            scripts: Scripts::new(),
            prefix: settings.prefix.clone(),
            timeout: settings.timeout,
        })
    }

    fn key(&self, id: &Identity) -> String {
        // No braces, which would choose the slot in a cluster.
        let mut key = self.prefix.clone();
        URL_SAFE_NO_PAD.encode_string(id.bytes(), &mut key);
        key
    }

    /// The key that marks a token's claim as released. The part in braces chooses the slot: the
    /// callback's own.
    fn given_up(&self, key: &str, token: Token) -> String {
        let mut given_up = format!("{}{{{key}}}", self.prefix);
        URL_SAFE_NO_PAD.encode_string(token.bytes(), &mut given_up);
        given_up
    }

    /// Runs a script; if the connection was broken, once more on a new one. Every script may run
    /// twice.
    async fn run<T: FromRedisValue>(
        &self,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let mut silent = None;
        let attempts = self.attempts(invocation, &mut silent);
        match tokio::time::timeout(self.timeout, attempts).await {
            Ok(result) => result,
            Err(_) => {
                // A connection that does not answer may never do so. If others have opened a new
                // one by now, leave that alone.
                if let Some(silent) = &silent {
                    self.link.discard(silent);
                }
                Err(self.no_answer())
            }
        }
    }

    /// Sets `silent` to the connection that has not answered since the operation began.
    async fn attempts<T: FromRedisValue>(
        &self,
        invocation: &ScriptInvocation<'_>,
        silent: &mut Option<Numbered>,
    ) -> Result<T, StoreError> {
        let mut first = self.link.connection().await?;
        *silent = Some(first.clone());
        let error = match first.run(invocation).await {
            Err(error) if is_broken(&error) => error,
            result => return result.map_err(unknown),
        };
        *silent = None;
        self.link.discard(&first);
        if error.is_timeout() {
            return Err(self.no_answer());
        }
        // The first attempt may have succeeded. There may be too little time left to tell whether
        // the second connection answers.
        let again = self.link.connection().await;
        let mut again = again.map_err(|error| StoreError::Unknown(error.to_string()))?;
        again
            .run(invocation)
            .await
            .inspect_err(|error| {
                if is_broken(error) {
                    self.link.discard(&again);
                }
            })
            .map_err(unknown)
    }

    fn no_answer(&self) -> StoreError {
        StoreError::Unknown(format!(
            "no answer within {}",
            humantime::format_duration(self.timeout)
        ))
    }
}

fn unknown(error: RedisError) -> StoreError {
    StoreError::Unknown(format!("Redis: {error}"))
}

/// Whether another connection may do better: this one is broken, or leads to a server that no
/// longer accepts writes.
fn is_broken(error: &RedisError) -> bool {
    use redis::ServerErrorKind::{BusyLoading, MasterDown, ReadOnly};
    error.is_io_error()
        || error.is_connection_dropped()
        || error.is_timeout()
        || error.is_unrecoverable_error()
        || matches!(
            error.kind(),
            ErrorKind::Server(ReadOnly | MasterDown | BusyLoading)
                | ErrorKind::ClusterConnectionNotFound
        )
}

fn remembered((state, left, answer): (u8, i64, Vec<u8>)) -> StoredState {
    let left = u64::try_from(left).ok().map(Duration::from_millis);
    match state {
        0 => StoredState::Nothing,
        1 => StoredState::InFlight(left.unwrap_or_default()),
        _ => StoredState::Done {
            answer: answer.into(),
            left,
        },
    }
}

/// In milliseconds, at least one: zero would be an error.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis())
        .unwrap_or(u64::MAX)
        .clamp(1, 1 << 52)
}

#[async_trait]
impl Store for RedisStore {
    async fn claim(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let key = self.key(id);
        let mut call = self.scripts.claim.key(&key);
        call.key(self.given_up(&key, token))
            .arg(&token.bytes()[..])
            .arg(milliseconds(lease));
        let (state, left, answer): (u8, u64, Vec<u8>) = self.run(&call).await?;
        Ok(match state {
            0 => Claim::Fresh,
            1 => Claim::InFlight(Duration::from_millis(left)),
            _ => Claim::Done(answer.into()),
        })
    }

    async fn renew(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Renewal, StoreError> {
        let mut call = self.scripts.renew.key(self.key(id));
        call.arg(&token.bytes()[..]).arg(milliseconds(lease));
        let state: u8 = self.run(&call).await?;
        Ok(match state {
            0 => Renewal::Held,
            1 => Renewal::Gone,
            _ => Renewal::Lost,
        })
    }

    async fn commit(
        &self,
        id: &Identity,
        _: Token,
        answer: Bytes,
        keep: Duration,
    ) -> Result<(), StoreError> {
        let mut call = self.scripts.commit.key(self.key(id));
        call.arg(&answer[..]).arg(milliseconds(keep));
        self.run(&call).await
    }

    async fn release(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<(), StoreError> {
        let key = self.key(id);
        let mut call = self.scripts.release.key(&key);
        call.key(self.given_up(&key, token))
            .arg(&token.bytes()[..])
            .arg(milliseconds(lease));
        self.run(&call).await
    }

    async fn look(&self, id: &Identity) -> Result<StoredState, StoreError> {
        let call = self.scripts.look.key(self.key(id));
        Ok(remembered(self.run(&call).await?))
    }

    async fn forget(&self, id: &Identity) -> Result<StoredState, StoreError> {
        let call = self.scripts.forget.key(self.key(id));
        Ok(remembered(self.run(&call).await?))
    }

    /// The server knows, and has metrics of its own.
    fn usage(&self) -> StoreUsage {
        StoreUsage::default()
    }
}
