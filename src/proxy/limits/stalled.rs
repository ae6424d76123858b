//! Bodies of which nothing comes any more, so that they make room for other requests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The bodies of which nothing has come for a while, in the order in which they came to be so. Only
/// those are here, and whoever needs room; so a request takes no lock for it.
#[derive(Debug, Default)]
pub(in crate::proxy) struct StalledBodies {
    list: Mutex<List>,
    /// Bodies that were told to make room, and are not gone yet.
    leaving: AtomicUsize,
    /// What they hold.
    leaving_bytes: AtomicUsize,
}

#[derive(Debug, Default)]
struct List {
    next: u64,
    bodies: BTreeMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    bytes: usize,
    tell: oneshot::Sender<Leaving>,
}

/// A body's place among them; given up when dropped.
#[derive(Debug)]
pub(in crate::proxy) struct Stalled {
    bodies: Arc<StalledBodies>,
    key: u64,
    told: oneshot::Receiver<Leaving>,
}

/// A body was told to make room: what it holds is taken as free already. Dropped once it is.
#[derive(Debug)]
pub(in crate::proxy) struct Leaving {
    bodies: Arc<StalledBodies>,
    bytes: usize,
}

impl StalledBodies {
    /// Adds a body that holds so many bytes.
    pub(in crate::proxy) fn add(self: &Arc<Self>, bytes: usize) -> Stalled {
        let (tell, told) = oneshot::channel();
        let mut list = self.list();
        let key = list.next;
        list.next = key.wrapping_add(1);
        list.bodies.insert(key, Entry { bytes, tell });
        drop(list);
        Stalled {
            bodies: Arc::clone(self),
            key,
            told,
        }
    }

    /// Tells the body that has stalled for longest to make room; `false` if there is none.
    pub(in crate::proxy) fn make_room(self: &Arc<Self>) -> bool {
        loop {
            // Its own statement, so that the lock is free again.
            let first = self.list().bodies.pop_first();
            let Some((_, Entry { bytes, tell })) = first else {
                return false;
            };
            self.leaving.fetch_add(1, Ordering::Relaxed);
            self.leaving_bytes.fetch_add(bytes, Ordering::Relaxed);
            let leaving = Leaving {
                bodies: Arc::clone(self),
                bytes,
            };
            // Of one that goes on just now, the word comes back.
            if tell.send(leaving).is_ok() {
                return true;
            }
        }
    }

    /// How many were told to make room and are not gone yet.
    pub(in crate::proxy) fn leaving(&self) -> usize {
        self.leaving.load(Ordering::Relaxed)
    }

    /// How many bytes those hold.
    pub(in crate::proxy) fn leaving_bytes(&self) -> usize {
        self.leaving_bytes.load(Ordering::Relaxed)
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stalled {
    /// Returns once the body has to make room.
    pub(in crate::proxy) async fn must_leave(&mut self) -> Leaving {
        match (&mut self.told).await {
            Ok(leaving) => leaving,
            // Nobody drops the sender without a word.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Stalled {
    fn drop(&mut self) {
        self.bodies.list().bodies.remove(&self.key);
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.bodies.leaving.fetch_sub(1, Ordering::Relaxed);
        let bytes = self.bytes;
        self.bodies
            .leaving_bytes
            .fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_one_that_stalled_first_makes_room_and_none_that_goes_on() {
        let bodies = Arc::new(StalledBodies::default());
        assert!(!bodies.make_room());
        let mut first = bodies.add(10);
        let goes_on = bodies.add(100);
        let mut last = bodies.add(1);
        assert!(bodies.make_room());
        let leaving = first.must_leave().await;
        drop(goes_on);
        assert!(bodies.make_room());
        let also = last.must_leave().await;
        assert!(!bodies.make_room());
        assert_eq!((bodies.leaving(), bodies.leaving_bytes()), (2, 11));
        drop((leaving, also));
        assert_eq!((bodies.leaving(), bodies.leaving_bytes()), (0, 0));
        // A word that nobody hears any more leaves nothing behind, either.
        let stalled = bodies.add(7);
        assert!(bodies.make_room());
        drop(stalled);
        assert_eq!((bodies.leaving(), bodies.leaving_bytes()), (0, 0));
    }
}
