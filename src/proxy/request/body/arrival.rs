//! Waiting for the pieces of a body, within limits.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::budget::Share;
use super::pace::Pace;
use crate::config::{ClientAddress, ClientTimeouts};
use crate::judge::Fault;
use crate::proxy::at_once::at_once;
use crate::proxy::limits::{Slot, Stall, Stalled, StalledBodies, Standing};

/// A body of which nothing has arrived for this long makes room when requests in flight or the
/// memory for bodies run out.
const QUIET: Duration = Duration::from_secs(1);

/// Its connection also makes room when connections run out. If no callback of the connection was
/// verified yet, that time counts from when the connection was accepted, instead of starting again
/// with every request or piece.
const STALLED: Duration = Duration::from_secs(3);

/// A body that has been waited for no longer than this is closed after others that arrive in
/// pieces.
const YOUNG: Duration = Duration::from_secs(1);

/// Waits for the pieces of a body. Available data costs nothing: clocks are read and others
/// notified only when there is something to wait for.
pub(super) struct Arrival<'a> {
    timeouts: &'a ClientTimeouts,
    bodies: &'a Arc<StalledBodies>,
    slot: &'a Arc<Slot>,
    client: ClientAddress,
    /// When a connection with other requests makes room, it ends them all by itself.
    is_shared: bool,
    /// Its entry among those that were waited for, while it has not stalled.
    coming: Option<Stalled>,
    /// Until when it counts as new, from when it was first waited for.
    young_until: Option<Instant>,
    is_young: bool,
    /// When it was first waited for.
    pace: Option<Pace>,
    /// When the last piece that had to be waited for arrived.
    last: Option<Instant>,
}

impl<'a> Arrival<'a> {
    pub(in crate::proxy) fn new(
        timeouts: &'a ClientTimeouts,
        bodies: &'a Arc<StalledBodies>,
        slot: &'a Arc<Slot>,
        client: ClientAddress,
        is_shared: bool,
    ) -> Self {
        Self {
            timeouts,
            bodies,
            slot,
            client,
            is_shared,
            coming: None,
            young_until: None,
            is_young: true,
            pace: None,
            last: None,
        }
    }

    /// Records received bytes.
    pub(in crate::proxy) fn received(&mut self, bytes: usize) {
        if let (Some(pace), Some(last)) = (&mut self.pace, self.last) {
            pace.received(bytes, last);
        }
    }

    /// The next piece of a body with this share of the memory.
    ///
    /// # Errors
    /// If it takes too long, or the body has to make room.
    pub(in crate::proxy) async fn of<T>(
        &mut self,
        mut piece: Pin<&mut impl Future<Output = T>>,
        share: &mut Share,
    ) -> Result<T, Fault> {
        match at_once(piece.as_mut()).await {
            Some(piece) => Ok(piece),
            None => self.wait(piece, share).await,
        }
    }

    async fn wait<T>(
        &mut self,
        mut piece: Pin<&mut impl Future<Output = T>>,
        share: &mut Share,
    ) -> Result<T, Fault> {
        let since = Instant::now();
        let after = |time: Duration| since.checked_add(time).unwrap_or(since);
        let timeouts = self.timeouts;
        let begin = || Pace::new(since, after(timeouts.body), timeouts);
        let pace = self.pace.get_or_insert_with(begin);
        let young_until = *self.young_until.get_or_insert_with(|| after(YOUNG));
        let is_old = young_until <= since;
        if self.coming.is_none() || (self.is_young && is_old) {
            self.is_young = !is_old;
            let standing = Standing::new(self.is_young, self.slot.useless_since().is_none());
            self.coming = Some(self.bodies.add_coming(self.client, standing));
        }
        let useless = self.slot.useless_since().map_or(since, Instant::from_std);
        let stalls = useless.checked_add(STALLED).unwrap_or(since);
        let mut quiet: Option<Stalled> = None;
        let mut stalled: Option<Stall> = (stalls <= since).then(|| self.slot.stall());
        loop {
            let deadline = pace.deadline();
            let quiets = quiet.is_none().then(|| after(QUIET));
            let stalls = stalled.is_none().then_some(stalls);
            let next = quiets.into_iter().chain(stalls).min().unwrap_or(deadline);
            let may_leave = stalled.is_some() && !self.is_shared;
            let body_must_leave = async {
                match quiet.as_mut().or(self.coming.as_mut()) {
                    Some(place) => place.must_leave().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                piece = piece.as_mut() => {
                    self.last = Some(Instant::now());
                    return Ok(piece);
                }
                leaving = body_must_leave => {
                    share.leave(leaving);
                    return Err(Fault::BodyTimeout);
                }
                () = self.slot.must_leave(), if may_leave => return Err(Fault::BodyTimeout),
                () = sleep_until(next.min(deadline)) => {}
            }
            if deadline <= next {
                if !pace.is_forgiven(Instant::now()) {
                    return Err(Fault::BodyTimeout);
                }
            } else if quiets == Some(next) {
                self.coming = None;
                quiet = Some(self.bodies.add(share.held()));
            } else {
                stalled = Some(self.slot.stall());
            }
        }
    }
}
