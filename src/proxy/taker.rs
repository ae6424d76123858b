//! Who takes an answer, and for how long others can do without the room that it holds.

use std::pin::pin;
use std::sync::Arc;

use tokio::time::timeout;

use super::at_once::at_once;
use super::limits::{NOT_TAKEN, Seat, StalledBodies};

/// Who takes an answer.
#[derive(Clone, Copy)]
pub(super) struct Taker<'c> {
    /// Of the client's connection.
    pub(super) seat: &'c Arc<Seat>,
    /// The requests that wait for their clients.
    pub(super) waiting: &'c Arc<StalledBodies>,
}

impl Taker<'_> {
    /// Waits until the client has taken a part of an answer. `None` if it took none for a while, and
    /// another connection or request needs the room.
    pub(super) async fn until_taken<T>(self, part: impl Future<Output = T>) -> Option<T> {
        let mut taken = pin!(self.seat.until_taken(part));
        // Nearly every answer is taken at once.
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
