//! The stores under one suite: what a harness needs of each.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign::once::{Identity, Limits, Memory, Store};

/// A store in the hands of a test.
#[async_trait]
pub(crate) trait Bench: Send + Sync {
    /// The store as a proxy has it; each call gives what another proxy would have.
    fn store(&self) -> Arc<dyn Store>;

    /// Lets the lease of a claim run out.
    async fn expire_lease(&self, id: &Identity, lease: Duration);
}

/// The memory store, under tokio's paused clock.
pub(crate) struct InMemory(Arc<Memory>);

impl InMemory {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Memory::new(Limits::default())))
    }
}

#[async_trait]
impl Bench for InMemory {
    fn store(&self) -> Arc<dyn Store> {
        Arc::<Memory>::clone(&self.0)
    }

    async fn expire_lease(&self, _: &Identity, lease: Duration) {
        tokio::time::advance(lease).await;
    }
}
