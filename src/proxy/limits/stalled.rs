//! Requests that wait for their client, so that they can make room for others.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::coming::Coming;
use super::rate::client_key;
use crate::config::ClientAddress;

/// The requests that wait for their client: to send a piece of a body, or to read an answer. Only
/// those, and whoever needs room, use this; so a request whose body arrived with its header takes
/// no lock for it.
#[derive(Debug, Default)]
pub(in crate::proxy) struct StalledBodies {
    list: Mutex<List>,
    /// Those that were asked to make room, and are not gone yet.
    leaving: AtomicUsize,
    /// The bytes that they hold.
    leaving_bytes: AtomicUsize,
}

#[derive(Debug, Default)]
struct List {
    next: u64,
    /// Bodies of which nothing has arrived for a while, oldest stall first.
    bodies: BTreeMap<u64, StalledEntry>,
    /// All other bodies that were waited for, by their standing.
    coming: [Coming<Tell>; Standing::COUNT],
    /// Refusals that the client has not read.
    refusals: BTreeMap<u64, Tell>,
    /// All other answers of which the client has read nothing for a while.
    answers: BTreeMap<u64, Tell>,
}

type Tell = oneshot::Sender<Leaving>;

#[derive(Debug)]
struct StalledEntry {
    bytes: usize,
    tell: Tell,
}

/// The standing of a body that arrives in pieces: those of the first kind make room before all
/// others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proxy) enum Standing {
    /// Poor: it has been waited for for a while, on a connection without a verified callback.
    Old,
    /// The connection had a callback verified.
    OldProven,
    /// It has only just started, like a genuine one that is late by a round trip.
    Young,
    YoungProven,
}

impl Standing {
    const COUNT: usize = 4;

    pub(in crate::proxy) const fn new(is_young: bool, is_proven: bool) -> Self {
        match (is_young, is_proven) {
            (false, false) => Self::Old,
            (false, true) => Self::OldProven,
            (true, false) => Self::Young,
            (true, true) => Self::YoungProven,
        }
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug)]
enum WaitKind {
    Stalled,
    /// By this client.
    Coming(u64, Standing),
    Refusal,
    Answer,
}

/// A request's entry; removed on drop.
#[derive(Debug)]
pub(in crate::proxy) struct Stalled {
    bodies: Arc<StalledBodies>,
    key: u64,
    kind: WaitKind,
    told: oneshot::Receiver<Leaving>,
}

/// A request was asked to make room: what it holds already counts as free. Dropped once it is.
#[derive(Debug)]
pub(in crate::proxy) struct Leaving {
    bodies: Arc<StalledBodies>,
    bytes: usize,
}

impl StalledBodies {
    /// Adds a body of which nothing has arrived for a while, and that holds this many bytes.
    pub(in crate::proxy) fn add(self: &Arc<Self>, bytes: usize) -> Stalled {
        self.place(WaitKind::Stalled, |list, key, tell| {
            list.bodies.insert(key, StalledEntry { bytes, tell });
        })
    }

    /// Adds a body that a client sends in pieces.
    pub(in crate::proxy) fn add_coming(
        self: &Arc<Self>,
        client: ClientAddress,
        standing: Standing,
    ) -> Stalled {
        let client = client_key(client);
        self.place(WaitKind::Coming(client, standing), |list, key, tell| {
            if let Some(coming) = list.coming.get_mut(standing as usize) {
                coming.insert(key, client, tell);
            }
        })
    }

    /// Adds a refusal that the client has not read yet.
    pub(in crate::proxy) fn add_refusal(self: &Arc<Self>) -> Stalled {
        self.place(WaitKind::Refusal, |list, key, tell| {
            list.refusals.insert(key, tell);
        })
    }

    /// Adds an answer to a callback of which the client has read nothing for a while.
    pub(in crate::proxy) fn add_answer(self: &Arc<Self>) -> Stalled {
        self.place(WaitKind::Answer, |list, key, tell| {
            list.answers.insert(key, tell);
        })
    }

    fn place(self: &Arc<Self>, kind: WaitKind, add: impl FnOnce(&mut List, u64, Tell)) -> Stalled {
        let (tell, told) = oneshot::channel();
        let mut list = self.list();
        let key = list.next;
        list.next = key.wrapping_add(1);
        add(&mut list, key, tell);
        drop(list);
        Stalled {
            bodies: Arc::clone(self),
            key,
            kind,
            told,
        }
    }

