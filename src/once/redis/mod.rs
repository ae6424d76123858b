//! Callbacks remembered in Redis (or Valkey), for several proxies behind one address.
//!
//! One key for each callback, so that all of it is in one hash slot: `c` and the token while it is
//! claimed, `d` and the answer once it is done. Each operation is one script, which is atomic.
//! Times are how long a key lives from now, by the server's clock alone.

mod link;
mod scripts;
mod settings;

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use redis::{ErrorKind, FromRedisValue, RedisError, ScriptInvocation};

use super::identity::Identity;
use super::store::{Claim, Store, StoreError, Token, Usage};
use link::Link;
use scripts::Scripts;
pub use settings::{Mode, RedisSettings, Secret, TlsFiles, check_server};

/// The Redis store.
#[derive(Debug)]
pub struct Redis {
    link: Link,
    scripts: Scripts,
    prefix: String,
    timeout: Duration,
}

impl Redis {
    /// A store that connects when it is first needed.
    ///
    /// # Errors
    /// If no client can be made of the settings.
    pub fn new(settings: &RedisSettings) -> Result<Self, RedisError> {
        Ok(Self {
            link: Link::new(settings)?,
            scripts: Scripts::new(),
            prefix: settings.prefix.clone(),
            timeout: settings.timeout,
        })
    }

    fn key(&self, id: &Identity) -> String {
        // No braces, by which a cluster would choose the slot.
        let mut key = self.prefix.clone();
        URL_SAFE_NO_PAD.encode_string(id.bytes(), &mut key);
        key
    }

    /// Runs a script; once more on a new connection if the one there was is broken. Every script
    /// may run twice.
    async fn run<T: FromRedisValue>(
        &self,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let attempts = async {
            let mut number = self.link.connection().await?;
            match number.run(invocation).await {
                Err(error) if is_broken(&error) => {
                    self.link.discard(&number);
                    // The first attempt may have come through.
                    let again = self.link.connection().await;
                    number = again.map_err(|error| StoreError::Unknown(error.to_string()))?;
                    number.run(invocation).await
                }
                result => result,
            }
            .inspect_err(|error| {
                if is_broken(error) {
                    self.link.discard(&number);
                }
            })
            .map_err(|error| StoreError::Unknown(format!("Redis: {error}")))
        };
        tokio::time::timeout(self.timeout, attempts)
            .await
            .unwrap_or_else(|_| {
                // Whoever does not answer may never do so on this connection.
                self.link.discard_any();
                Err(StoreError::Unknown(format!(
                    "no answer within {}",
                    humantime::format_duration(self.timeout)
                )))
            })
    }
}

/// Whether another connection may do better: this one is broken, or leads to a server that is not
/// the one to write to any more.
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

/// In milliseconds, and at least one: zero would be an error.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis())
        .unwrap_or(u64::MAX)
        .clamp(1, 1 << 52)
}

#[async_trait]
impl Store for Redis {
    async fn claim(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let mut call = self.scripts.claim.key(self.key(id));
        call.arg(&token.bytes()[..]).arg(milliseconds(lease));
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
    ) -> Result<bool, StoreError> {
        let mut call = self.scripts.renew.key(self.key(id));
        call.arg(&token.bytes()[..]).arg(milliseconds(lease));
        self.run(&call).await
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

    async fn release(&self, id: &Identity, token: Token) -> Result<(), StoreError> {
        let mut call = self.scripts.release.key(self.key(id));
        call.arg(&token.bytes()[..]);
        self.run(&call).await
    }

    /// The server knows, and has metrics of its own.
    fn usage(&self) -> Usage {
        Usage::default()
    }
}
