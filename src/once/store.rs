//! What every store does.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use super::identity::Identity;

/// Where claims and answers are kept.
///
/// A callback is unknown, claimed (in flight, until its lease is over), or done. Every operation is
/// atomic, and may be repeated with the same token: whoever did not hear the outcome of one asks
/// again.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// Claims a callback for `lease`, unless another token has it or it is done.
    ///
    /// # Errors
    /// If the store cannot be reached, or is full of claims. The claim may have been made all the
    /// same.
    async fn claim(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Claim, StoreError>;

    /// Extends a claim that this token still has to `lease` from now. It never makes one: a renewal
    /// may reach the store long after the claim has been given up.
    ///
    /// # Errors
    /// If the store cannot be reached.
    async fn renew(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Renewal, StoreError>;

    /// Remembers for `keep` that the callback is done, and the answer, whoever has the claim by
    /// now: the backend did take it. Where an answer is remembered already, that one stays.
    ///
    /// # Errors
    /// If the store cannot be reached.
    async fn commit(
        &self,
        id: &Identity,
        token: Token,
        answer: Bytes,
        keep: Duration,
    ) -> Result<(), StoreError>;

    /// Gives a claim up, if this token still has it. Where one operation can overtake another, a claim
    /// of this token that arrives within `lease` after this does nothing.
    ///
    /// # Errors
    /// If the store cannot be reached.
    async fn release(&self, id: &Identity, token: Token, lease: Duration)
    -> Result<(), StoreError>;

    /// How full it is, as far as it knows.
    fn usage(&self) -> Usage;

    /// How many callbacks are forgotten when this process ends.
    fn forgotten_with_process(&self) -> u64 {
        0
    }
}

/// What a claim found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The callback is this token's now.
    Fresh,
    /// Another copy is in flight, and has the claim for so long unless it renews it.
    InFlight(Duration),
    /// A backend has taken it; this is what the commit came with.
    Done(Bytes),
}

/// What a renewal found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// The claim lasts for the lease from now.
    Held,
    /// Nobody has a claim, and the callback is not done. Whoever still works on it may claim it again.
    Gone,
    /// Another token has the claim, or the callback is done.
    Lost,
}

/// Who has a claim. A new one for each attempt, so that what is late for one attempt cannot touch
/// the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(u128);

impl Token {
    /// One that nobody has.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "two are never equal")]
    pub fn new() -> Self {
        Self(Uuid::now_v7().as_u128())
    }

    /// As bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

/// Why a store did not do as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// So many callbacks are in flight that there is no room for another claim.
    #[error("the store is full of claims")]
    Full,
    /// It cannot be reached, or failed, before it did anything.
    #[error("{0}")]
    NotDone(String),
    /// It did not say whether it did.
    #[error("{0}")]
    Unknown(String),
}

/// How full a store is; `None` for what it does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Callbacks that are claimed or remembered.
    pub entries: Option<u64>,
    /// What they take, in bytes.
    pub bytes: Option<u64>,
    /// Remembered callbacks that had to go before their time, since the store was opened.
    pub evicted: u64,
}
