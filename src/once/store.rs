//! The interface of every store.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use super::identity::Identity;

/// Where claims and answers are kept.
///
/// A callback is unknown, claimed (in flight, until its lease expires), or done. Every operation is
/// atomic, and may be repeated with the same token: a caller that did not get the result tries
/// again.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// Claims a callback for `lease`, unless another token has claimed it or it is done.
    ///
    /// # Errors
    /// If the store is unavailable, or full of claims. The claim may have been made nevertheless.
    async fn claim(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Claim, StoreError>;

    /// Extends a claim that this token still has to `lease` from now. It never creates a claim: a
    /// renewal may arrive long after the claim was given up.
    ///
    /// # Errors
    /// If the store is unavailable.
    async fn renew(
        &self,
        id: &Identity,
        token: Token,
        lease: Duration,
    ) -> Result<Renewal, StoreError>;

    /// Records for `keep` that the callback is done, with the answer, whoever has the claim by now:
    /// the backend did accept it. If an answer is already stored, that one stays.
    ///
    /// # Errors
    /// If the store is unavailable.
    async fn commit(
        &self,
        id: &Identity,
        token: Token,
        answer: Bytes,
        keep: Duration,
    ) -> Result<(), StoreError>;

    /// Releases a claim, if this token still has it. Where operations can overtake each other, a
    /// claim of this token that arrives within `lease` after the release has no effect.
    ///
    /// # Errors
    /// If the store is unavailable.
    async fn release(&self, id: &Identity, token: Token, lease: Duration)
    -> Result<(), StoreError>;

    /// What is remembered of a callback.
    ///
    /// # Errors
    /// If the store is unavailable.
    async fn look(&self, id: &Identity) -> Result<StoredState, StoreError>;

    /// Forgets a callback that is done, and returns what was remembered of it. One that is in flight stays:
    /// a copy of it must not reach a backend meanwhile.
    ///
    /// # Errors
    /// If the store is unavailable. It may be forgotten nevertheless.
    async fn forget(&self, id: &Identity) -> Result<StoredState, StoreError>;

    /// How full the store is, as far as it knows.
    fn usage(&self) -> StoreUsage;

    /// How many callbacks are forgotten when this process ends.
    fn forgotten_with_process(&self) -> u64 {
        0
    }
}

/// The result of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This token now has the claim.
    Fresh,
    /// Another copy is in flight. Its claim expires after this time, unless it is renewed.
    InFlight(Duration),
    /// A backend has accepted the callback; this is what the commit stored.
    Done(Bytes),
}

/// What is remembered of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredState {
    /// Nothing: it would go to a backend.
    Nothing,
    /// It is in flight. Its claim expires after this time, unless it is renewed.
    InFlight(Duration),
    /// A backend has accepted it.
    Done {
        /// What the commit stored.
        answer: Bytes,
        /// For how much longer it is remembered, if the store knows.
        left: Option<Duration>,
    },
}

/// The result of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// The claim lasts for the lease from now.
    Held,
    /// Nobody has a claim, and the callback is not done. A copy that is still being handled may
    /// claim it again.
    Gone,
    /// Another token has the claim, or the callback is done.
    Lost,
}

/// The owner of a claim. Each attempt has a new token, so that a late operation of one attempt
/// cannot affect the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(u128);

impl Token {
    /// A new random token.
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

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// So many callbacks are in flight that there is no room for another claim.
    #[error("the store is full of claims")]
    Full,
    /// The store could not be reached, or failed before it did anything.
    #[error("{0}")]
    NotDone(String),
    /// The store did not report whether it executed the operation.
    #[error("{0}")]
    Unknown(String),
}

/// How full a store is; `None` for what it does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreUsage {
    /// Callbacks that are claimed or remembered.
    pub entries: Option<u64>,
    /// Their size in bytes.
    pub bytes: Option<u64>,
    /// StoredState callbacks that were evicted before they expired, since the store was opened.
    pub evicted: u64,
}