    /// Asks the body that has stalled for longest to make room; `false` if there is none.
    pub(in crate::proxy) fn make_room(self: &Arc<Self>) -> bool {
        self.tell_one(|list| {
            let (_, StalledEntry { bytes, tell }) = list.bodies.pop_first()?;
            Some((bytes, tell))
        })
    }

    /// Asks a request to make room for another one; `false` if none can. Unread refusals, which are
    /// no longer useful, go first, then stalled bodies, then answers. Of the bodies that are being
    /// received, one goes if they are more than `most`.
    pub(super) fn make_room_for_request(self: &Arc<Self>, most: usize) -> bool {
        self.tell_one(|list| {
            if let Some((_, tell)) = list.refusals.pop_first() {
                return Some((0, tell));
            }
            if let Some((_, StalledEntry { bytes, tell })) = list.bodies.pop_first() {
                return Some((bytes, tell));
            }
            if let Some((_, tell)) = list.answers.pop_first() {
                return Some((0, tell));
            }
            let coming = list.coming.iter().map(Coming::total);
            let is_above = coming.fold(0, usize::saturating_add) > most;
            let mut coming = list.coming.iter_mut().filter(|_| is_above);
            coming.find_map(Coming::pop).map(|tell| (0, tell))
        })
    }

    /// Asks the given requests, each of which holds this many bytes, until one receives it.
    fn tell_one(
        self: &Arc<Self>,
        mut take: impl FnMut(&mut List) -> Option<(usize, Tell)>,
    ) -> bool {
        loop {
            // A statement of its own, so that the lock is released.
            let first = take(&mut self.list());
            let Some((bytes, tell)) = first else {
                return false;
            };
            self.leaving.fetch_add(1, Ordering::Relaxed);
            self.leaving_bytes.fetch_add(bytes, Ordering::Relaxed);
            let leaving = Leaving {
                bodies: Arc::clone(self),
                bytes,
            };
            // If the request continues just now, sending fails.
            if tell.send(leaving).is_ok() {
                return true;
            }
        }
    }

    /// How many were asked to make room and are not gone yet.
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
    /// Returns once the request has to make room.
    pub(in crate::proxy) async fn must_leave(&mut self) -> Leaving {
        match (&mut self.told).await {
            Ok(leaving) => leaving,
            // The sender is never dropped without sending.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Stalled {
    fn drop(&mut self) {
        let mut list = self.bodies.list();
        match self.kind {
            WaitKind::Stalled => drop(list.bodies.remove(&self.key)),
            WaitKind::Coming(client, standing) => {
                if let Some(coming) = list.coming.get_mut(standing as usize) {
                    coming.remove(self.key, client);
                }
            }
            WaitKind::Refusal => drop(list.refusals.remove(&self.key)),
            WaitKind::Answer => drop(list.answers.remove(&self.key)),
        }
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
    async fn the_first_stalled_body_makes_room_and_no_active_one_does() {
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

    #[test]
    fn unread_refusals_make_room_first_then_stalled_bodies_then_answers_then_excess_bodies() {
        let bodies = Arc::new(StalledBodies::default());
        let client = |last: u8| ClientAddress::Ip([192, 0, 2, last].into());
        let mut other = bodies.add_coming(client(1), Standing::Old);
        let mut coming = [2, 2].map(|last| bodies.add_coming(client(last), Standing::Old));
        let mut answer = bodies.add_answer();
        let mut stalled = bodies.add(1);
        let mut refusal = bodies.add_refusal();
        let told = |place: &mut Stalled| {
            assert!(bodies.make_room_for_request(2));
            place.told.try_recv().is_ok()
        };
        assert!(told(&mut refusal));
        assert!(told(&mut stalled));
        assert!(told(&mut answer));
        assert!(told(&mut coming[0]));
        assert!(!bodies.make_room_for_request(2) && !bodies.make_room());
        assert!(other.told.try_recv().is_err());
        drop((other, coming));
        assert!(!bodies.make_room_for_request(0));
    }

    #[test]
    fn new_bodies_and_those_of_verified_connections_make_room_last() {
        let bodies = Arc::new(StalledBodies::default());
        let client = ClientAddress::Ip([192, 0, 2, 1].into());
        let other = ClientAddress::Ip([192, 0, 2, 2].into());
        let add = |client, is_young, is_proven| {
            bodies.add_coming(client, Standing::new(is_young, is_proven))
        };
        let mut in_order = [
            add(other, false, false),
            add(client, false, true),
            add(client, true, false),
            add(client, true, true),
        ];
        for place in &mut in_order {
            assert!(bodies.make_room_for_request(0));
            assert!(place.told.try_recv().is_ok());
        }
        assert!(!bodies.make_room_for_request(0));
    }
}
