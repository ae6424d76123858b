//! The reader of an answer, and how long it may occupy its room.

use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio::time::timeout;

use crate::proxy::at_once::at_once;
use crate::proxy::limits::{NOT_TAKEN, Slot, StalledBodies};

/// The reader of an answer.
#[derive(Clone, Copy)]
pub(in crate::proxy) struct Taker<'c> {
    /// The client's connection.
    pub(in crate::proxy) slot: &'c Arc<Slot>,
    /// The requests that wait for their clients.
    pub(in crate::proxy) waiting: &'c Arc<StalledBodies>,
}

impl Taker<'_> {
    /// Waits until the client has read a part of an answer. `None` if it read nothing for a while
    /// and another connection or request needs the room.
    pub(in crate::proxy) async fn until_taken<T>(
        self,
        part: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        let mut taken = pin!(self.slot.until_taken(part));
        // Nearly every answer is read at once.
        if let Some(taken) = at_once(taken.as_mut()).await {
            return taken;
        }
        if let Ok(taken) = timeout(NOT_TAKEN, taken.as_mut()).await {
            return taken;
        }
        let mut place = self.waiting.add_answer();
        tokio::select! {
            biased;
            taken = taken => taken,
            _leaving = place.must_leave() => None,
        }
    }
}
