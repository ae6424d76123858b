//! What the writing thread is asked to do.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::once::store::{Claim, Renewal, StoreError, StoredState, Token};

/// An operation, and where to send its result.
pub(super) struct Job {
    pub(super) id: [u8; 32],
    pub(super) act: Act,
}

pub(super) enum Act {
    Claim(Token, Duration, Reply<Claim>),
    Renew(Token, Duration, Reply<Renewal>),
    Commit(Bytes, Duration, Reply<()>),
    Release(Token, Reply<()>),
    Look(Reply<StoredState>),
    Forget(Reply<StoredState>),
}

pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;
